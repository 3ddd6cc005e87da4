"""The arithmetic of the ledger, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.ledger import rules
from portal.ledger.rules import Account, Debit, Taken, Whole
from portal.money import ZERO, line_amount, tax_within

fen = st.integers(1, 10_000_000).map(lambda cents: Decimal(cents) / 100)
rates = st.sampled_from([Decimal("0.13"), Decimal("0.09"), Decimal("0.06"), Decimal("0.03"), Decimal(0)])


def whole(quantity: int, unit_price: Decimal, rate: Decimal) -> Whole:
    return Whole(quantity, unit_price, rate, tax_within(line_amount(unit_price, quantity), rate))


def parts_of(line: Whole, quantities: list[int]) -> list[rules.Part]:
    taken, parts = Taken(), []
    for quantity in quantities:
        part = rules.part_of(line, taken, quantity)
        taken = Taken(taken.quantity + quantity, taken.tax + part.tax)
        parts.append(part)
    return parts


@st.composite
def split_lines(draw) -> tuple[Whole, list[int]]:
    quantities = draw(st.lists(st.integers(1, 300), min_size=1, max_size=12))
    return whole(sum(quantities), draw(fen), draw(rates)), quantities


@given(split_lines())
def test_part_deliveries_add_up_to_the_order_line_exactly(split):
    line, quantities = split
    parts = parts_of(line, quantities)
    assert sum(part.amount for part in parts) == line_amount(line.unit_price, line.quantity)
    assert sum(part.tax for part in parts) == line.tax


@given(split_lines())
def test_no_part_is_off_its_own_tax_by_more_than_a_fen_or_carries_a_negative_one(split):
    line, quantities = split
    for part in parts_of(line, quantities):
        assert 0 <= part.tax <= part.amount
        assert abs(part.tax - tax_within(part.amount, line.tax_rate)) <= Decimal("0.01")


def test_a_hundred_single_units_at_five_fen_leave_no_absurd_remainder():
    parts = parts_of(whole(100, Decimal("0.05"), Decimal("0.13")), [1] * 100)
    assert {part.tax for part in parts} <= {Decimal("0.00"), Decimal("0.01")}


@pytest.mark.parametrize("quantity", [0, -1, 4])
def test_more_than_is_left_or_nothing_is_no_part(quantity):
    with pytest.raises(ValueError):
        rules.part_of(whole(10, Decimal(1), Decimal("0.13")), Taken(7), quantity)


@given(fen, fen)
def test_every_entry_balances(net, tax):
    entries = [
        rules.invoice_entry(net, tax), rules.invoice_entry(-net, -tax), rules.invoice_entry(net, ZERO), rules.payment_entry(net),
        rules.payment_entry(-net),
    ]  # fmt: skip
    for entry in entries:
        assert sum(amount for _, amount in entry) == 0
        assert rules.receivable_in(rules.reversal_entry(entry)) == -rules.receivable_in(entry)


def test_a_free_delivery_is_an_entry_of_zero():
    assert rules.invoice_entry(ZERO, ZERO) == ((Account.RECEIVABLE, ZERO),)


def test_an_invoice_is_due_after_the_terms_in_calendar_days():
    assert rules.due_date(date(2026, 1, 31), 30) == date(2026, 3, 2)
    assert rules.due_date(date(2026, 1, 31), 0) == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("occurred_on", "shut_through", "expected"),
    [
        (date(2026, 10, 31), None, ("2026-10", False)),
        (date(2026, 10, 31), "2026-09", ("2026-10", False)),
        (date(2026, 10, 31), "2026-10", ("2026-11", True)),
        (date(2026, 8, 1), "2026-12", ("2027-01", True)),
    ],
)
def test_a_document_counts_in_its_month_or_late_in_the_next_open_one(occurred_on, shut_through, expected):
    assert rules.posting_period(occurred_on, shut_through) == expected


# Settlement. The reference below applies each credit to the oldest debt, one after the other, as a bookkeeper would.

days = st.integers(0, 400).map(lambda offset: date(2026, 1, 1) + timedelta(days=offset))
documents = st.lists(st.tuples(days, fen, st.booleans()), max_size=30)


def booked(entries) -> tuple[list[Debit], Decimal]:
    debits = [Debit(i, f"D{i}", day, day + timedelta(days=i % 40), amount) for i, (day, amount, is_debit) in enumerate(entries) if is_debit]
    return debits, sum((amount for _, amount, is_debit in entries if not is_debit), ZERO)


def bookkeeper(debits: list[Debit], credit: Decimal) -> tuple[dict[int, Decimal], Decimal]:
    open_amounts = {}
    for debit in sorted(debits, key=lambda debit: (debit.due_on, debit.occurred_on, debit.entry_id)):
        used = min(credit, debit.amount)
        credit -= used
        if debit.amount > used:
            open_amounts[debit.document_no] = debit.amount - used
    return open_amounts, -credit


@given(documents)
def test_credits_settle_the_debts_that_fell_due_first(entries):
    debits, credit = booked(entries)
    balance = sum((debit.amount for debit in debits), ZERO) - credit
    settled = rules.settle(balance, debits)
    assert ({item.document_no: item.amount for item in settled.items}, settled.unallocated) == bookkeeper(debits, credit)


@given(documents)
def test_open_items_and_unallocated_credit_are_the_balance(entries):
    debits, credit = booked(entries)
    balance = sum((debit.amount for debit in debits), ZERO) - credit
    settled = rules.settle(balance, debits)
    assert sum((item.amount for item in settled.items), settled.unallocated) == balance
    assert settled.unallocated <= 0
    assert [item.due_on for item in settled.items] == sorted(item.due_on for item in settled.items)


def test_debts_further_back_than_the_balance_reaches_do_not_matter():
    old = Debit(1, "OLD", date(2026, 1, 1), date(2026, 1, 31), Decimal(70))
    new = Debit(2, "NEW", date(2026, 2, 1), date(2026, 3, 3), Decimal(100))
    assert rules.settle(Decimal(60), [new]) == rules.settle(Decimal(60), [old, new])


def test_a_balance_without_debts_behind_it_is_refused():
    with pytest.raises(ValueError):
        rules.settle(Decimal(60), [])


# A whole life of a dealer's account.

acts = st.lists(
    st.tuples(st.sampled_from(["invoice", "credit", "payment", "reverse", "close"]), days, fen), min_size=1, max_size=40
)


@given(acts)
def test_any_sequence_of_documents_reversals_and_closings_keeps_balance_and_months(sequence):
    posted, shut_through, undone = [], None, set()
    for kind, day, amount in sequence:
        if kind == "close":
            shut_through = clock.next_period(shut_through) if shut_through else clock.period_of(day)
            continue
        tax = tax_within(amount, Decimal("0.13"))
        entry = {
            "invoice": lambda: rules.invoice_entry(amount - tax, tax),
            "credit": lambda: rules.invoice_entry(tax - amount, -tax),
            "payment": lambda: rules.payment_entry(amount),
            "reverse": lambda: _reversal(posted, undone),
        }[kind]()
        period, late = rules.posting_period(day, shut_through)
        assert shut_through is None or period > shut_through
        assert late == (period != clock.period_of(day))
        posted.append((day, entry))
    balance = sum((rules.receivable_in(entry) for _, entry in posted), ZERO)
    assert sum((amount for _, entry in posted for _, amount in entry), ZERO) == 0
    settled = rules.settle(balance, _debts(posted, undone))
    assert sum((item.amount for item in settled.items), settled.unallocated) == balance


def _reversal(posted, undone):
    for place, (_, entry) in enumerate(posted):
        if place not in undone:
            undone |= {place, len(posted)}
            return rules.reversal_entry(entry)
    return rules.payment_entry(Decimal("0.01"))


def _debts(posted, undone) -> list[Debit]:
    """What was not reversed and has to be paid."""
    amounts = [(place, day, rules.receivable_in(entry)) for place, (day, entry) in enumerate(posted) if place not in undone]
    return [Debit(place, f"D{place}", day, day, amount) for place, day, amount in amounts if amount > 0]


def test_what_is_due_today_is_not_overdue_yet():
    today = date(2026, 7, 15)
    items = [rules.OpenItem(f"IV{days}", today, today + timedelta(days), Decimal("1.01") * (days + 10)) for days in (-2, -1, 0, 1)]
    assert rules.Settlement(tuple(items), Decimal("-5.00")).overdue(today) == Decimal("1.01") * 17
    assert rules.Settlement((), ZERO).overdue(today) == 0
