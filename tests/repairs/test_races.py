"""What two people do to a repair at the same instant."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from portal.kernel.errors import Conflict
from tests import cast
from tests.checks.acts import found
from tests.races import failures, together
from tests.repairs.acts import (
    NINE,
    UNTIL,
    a_report,
    a_request,
    accepted,
    filed,
    offered,
    repaired,
    tended,
    visited,
    withdrawn,
)


def test_of_two_acceptances_one_counts(database):
    number = a_request(database)
    version = offered(database, number)
    people = (cast.huadong.buyer, cast.huadong.boss)
    [lost] = failures(together(2, lambda place: accepted(database, number, version, by=people[place])))
    assert isinstance(lost, Conflict) and lost.code == "quote_accepted"
    assert repaired(database, number).parts[0].reserved == 2 and not found(database)


def test_an_acceptance_comes_before_a_withdrawal_or_is_refused(database):
    number = a_request(database)
    version = offered(database, number)
    acts = (lambda: accepted(database, number, version), lambda: withdrawn(database, number))
    [lost] = failures(together(2, lambda place: acts[place]()))
    assert lost.code in ("quote_withdrawn", "nothing_offered")
    of = repaired(database, number)
    assert (of.state == "accepted") == bool(of.parts) and not found(database)


def test_an_acceptance_comes_before_the_end_of_the_quote_or_is_refused(database):
    number = a_request(database)
    version = offered(database, number)
    acts = (
        lambda: accepted(database, number, version),
        lambda: tended(database, UNTIL + timedelta(days=1)),
    )
    lost = failures(together(2, lambda place: acts[place]()))
    assert [one.code for one in lost] in ([], ["quote_expired"])
    of = repaired(database, number)
    assert (of.state == "accepted") == (not lost) and not found(database)


def test_two_reports_with_one_key_are_one_and_are_billed_once(database, owner):
    number = a_request(database)
    accepted(database, number, offered(database, number))
    visit_no, report = visited(database, number), a_report(database)
    outcomes = together(2, lambda _: filed(database, number, visit_no, report))
    assert not failures(outcomes)
    assert owner.execute(text("SELECT count(*) FROM repair_report")).scalar_one() == 1
    assert len({one.invoice_no for one in outcomes}) == 1
    assert owner.execute(text("SELECT count(*) FROM service_invoice")).scalar_one() == 1
    assert not found(database)


def test_of_two_technicians_on_one_visit_the_second_hears_of_the_first(database):
    number = a_request(database)
    accepted(database, number, offered(database, number))
    visit_no = visited(database, number)
    reports = [a_report(database, key) for key in ("one", "two")]
    people = (cast.technician, cast.service_desk)
    outcomes = together(2, lambda place: filed(database, number, visit_no, reports[place], by=people[place]))
    [lost] = failures(outcomes)
    assert lost.code == "report_filed" and not found(database)


def test_one_technician_is_booked_once(database):
    numbers = (a_request(database), a_request(database))
    [lost] = failures(together(2, lambda place: visited(database, numbers[place], starts_at=NINE)))
    assert lost.code == "technician_busy"
