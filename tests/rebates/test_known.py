"""What is read of the books for a period is enough: reading everything gives the same figures."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal as D
from random import Random

import pytest

from portal.kernel.db import transaction
from portal.ledger.post_credit_note import Returned
from portal.rebates.engine import accrue
from portal.rebates.known import known_of
from portal.rebates.ledger_reads import LINES, LINES_AND_WHAT_THEY_REST_ON, SETTLED
from portal.rebates.programme import Programme
from portal.rebates.rules import LateReturns, Measure, OnTimeMode, Period, PeriodKind
from portal.rebates.terms import GradeTerms, OnTimeTerms, programme_of
from tests import cast
from tests.disputes.acts import a_note_on
from tests.ledger.acts import paid, returned, reversed_
from tests.query_plans import plan_of_page
from tests.rebates.acts import terms
from tests.shipping.acts import picked, shipped

FIRST = cast.TODAY - timedelta(days=120)
GRADES = (GradeTerms(20, D(100)), GradeTerms(60, D("33.33")))


def programme(measure: Measure, on_time: OnTimeTerms | None, **said) -> Programme:
    written = terms(measure=measure, on_time=on_time, period=PeriodKind.WHOLE, **said)
    return programme_of(written, "FL", FIRST, cast.TODAY)


PROGRAMMES = [
    programme(measure, on_time, late_returns=late)
    for measure in Measure
    for on_time in (
        None,
        OnTimeTerms(OnTimeMode.ALL, 5),
        OnTimeTerms(OnTimeMode.LATE_EXCLUDED),
        OnTimeTerms(OnTimeMode.GRADED, grades=GRADES),
    )
    for late in LateReturns
    if on_time is not None or measure is Measure.PAID
]


def bought_and_paid(given, database, chance: Random) -> None:
    """Deliveries of four months, some paid, in parts, late or not at all; payments reversed, goods back."""
    receipts = []
    ordered = [given.an_order({cast.gloves: chance.randint(2, 30)}).number for _ in range(9)]
    for number in ordered:  # placed before anything is overdue
        day = FIRST + timedelta(days=chance.randrange(121))
        parcel = shipped(database, picked(database, number, today=day).shipment_number, today=day)
        if chance.random() < 0.6:
            returned(database, parcel.invoice_number, Returned(1, 1, "-"), on=later(day, chance))
        if chance.random() < 0.7:
            amount = f"{chance.randint(1, 400)}.{chance.randint(10, 99)}"
            on = later(day, chance)
            receipts.append((on, paid(database, amount, on=on).document_no))
        a_note_on(database, cast.huadong, parcel.invoice_number)
    for on, receipt in receipts:
        if chance.random() < 0.3:
            reversed_(database, receipt, on=later(on, chance))


def later(day: date, chance: Random) -> date:
    return min(day + timedelta(days=chance.choice((0, 3, 25, 70))), cast.TODAY)


@pytest.mark.parametrize("seed", [0, 2])
def test_what_is_read_for_some_days_gives_what_everything_gives(given, database, seed):
    bought_and_paid(given, database, Random(seed))
    asked = 0
    for since in (FIRST, *(cast.TODAY - timedelta(days=days) for days in (75, 40, 10, 0))):
        period = Period(since, cast.TODAY, "")
        with transaction(database.system_session()) as session:
            everything, bounded = (
                known_of(session, [cast.huadong.id], PROGRAMMES, since=day, until=cast.TODAY)[cast.huadong.id]
                for day in (date.min, since)
            )
        for one in PROGRAMMES:
            found = accrue(one, bounded[one.measure], period)
            assert found == accrue(one, everything[one.measure], period)
            asked += len(found.lines)
    assert asked


DAYS = {"since": "date '2026-10-01'", "until": "date '2026-12-31'", "since_month": "'2026-10'"}


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("statement", "parameters", "indexes"),
    [
        (LINES, {"dealers": [1], "since": FIRST, "until": FIRST}, ["ix_invoice_dealer_id_issued_on"]),
        (
            LINES_AND_WHAT_THEY_REST_ON,
            {"dealers": [1], "since": FIRST, "until": FIRST, "since_month": "2026-10"},
            ["ix_invoice_dealer_id_issued_on", "ix_journal_entry_dealer_id_period", "credit_id"],
        ),
        (
            SETTLED,
            {"dealers": [1], "numbers": ["IN"], "until": FIRST},
            ["uq_journal_entry_document", "ix_allocation_dealer_id"],
        ),
    ],
)
def test_the_books_are_read_by_their_indexes(database, count_statements, statement, parameters, indexes):
    values = {**DAYS, "dealers": "'{1}'", "numbers": "'{IN1}'"}

    def ask(session):
        return session.execute(statement, parameters).all()

    with transaction(database.system_session()) as session, count_statements() as counted:
        plan = plan_of_page(session, counted, ask, **values)
    assert [one for one in indexes if one not in plan] == [], plan
    whole = re.findall(r"Seq Scan on (?:invoice|invoice_line|journal_entry|allocation|order_line)\b", plan)
    assert whole == [], plan
