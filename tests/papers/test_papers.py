"""A dealer files a paper, quality reviews it, and what orders ask follows what was accepted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.files.acts import a_picture
from tests.papers import acts
from tests.papers.acts import NOW, TODAY, day
from tests.races import failures, together

NO = "沪浦药监械经营许20260001号"


def pointers(refusal) -> set[str]:
    return {one.pointer for one in refusal.value.faults}


def test_what_is_filed_counts_once_quality_accepted_it(given, database, owner):
    number = acts.filed(database, category_codes=("P07",))
    assert acts.licences(owner) == []
    acts.accepted(database, number)
    assert acts.licences(owner) == [(NO, 3, TODAY, day(5 * 365), None)]
    found = acts.paper(database, number)
    assert (found.state, found.decided_by_label) == ("accepted", acts.REVIEWER.display_name)
    assert [file.name for file in found.files] == ["许可证.pdf"]


def test_the_audit_tells_before_and_after(given, database, owner):
    first = acts.counting(database)
    renewal = acts.counting(database, replaces=first, valid_from=day(10), valid_to=day(2000))
    told = {
        row.action: row
        for row in owner.execute(
            text("SELECT action, before, after, reason FROM audit_event WHERE subject = :number"),
            {"number": first},
        )
    }
    replaced = told["paper:replaced"]
    assert replaced.before == {
        "state": "accepted",
        "valid_from": str(TODAY),
        "valid_to": str(day(5 * 365)),
    }
    assert replaced.after == {"state": "replaced", "ended_on": str(day(9))} and replaced.reason == renewal
    assert told["paper:accepted"].before == {"state": "filed"}


def test_a_refused_paper_counts_nowhere_and_says_why(given, database, owner):
    number = acts.filed(database)
    with pytest.raises(Invalid) as refusal:
        acts.refused(database, number, " ")
    assert pointers(refusal) == {"/reason"}
    acts.refused(database, number, "印章不清")
    found = acts.paper(database, number, acts.FILER)
    assert (found.state, found.reason) == ("refused", "印章不清") and acts.licences(owner) == []
    with pytest.raises(Conflict):
        acts.accepted(database, number)
    acts.filed(database)  # the same paper may be filed anew


def test_who_files_does_not_review(given, database):
    number = acts.filed(database)
    for person in (acts.FILER, cast.east_manager, cast.order_desk):
        with pytest.raises(Forbidden):
            acts.accepted(database, number, person, read=1)
    with pytest.raises(Forbidden):
        acts.filed(database, cast.huadong.finance, files=[])


def test_a_renewal_counts_from_its_first_day_and_the_former_until_the_day_before(given, database, owner):
    first = acts.counting(database)
    acts.counting(database, replaces=first, valid_from=day(30), valid_to=day(3000))
    assert acts.licences(owner) == [
        (NO, 3, TODAY, day(29), None),
        (NO, 3, day(30), day(3000), None),
    ]
    assert acts.paper(database, first).state == "replaced"


def test_a_renewal_of_what_was_renewed_meanwhile_is_not_accepted(given, database):
    first = acts.counting(database)
    renewals = [
        acts.filed(database, replaces=first, valid_from=day(30 + place), valid_to=day(3000))
        for place in (0, 1)
    ]
    acts.accepted(database, renewals[0])
    with pytest.raises(Conflict) as refusal:
        acts.accepted(database, renewals[1])
    assert refusal.value.code == "former_decided"


def test_a_receipt_lets_a_licence_run_on_until_somebody_decides(given, database, owner):
    licence = acts.counting(database)
    receipt = acts.counting(
        database, kind="renewal_receipt", paper_no="受理2026-1", replaces=licence, valid_to=None
    )
    assert acts.licences(owner) == [(NO, 3, TODAY, day(5 * 365), TODAY)]
    acts.revoked(database, receipt, TODAY, "未予延续")
    assert acts.licences(owner) == [(NO, 3, TODAY, day(5 * 365), None)]
    again = acts.counting(
        database, kind="renewal_receipt", paper_no="受理2026-2", replaces=licence, valid_to=None
    )
    acts.counting(database, replaces=licence, valid_from=day(100), valid_to=day(3000))
    assert acts.licences(owner) == [(NO, 3, TODAY, day(99), None), (NO, 3, day(100), day(3000), None)]
    assert acts.paper(database, again).state == "replaced"


def test_a_revoked_paper_counts_until_its_last_day(given, database, owner):
    number = acts.counting(database)
    for ends, wrong in ((TODAY - timedelta(days=2), "/ended_on"), (day(5 * 365), "/ended_on")):
        with pytest.raises(Invalid) as refusal:
            acts.revoked(database, number, ends)
        assert pointers(refusal) == {wrong}
    acts.revoked(database, number, day(3))
    assert acts.licences(owner) == [(NO, 3, TODAY, day(3), None)]
    other = acts.counting(database, paper_no="沪浦药监械经营许20260002号")
    acts.revoked(database, other, TODAY - timedelta(days=1))
    assert len(acts.licences(owner)) == 1, "what ends before it began never counted"


def test_the_same_paper_is_filed_once(given, database, owner):
    scans = [acts.uploaded(database) for _ in range(3)]
    outcomes = together(3, lambda place: acts.filed(database, files=[scans[place]]))
    assert [one.code for one in failures(outcomes)] == ["paper_filed"] * 2
    assert owner.scalar(text("SELECT count(*) FROM dealer_paper")) == 1


def test_two_reviewers_decide_once(given, database, owner):
    number = acts.filed(database)
    people = (acts.REVIEWER, acts.COLLEAGUE, acts.REVIEWER)
    outcomes = together(
        3,
        lambda place: (
            acts.refused(database, number, person=people[place])
            if place == 2
            else acts.accepted(database, number, people[place], read=1)
        ),
    )
    assert [type(one).__name__ for one in failures(outcomes)] == ["Conflict", "Conflict"]
    assert acts.paper(database, number).state in ("accepted", "refused")


def test_two_renewals_accepted_at_once_leave_one(given, database, owner):
    first = acts.counting(database)
    renewals = [
        acts.filed(database, replaces=first, valid_from=day(30 + place), valid_to=day(3000))
        for place in (0, 1)
    ]
    outcomes = together(
        2,
        lambda place: acts.accepted(
            database, renewals[place], (acts.REVIEWER, acts.COLLEAGUE)[place], read=1
        ),
    )
    assert [one.code for one in failures(outcomes)] == ["former_decided"]
    assert len(acts.licences(owner)) == 2


def test_only_what_waits_is_withdrawn_and_by_its_dealer(given, database):
    number = acts.filed(database)
    with pytest.raises(NotFound):
        acts.withdrawn(database, number, cast.yuegang.boss)
    acts.withdrawn(database, number)
    with pytest.raises(Conflict):
        acts.accepted(database, number)


def test_a_rival_and_a_manager_of_other_regions_see_nothing(given, database):
    number = acts.filed(database)
    for person in (cast.yuegang.boss, cast.suzhou.boss, cast.south_manager):
        with pytest.raises(NotFound):
            acts.paper(database, number, person)
    assert acts.paper(database, number, cast.east_manager).number == number


def test_a_scan_is_needed_and_is_a_pdf_or_a_picture(given, database):
    with pytest.raises(Invalid) as refusal:
        acts.filed(database, files=[])
    assert pointers(refusal) == {"/file"}
    with pytest.raises(Invalid) as refusal:
        acts.filed(database, files=[acts.uploaded(database, name="a.csv", content=b"a,b\n1,2\n")])
    assert pointers(refusal) == {"/file"}
    acts.filed(database, files=[acts.uploaded(database, name="扫描.jpg", content=a_picture())])


def test_every_fault_is_told_at_once(given, database):
    with pytest.raises(Invalid) as refusal:
        acts.filed(
            database, kind="licence", paper_no="", issuer="", valid_from=None, valid_to=None,
            category_codes=("X9",), replaces="ZZ-NONE", files=[],
        )  # fmt: skip
    assert pointers(refusal) == {
        "/paper_no", "/issuer", "/valid_from", "/valid_to", "/category_codes", "/replaces", "/file",
    }  # fmt: skip


def test_a_business_licence_bears_the_own_credit_code(given, database):
    for typed, code in (("91310115MA1H7N2K30", "credit_code"), ("91110000600037341L", "credit_code_other")):
        with pytest.raises(Invalid) as refusal:
            acts.filed(database, kind="business_licence", paper_no=typed, valid_to=None)
        assert [one.code for one in refusal.value.faults] == [code]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("UPDATE dealer_paper SET state = 'accepted', decided_by = 'x', decided_at = now()", "TL115"),
        ("UPDATE dealer_licence SET valid_to = NULL", "42501"),
        (
            "INSERT INTO dealer_authorisation (dealer_id, region_id, valid_from) VALUES (101, 11, now())",
            "42501",
        ),
    ],
)
def test_a_dealers_session_decides_nothing_by_sql(given, database, said, code):
    acts.filed(database)
    with database.session_for(acts.FILER.actor()) as session, pytest.raises(DBAPIError) as refusal:
        session.execute(text(said))
    assert refusal.value.orig.sqlstate == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("UPDATE dealer_paper SET state = 'filed', decided_by = NULL, decided_at = NULL", "TL116"),
        ("UPDATE dealer_paper SET paper_no = 'x'", "42501"),
        ("DELETE FROM dealer_paper", "42501"),
    ],
)
def test_what_was_decided_stands_also_against_sql(given, database, said, code):
    acts.counting(database)
    with database.session_for(acts.REVIEWER.actor()) as session, pytest.raises(DBAPIError) as refusal:
        session.execute(text(said))
    assert refusal.value.orig.sqlstate == code


def test_the_last_line_of_defence_against_reviewing_ones_own_is_the_constraint(given, database):
    acts.filed(database)
    own = text(
        "UPDATE dealer_paper SET state = 'accepted', decided_by = filed_by, decided_by_label = '',"
        " decided_at = :at"
    )
    with database.session_for(acts.REVIEWER.actor()) as session, pytest.raises(DBAPIError) as refusal:
        session.execute(own, {"at": NOW})
    assert "ck_dealer_paper_other_person" in str(refusal.value.orig)
