"""A programme is written by one, approved by another, published once, and never changes after that."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.rebates.decide_programme import recall_programme, reject_programme
from portal.rebates.documents import terms_of
from portal.rebates.draft_programme import edit_programme
from portal.rebates.models import RebateProgramme
from portal.rebates.publish_programme import withdraw_programme
from portal.rebates.rules import Basis, OnTimeMode
from portal.rebates.term_faults import term_faults
from portal.rebates.terms import (
    AmendmentTerms,
    GradeTerms,
    GrowthTerms,
    MixTerms,
    OnTimeTerms,
    PayoutTerms,
    TierTerms,
)
from tests import cast
from tests.races import failures, together
from tests.rebates.acts import (
    AUTHOR,
    COLLEAGUE,
    MONTH_BEGINS,
    MONTH_ENDS,
    approve,
    as_staff,
    draft,
    percents,
    publish,
    published,
    submit,
    terms,
)

AFTER = MONTH_ENDS + timedelta(days=1)
EVERYTHING = {
    "skus": (cast.gloves.sku,),
    "dealers": (cast.huadong.code,),
    "payout": PayoutTerms(Basis.AMOUNT_NET, skus=(cast.gauze.sku,)),
    "growth": GrowthTerms(base_at_least=D("1000.00")),
    "mix": MixTerms(D("20"), skus=(cast.gauze.sku,), factor=D("0.5")),
    "on_time": OnTimeTerms(OnTimeMode.GRADED, 3, (GradeTerms(15, D(100)), GradeTerms(30, D(80)))),
    "returns_at_most": D("3.5"),
    "inventory_reports": 5,
    "no_diversion_case": True,
    "multiplier": D("1.2"),
    "cap": D("500.00"),
    "guaranteed": D("10.00"),
    "minimum_payout": D("5.00"),
    "budget": D("10000.00"),
    "tiers_of": percents(("10", "1"), ("20.5", "2.25")),
    "amendments": (AmendmentTerms(MONTH_BEGINS + timedelta(days=10), percents(("10", "3"))),),
}


def row(owner, programme: int):
    return owner.execute(text("SELECT * FROM rebate_programme WHERE id = :id"), {"id": programme}).one()


def edit(database, programme: int, revision: int = 1, person=AUTHOR, **said) -> int:
    return as_staff(
        database,
        person,
        lambda session, actor: edit_programme(
            session, actor=actor, programme_id=programme, revision=revision, terms=terms(**said)
        ),
    )


def withdraw(database, programme: int, person=COLLEAGUE, at=cast.NOW) -> None:
    as_staff(
        database,
        person,
        lambda session, actor: withdraw_programme(
            session, actor=actor, programme_id=programme, reason="agreed otherwise", zone=cast.ZONE, at=at
        ),
    )


@pytest.mark.parametrize("said", [{}, EVERYTHING], ids=["little", "everything"])
def test_what_was_written_is_read_again(database, said):
    programme, _ = draft(database, **said)
    with database.staff_session(AUTHOR.actor()) as session:
        assert terms_of(session.get(RebateProgramme, programme)) == terms(**said)


def test_from_the_draft_to_the_end(database, owner):
    programme, number = draft(database)
    assert number.startswith("FL")
    assert (submit(database, programme), approve(database, programme)) == (2, 3)
    publish(database, programme)
    found = row(owner, programme)
    assert (found.state, found.revision, found.approved_by) == ("published", 4, COLLEAGUE.actor().key)
    with pytest.raises(Forbidden):
        withdraw(database, programme, AUTHOR)
    withdraw(database, programme)
    found = row(owner, programme)
    assert (found.state, found.ended_on) == ("withdrawn", cast.TODAY - timedelta(days=1))
    acts = owner.execute(
        text("SELECT action FROM audit_event WHERE subject = :number ORDER BY id"), {"number": number}
    ).scalars()
    assert list(acts) == [
        f"rebate_programme:{act}" for act in ("drafted", "submitted", "approved", "published", "withdrawn")
    ]


def test_nobody_who_had_a_hand_in_it_approves_it(database):
    programme, _ = draft(database)
    edit(database, programme, person=COLLEAGUE)
    submit(database, programme, 2, person=AUTHOR)
    for hand in (AUTHOR, COLLEAGUE):
        with pytest.raises(Forbidden):
            approve(database, programme, 3, person=hand)
    assert approve(database, programme, 3, person=cast.hq_finance) == 4


def test_who_may_not_write_or_see_it(database):
    for stranger in (cast.order_desk, cast.quality, cast.hq_finance):
        with pytest.raises(Forbidden):
            draft(database, person=stranger)
    programme, _ = draft(database)
    with pytest.raises(NotFound):
        edit(database, programme, person=cast.south_manager)
    with pytest.raises(Invalid) as refusal:
        draft(database, person=cast.south_manager)
    assert [fault.code for fault in refusal.value.faults] == ["outside_region"]


def test_two_managers_never_overwrite_each_other(database, owner):
    programme, _ = draft(database)

    def change(place: int) -> None:
        edit(database, programme, title_en=f"Title {place}")

    [refusal] = failures(together(2, change))
    assert isinstance(refusal, Conflict) and refusal.code == "edited_meanwhile"
    assert row(owner, programme).revision == 2


def test_of_two_approvals_at_once_one_counts(database, owner):
    programme, _ = draft(database)
    submit(database, programme)
    people = (COLLEAGUE, cast.hq_finance)
    [refusal] = failures(together(2, lambda place: approve(database, programme, person=people[place])))
    assert isinstance(refusal, Conflict)
    assert row(owner, programme).revision == 3


@pytest.mark.parametrize("back", ["rejected", "recalled"])
def test_what_comes_back_is_a_draft_whose_approval_is_void(database, owner, back):
    programme, _ = draft(database)
    submit(database, programme)
    how = {"programme_id": programme, "revision": 2, "reason": "too dear"}
    person, verb = (COLLEAGUE, reject_programme) if back == "rejected" else (AUTHOR, recall_programme)
    as_staff(database, person, lambda session, actor: verb(session, actor=actor, **how))
    found = row(owner, programme)
    assert (found.state, found.reason, found.submitted_at, found.approved_by) == (
        "draft",
        "too dear",
        None,
        None,
    )
    with pytest.raises(Conflict):
        publish(database, programme, found.revision)


def test_a_published_programme_stands_even_against_sql(database, owner):
    programme, _ = published(database)
    with pytest.raises(DBAPIError, match="never changes"):
        owner.execute(text("UPDATE rebate_programme SET priority = 2 WHERE id = :id"), {"id": programme})
    with pytest.raises(DBAPIError, match="never changes"):
        owner.execute(text("DELETE FROM rebate_programme WHERE id = :id"), {"id": programme})
    with pytest.raises(Conflict):
        edit(database, programme, 4)


def test_a_programme_that_is_over_is_not_withdrawn(database):
    programme, _ = published(
        database, valid_from=MONTH_BEGINS - timedelta(days=60), valid_to=MONTH_BEGINS - timedelta(days=31)
    )
    with pytest.raises(Conflict) as refusal:
        withdraw(database, programme)
    assert refusal.value.code == "over"


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        ({"title_zh": " ", "title_en": "x" * 121}, {"/title_zh", "/title_en"}),
        ({"valid_to": MONTH_BEGINS - timedelta(days=1)}, {"/valid_to"}),
        ({"valid_from": None}, {"/valid_from"}),
        ({"tiers_of": ()}, {"/tiers_of"}),
        ({"tiers_of": percents(("5", "1"), ("5", "2"))}, {"/tiers_of/1/from"}),
        ({"tiers_of": percents(("5", "1"), ("4.99", "2"))}, {"/tiers_of/1/from"}),
        ({"tiers_of": percents(("-1", "1"))}, {"/tiers_of/0/from"}),
        ({"tiers_of": percents(("0", "100.01"))}, {"/tiers_of/0/percent"}),
        ({"tiers_of": (TierTerms(D(0)),)}, {"/tiers_of/0/percent"}),
        ({"tiers_of": (TierTerms(D(0), D(1), fixed=D(5)),)}, {"/tiers_of/0/percent"}),
        ({"basis": Basis.QUANTITY}, {"/tiers_of/0/percent"}),
        ({"basis": Basis.QUANTITY, "payout": PayoutTerms(Basis.AMOUNT)}, set()),
        ({"basis": Basis.QUANTITY, "tiers_of": (TierTerms(D("1.5"), fixed=D(5)),)}, {"/tiers_of/0/from"}),
        ({"skus": (cast.gloves.sku,), "category": "X"}, {"/category"}),
        ({"mix": MixTerms(D("101"))}, {"/mix/at_least", "/mix/category"}),
        ({"mix": MixTerms(D("1"), "X", factor=D(1))}, {"/mix/factor"}),
        ({"returns_at_most": D("-0.01")}, {"/returns_at_most"}),
        ({"inventory_reports": 0}, {"/inventory_reports"}),
        ({"inventory_reports": 29}, {"/inventory_reports"}),
        ({"multiplier": D(0)}, {"/multiplier"}),
        ({"cap": D(5), "guaranteed": D(6)}, {"/guaranteed"}),
        ({"budget": D(0), "minimum_payout": D(-1)}, {"/budget", "/minimum_payout"}),
        ({"priority": 0}, {"/priority"}),
        ({"on_time": OnTimeTerms(OnTimeMode.GRADED)}, {"/on_time/grades"}),
        ({"on_time": OnTimeTerms(OnTimeMode.ALL, 366)}, {"/on_time/grace_days"}),
        (
            {"on_time": OnTimeTerms(OnTimeMode.GRADED, 0, (GradeTerms(30, D(80)), GradeTerms(15, D(101))))},
            {"/on_time/grades/1/days", "/on_time/grades/1/pays"},
        ),
        (
            {"amendments": (AmendmentTerms(MONTH_ENDS + timedelta(days=1), percents(("0", "1"))),)},
            {"/amendments/0/from"},
        ),
        ({"amendments": (AmendmentTerms(MONTH_ENDS, ()),)}, {"/amendments/0/tiers_of"}),
        ({"growth": GrowthTerms(base_at_least=D(0))}, {"/growth/base_at_least"}),
        ({"skus": ("X",) * 1001}, {"/skus"}),
    ],
)
def test_every_fault_is_told_beside_its_field(said, faults):
    assert {fault.pointer for fault in term_faults(terms(**said))} == faults


def test_names_that_nobody_has_are_told_beside_their_place(database):
    with pytest.raises(Invalid) as refusal:
        draft(
            database,
            regions=("east", "atlantis"),
            tiers=("Z",),
            dealers=("NOBODY",),
            skus=(cast.gloves.sku, "NONE"),
            mix=MixTerms(D(5), "NO-LINE"),
        )
    assert {fault.pointer for fault in refusal.value.faults} == {
        *("/regions/1", "/tiers/0", "/dealers/0", "/skus/1", "/mix/category")
    }
