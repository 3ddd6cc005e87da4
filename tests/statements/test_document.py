"""The statement as a value: its figures agree to the fen, or it says where they do not."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.money import ZERO
from portal.statements.document import (
    Ageing,
    DueItem,
    EntryKind,
    InconsistentStatement,
    Movement,
    running_balances,
)
from tests.statements.samples import MONTH_END, movement, statement

FEN = Decimal("0.01")
amounts = st.decimals(min_value=0, max_value=Decimal("99999999999999.99"), places=2)
balances = st.decimals(min_value=Decimal("-99999999.99"), max_value=Decimal("99999999.99"), places=2)


@st.composite
def movements(draw: st.DrawFn) -> Movement:
    amount, charged = draw(amounts), draw(st.booleans())
    return Movement(
        date=draw(st.dates(date(2026, 10, 1), MONTH_END)),
        kind=draw(st.sampled_from(EntryKind)),
        document_no="X",
        debit=amount if charged else ZERO,
        credit=ZERO if charged else amount,
    )


@given(balances, st.lists(movements(), max_size=40))
def test_the_last_running_balance_is_opening_plus_debits_minus_credits(opening, moved):
    lines = running_balances(opening, moved)

    closing = lines[-1].balance if lines else opening
    assert closing == opening + sum(m.debit for m in moved) - sum(m.credit for m in moved)


@given(balances, st.lists(movements(), max_size=40))
def test_running_balances_keep_every_movement_and_its_order(opening, moved):
    lines = running_balances(opening, moved)

    assert [(x.date, x.kind, x.debit, x.credit) for x in lines] == [
        (m.date, m.kind, m.debit, m.credit) for m in moved
    ]


@given(balances, st.lists(movements(), max_size=20), st.integers(0, 20))
def test_a_month_split_in_two_ends_with_the_same_balance(opening, moved, at):
    first = running_balances(opening, moved[:at])
    middle = first[-1].balance if first else opening

    assert first + running_balances(middle, moved[at:]) == running_balances(opening, moved)


@given(balances, st.lists(movements(), max_size=20))
def test_a_statement_built_from_movements_is_consistent(opening, moved):
    statement(moved, opening=opening).assert_consistent()


def test_a_statement_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        statement().closing = ZERO


def test_totals_add_up_the_two_sides():
    document = statement([movement(0), movement(4)])

    assert document.total_debit == movement(0).debit
    assert document.total_credit == movement(4).credit
    assert document.opening + document.total_debit - document.total_credit == document.closing


@pytest.mark.parametrize(
    ("period", "last"), [("2026-10", 31), ("2026-02", 28), ("2028-02", 29), ("2026-12", 31), ("2026-11", 30)]
)
def test_the_period_ends_with_its_last_day(period, last):
    document = replace(statement(), period=period)

    assert document.period_start.day == 1
    assert document.period_end == document.period_start.replace(day=last)


@pytest.mark.parametrize("period", ["2026-13", "2026", "October", "2026-10-01", ""])
def test_a_period_that_is_no_month_is_refused(period):
    with pytest.raises(ValueError, match=r"isoformat|month"):
        _ = replace(statement(), period=period).period_start


def test_one_fen_too_much_at_the_end_is_found():
    document = statement()

    wrong = replace(document, closing=document.closing + FEN)

    assert any("closing is" in finding for finding in wrong.findings())


def test_a_wrong_running_balance_is_found_with_its_line():
    document = statement()
    lines = (*document.lines[:4], replace(document.lines[4], balance=ZERO), *document.lines[5:])

    with pytest.raises(InconsistentStatement, match=r"line 5 \(PAY-202610-000005\) shows balance 0\.00"):
        replace(document, lines=lines).assert_consistent()


def test_every_contradiction_is_reported_at_once():
    document = statement()
    wrong = replace(
        document,
        closing=document.closing + FEN,
        ageing=replace(document.ageing, current=-FEN, unallocated=FEN),
        issued_at=document.issued_at.replace(tzinfo=None),
    )

    assert len(wrong.findings()) == 5


@pytest.mark.parametrize(("debit", "credit"), [("-1.00", "0.00"), ("0.00", "-1.00"), ("1.00", "1.00")])
def test_a_line_has_one_side_that_is_not_negative(debit, credit):
    line = replace(movement(0), debit=Decimal(debit), credit=Decimal(credit))

    assert any("one side" in finding for finding in statement([line]).findings())


def test_an_invoice_of_nothing_is_allowed():
    assert statement([replace(movement(0), debit=ZERO)]).findings() == ()


def test_a_third_decimal_place_is_found():
    line = replace(movement(0), debit=Decimal("1.005"))

    assert "an amount has more than two places" in statement([line]).findings()


def test_a_late_document_may_be_older_than_the_period_but_not_younger():
    late, early = (replace(movement(0), date=day) for day in (date(2026, 9, 28), date(2026, 11, 1)))

    assert statement([late]).findings() == ()
    assert "a line is dated after the period" in statement([early]).findings()


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-30, "current"),
        (0, "current"),
        (1, "d1_30"),
        (30, "d1_30"),
        (31, "d31_60"),
        (60, "d31_60"),
        (61, "d61_90"),
        (90, "d61_90"),
        (91, "over_90"),
        (4000, "over_90"),
    ],
)
def test_an_invoice_ages_by_the_days_since_it_was_due(days, bucket):
    item = DueItem("INV-1", date(2015, 1, 1), MONTH_END - timedelta(days=days), Decimal("10.00"))

    assert getattr(Ageing.of([item], MONTH_END), bucket) == Decimal("10.00")


@given(st.lists(st.tuples(amounts, st.integers(-60, 400))), amounts)
def test_ageing_loses_no_fen(open_items, unallocated):
    items = [DueItem("X", MONTH_END, MONTH_END - timedelta(days=days), amount) for amount, days in open_items]

    ageing = Ageing.of(items, MONTH_END, -unallocated)

    assert ageing.total == sum((item.open_amount for item in items), ZERO) - unallocated
    assert ageing.overdue == ageing.total - ageing.current - ageing.unallocated


def test_ageing_that_differs_from_its_invoices_is_found():
    document = statement(due=True)
    ageing = replace(
        document.ageing, current=document.ageing.current - FEN, d1_30=document.ageing.d1_30 + FEN
    )

    assert replace(document, ageing=ageing).findings() == ("ageing differs from the due items",)
