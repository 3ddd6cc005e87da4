"""Quality proposes, another of quality approves, and nothing shows before."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.catalogue.change_life import LIFE
from portal.catalogue.decide_change import approve_changes
from portal.catalogue.identify import identify
from portal.catalogue.product_fields import Package, PackageLevel
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.catalogue import acts
from tests.catalogue.acts import PUMP
from tests.races import failures, together

DIAGRAM = Path(__file__).parents[2] / "docs" / "catalogue.md"
PACKED = replace(
    PUMP,
    inner_gtin="16901234520009",
    inner_units=10,
    case_gtin="26901234520006",
    case_units=100,
    pack_multiple=10,
)


def test_the_diagram_is_the_code():
    [chart] = re.findall(r"```mermaid\n(.*?)```", DIAGRAM.read_text(encoding="utf-8"), re.DOTALL)
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)", chart, re.MULTILINE))
    assert drawn == {(str(start), str(end)) for (start, _), end in LIFE.items()}


def state_of(owner, number) -> tuple[str, str]:
    row = owner.execute(
        text("SELECT state, reason FROM product_change WHERE number = :number"), {"number": number}
    ).one()
    return row.state, row.reason


def test_a_new_product_is_nowhere_until_another_has_approved_it(database, owner):
    number = acts.submitted(database)
    assert acts.kept(database, "PUMP") is None
    acts.approved(database, number)
    assert acts.kept(database, "PUMP") is None
    assert acts.entered(database, number)
    assert acts.kept(database, "PUMP") == PUMP
    assert state_of(owner, number) == ("in_force", "")
    with database.session_for(cast.quality.actor()) as session:
        assert identify(session, ["06901234520002"])["06901234520002"].sku == "PUMP"


def test_what_is_in_force_changes_with_its_packages_and_its_search_keys(database, owner):
    acts.changed(database, fields=PACKED)
    assert acts.kept(database, "PUMP").packages() == (
        Package(PackageLevel.INNER, "16901234520009", 10),
        Package(PackageLevel.CASE, "26901234520006", 100),
    )
    renamed = replace(PACKED, name_zh="注射泵 MK-30", generic_name="注射泵", case_gtin="", case_units=None)
    acts.changed(database, fields=renamed)
    assert acts.kept(database, "PUMP") == renamed
    row = owner.execute(text("SELECT pinyin, syllables, search_text FROM product WHERE sku = 'PUMP'")).one()
    assert row.pinyin.startswith("zhushebeng") and row.syllables == "zhu she beng"
    assert "输液泵" not in row.search_text and "明康" in row.search_text


@pytest.mark.parametrize(
    "by", [cast.order_desk, cast.national_manager, cast.administrator, cast.huadong.boss]
)
def test_only_quality_proposes(database, by):
    with pytest.raises(Forbidden):
        acts.proposed(database, by=by)


def test_nobody_who_had_a_hand_in_it_approves_it(database, owner):
    number = acts.proposed(database, by=cast.quality_colleague)
    acts.submitted(database, fields=replace(PUMP, specification="MK-21"))
    for by in (cast.quality, cast.quality_colleague):
        with pytest.raises(Forbidden):
            acts.approved(database, number, by=by)
    assert state_of(owner, number)[0] == "submitted"


def test_what_waits_is_not_changed_and_what_is_decided_not_decided_again(database, owner):
    number = acts.submitted(database)
    with pytest.raises(Conflict):
        acts.proposed(database, fields=replace(PUMP, specification="MK-21"))
    acts.rejected(database, number, reason="The paper says MK-22.")
    assert state_of(owner, number) == ("rejected", "The paper says MK-22.")
    with pytest.raises(Conflict):
        acts.approved(database, number)
    assert acts.submitted(database, fields=replace(PUMP, specification="MK-22")) != number


def test_a_rejection_has_a_reason(database):
    number = acts.submitted(database)
    for reason in ("", "   ", "x" * 501):
        with pytest.raises(Invalid):
            acts.rejected(database, number, reason=reason)
    with pytest.raises(NotFound):
        acts.rejected(database, "PC-NONE", reason="x")


def test_a_draft_may_be_incomplete_and_is_not_submitted_so(database, owner):
    number = acts.proposed(database, fields=replace(PUMP, registration_no="", device_class=None))
    with pytest.raises(Invalid) as refusal:
        acts.submitted(database, fields=replace(PUMP, registration_no="", udi_di="06901234520003"))
    assert {(one.pointer, one.code) for one in refusal.value.faults} == {
        ("/registration_no", "required"),
        ("/udi_di", "wrong_check_digit"),
    }
    assert acts.submitted(database) == number


def test_proposing_what_is_in_force_proposes_nothing(database):
    acts.changed(database)
    with pytest.raises(Conflict):
        acts.proposed(database)


def test_a_number_that_another_product_or_its_package_has_is_refused(database):
    acts.changed(database, fields=PACKED)
    for taken in (cast.gauze.udi_di, PACKED.case_gtin, PUMP.udi_di):
        with pytest.raises(Invalid) as refusal:
            acts.submitted(database, "OTHER", replace(PUMP, udi_di=taken))
        assert [one.code for one in refusal.value.faults] == ["gtin_taken"]


def test_of_two_that_were_approved_with_one_number_the_second_is_rejected(database, owner):
    first, second = acts.submitted(database), acts.submitted(database, "OTHER")
    for number in (first, second):
        acts.approved(database, number)
    assert acts.entered(database, first) and not acts.entered(database, second)
    assert state_of(owner, second)[0] == "rejected" and "gtin_taken" in state_of(owner, second)[1]
    assert acts.kept(database, "OTHER") is None


def test_the_worker_may_come_twice(database):
    number = acts.changed(database)
    assert not acts.entered(database, number)
    assert acts.kept(database, "PUMP") == PUMP


def test_how_goods_are_managed_is_fixed_while_the_product_lives(database):
    fixed = acts.gauze(database, unit="箱", serial_controlled=True)
    with pytest.raises(Invalid) as refusal:
        acts.submitted(database, "GAUZE", fixed)
    assert {one.pointer for one in refusal.value.faults} == {"/unit", "/serial_controlled"}


def test_many_are_approved_at_once_and_those_that_may_not_are_left_out(database, owner):
    good = acts.submitted(database)
    own = acts.submitted(database, "OWN", replace(PUMP, udi_di="06901234520019"), by=cast.quality_colleague)
    draft = acts.proposed(database, "DRAFT", replace(PUMP, udi_di="06901234520026"))
    actor = cast.quality_colleague.actor()
    with transaction(database.session_for(actor)) as session:
        outcomes = approve_changes(session, actor=actor, numbers=[good, own, draft, good], **acts.moment())
    assert {one.number: one.refusal and one.refusal.code for one in outcomes} == {
        good: None,
        own: "same_person",
        draft: "not_submitted",
    }
    assert [state_of(owner, one)[0] for one in (good, own, draft)] == ["approved", "submitted", "draft"]


def test_of_two_who_propose_at_once_one_writes_and_the_other_is_told(database, owner):
    people = (cast.quality, cast.quality_colleague)

    def propose(place: int) -> None:
        acts.proposed(database, fields=replace(PUMP, specification=f"MK-{place}"), by=people[place])

    together(2, propose)
    rows = owner.execute(
        text("SELECT authors, proposed ->> 'specification' AS told FROM product_change")
    ).all()
    assert len(rows) == 1 and rows[0].told in ("MK-0", "MK-1")


def test_of_two_who_approve_at_once_one_does(database, owner):
    number = acts.submitted(database)
    outcomes = together(2, lambda _: acts.approved(database, number))
    assert [one.code for one in failures(outcomes)] == ["not_submitted"]
    assert state_of(owner, number)[0] == "approved"
    assert owner.scalar(text("SELECT count(*) FROM outbox WHERE topic = 'product.change'")) == 1


def test_of_approval_and_rejection_at_once_the_rejection_stands(database, owner):
    """What is approved can be rejected until it is in force, so only the approval may come too late."""
    number = acts.submitted(database)
    acts_of = (lambda: acts.approved(database, number), lambda: acts.rejected(database, number))
    approval, rejection = together(2, lambda place: acts_of[place]())
    assert rejection is None
    assert approval == number or (isinstance(approval, Conflict) and approval.code == "not_submitted")
    assert state_of(owner, number)[0] == "rejected"


def test_every_step_is_in_the_audit_with_what_changed(database, owner):
    acts.changed(database)
    number = acts.changed(database, fields=replace(PUMP, maker_country="CN", specification="MK-21"))
    events = owner.execute(
        text("SELECT action, actor, before, after FROM audit_event WHERE subject = 'PUMP' ORDER BY id")
    ).all()
    assert [one.action for one in events][-4:] == [
        "product:change_drafted",
        "product:change_submitted",
        "product:change_approved",
        "product:changed",
    ]
    assert events[-1].before == {"specification": "MK-20"}
    assert events[-1].after == {"specification": "MK-21", "change": number}
    assert events[-2].actor == cast.quality_colleague.actor().key


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE product SET registration_to = '2099-12-31' WHERE sku = 'GAUZE'",
        "INSERT INTO product_package (product_id, level, gtin, units)"
        " VALUES (306, 'case', '26901234520006', 9)",
    ],
)
@pytest.mark.parametrize("by", [cast.quality, cast.huadong.boss])
def test_the_database_itself_writes_no_product_without_an_approved_change(database, by, statement):
    with (
        pytest.raises(ProgrammingError, match=r"no approved change|row-level security"),
        transaction(database.session_for(by.actor())) as session,
    ):
        session.execute(text(statement))


def test_the_database_itself_lets_no_author_decide(owner, database):
    number = acts.submitted(database)
    with pytest.raises(Exception, match="another_person"):
        owner.execute(
            text(
                "UPDATE product_change SET state = 'approved', decided_by = authors[1] WHERE number = :number"
            ),
            {"number": number},
        )
