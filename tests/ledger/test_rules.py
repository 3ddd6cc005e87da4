"""The arithmetic of the ledger, without a database."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel import clock
from portal.kernel.money import ZERO, line_amount, tax_within
from portal.ledger import rules
from portal.ledger.rules import Account, Share, Taken, Unsettled, Whole

MONTH = "2026-01"
fen = st.integers(1, 10_000_000).map(lambda cents: Decimal(cents) / 100)
rates = st.sampled_from([Decimal("0.13"), Decimal("0.09"), Decimal("0.06"), Decimal("0.03"), Decimal(0)])


def whole(quantity: int, unit_price: Decimal, rate: Decimal, discount: Decimal = ZERO) -> Whole:
    amount = line_amount(unit_price, quantity) - discount
    return Whole(quantity, amount, tax_within(amount, rate), discount)


def parts_of(line: Whole, quantities: list[int]) -> list[rules.Part]:
    taken, parts = Taken(), []
    for quantity in quantities:
        part = rules.part_of(line, taken, quantity)
        taken = Taken(taken.quantity + quantity, taken.tax + part.tax)
        parts.append(part)
    return parts


@st.composite
def split_lines(draw, *, discounted: bool = True) -> tuple[Whole, Decimal, Decimal, list[int]]:
    """A line with its unit price and rate, and the parts in which it is delivered."""
    quantities = draw(st.lists(st.integers(1, 300), min_size=1, max_size=12))
    unit_price, rate, quantity = draw(fen), draw(rates), sum(quantities)
    most = line_amount(unit_price, quantity) if discounted else ZERO
    discount = draw(st.decimals(0, most, places=2))
    return whole(quantity, unit_price, rate, discount), unit_price, rate, quantities


@given(split_lines())
def test_part_deliveries_add_up_to_the_order_line_exactly(split):
    line, _, _, quantities = split
    parts = parts_of(line, quantities)
    assert sum(part.amount for part in parts) == line.amount
    assert sum(part.tax for part in parts) == line.tax
    assert sum(part.discount for part in parts) == line.discount


@given(split_lines())
def test_amount_and_discount_of_a_part_are_never_negative_and_make_up_the_price_of_its_units(split):
    line, unit_price, _, quantities = split
    for part in parts_of(line, quantities):
        assert part.amount >= 0 and part.tax >= 0 and part.discount >= 0
        assert part.amount + part.discount == unit_price * part.quantity


@given(split_lines(discounted=False))
def test_without_a_discount_a_part_costs_its_units_and_its_tax_is_theirs_to_a_fen(split):
    line, unit_price, rate, quantities = split
    for part in parts_of(line, quantities):
        assert part.amount == unit_price * part.quantity
        assert 0 <= part.tax <= part.amount
        assert abs(part.tax - tax_within(part.amount, rate)) <= Decimal("0.01")


def test_a_discounted_line_comes_back_in_parts_that_make_exactly_what_was_paid():
    line = Whole(30, Decimal("2308.69"), Decimal("265.60"), Decimal("88.31"))
    invoiced, returned, backs = Taken(30, line.tax), Taken(), []
    for _ in range(3):
        backs.append(rules.part_back(line, invoiced, returned, 10))
        returned = Taken(returned.quantity + 10, returned.tax + backs[-1].tax)
    assert [str(part.amount) for part in backs] == ["769.56", "769.57", "769.56"]
    assert [str(part.tax) for part in backs] == ["88.53", "88.54", "88.53"]
    assert [str(part.discount) for part in backs] == ["29.44", "29.43", "29.44"]


@given(split_lines(), st.data())
def test_what_was_delivered_in_parts_and_comes_back_in_others_gives_back_what_was_charged(split, data):
    line, _, _, quantities = split
    delivered = data.draw(st.integers(1, len(quantities)), "of its parts were delivered")
    parts = parts_of(line, quantities[:delivered])
    invoiced = Taken(sum(part.quantity for part in parts), sum((part.tax for part in parts), ZERO))
    returned, amount = Taken(), ZERO
    while left := invoiced.quantity - returned.quantity:
        back = rules.part_back(line, invoiced, returned, data.draw(st.integers(1, left)))
        assert back.amount >= 0 and back.tax >= 0
        returned = Taken(returned.quantity + back.quantity, returned.tax + back.tax)
        amount += back.amount
    assert returned == invoiced
    assert amount == sum(part.amount for part in parts)


@pytest.mark.parametrize("carried", ["4.00", "4.01", "4.02", "0.00", "6.00"])
def test_parts_invoiced_with_other_shares_of_the_tax_still_make_the_line_and_give_back_what_they_carried(
    carried,
):
    line = Whole(3, Decimal("52.29"), Decimal("6.02"))
    taken = Taken(2, Decimal(carried))
    last = rules.part_of(line, taken, 1)
    assert taken.tax + last.tax == line.tax and last.tax >= 0
    first = rules.part_back(line, taken, Taken(), 1)
    second = rules.part_back(line, taken, Taken(1, first.tax), 1)
    assert first.tax + second.tax == taken.tax and min(first.tax, second.tax) >= 0


def test_a_hundred_single_units_at_five_fen_leave_no_absurd_remainder():
    parts = parts_of(whole(100, Decimal("0.05"), Decimal("0.13")), [1] * 100)
    assert {part.tax for part in parts} <= {Decimal("0.00"), Decimal("0.01")}


@pytest.mark.parametrize("quantity", [0, -1, 4])
def test_more_than_is_left_or_nothing_is_no_part(quantity):
    line = whole(10, Decimal(1), Decimal("0.13"))
    with pytest.raises(ValueError, match="of 10 units"):
        rules.part_of(line, Taken(7), quantity)
    with pytest.raises(ValueError, match="of 9 units"):
        rules.part_back(line, Taken(9), Taken(6), quantity)


@pytest.mark.parametrize(
    ("amount", "before", "asks"),
    [
        ("10000.00", "0.00", False),
        ("10000.01", "0.00", True),
        ("0.01", "10000.00", True),
        ("0.00", "10000.01", False),
    ],
)
def test_a_second_person_decides_beyond_a_limit_and_never_on_gifts_that_come_back(amount, before, asks):
    assert rules.needs_second_person(Decimal(amount), Decimal(before), Decimal("10000.00")) is asks


@given(fen, fen)
def test_every_entry_balances(net, tax):
    entries = [
        rules.invoice_entry(net, tax),
        rules.invoice_entry(-net, -tax),
        rules.invoice_entry(net, ZERO),
        rules.payment_entry(net),
        rules.payment_entry(-net),
    ]
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


# Allocation. The reference below applies each credit to the oldest debt, one after the other, as a bookkeeper
# would.

days = st.integers(0, 400).map(lambda offset: date(2026, 1, 1) + timedelta(days=offset))
documents = st.lists(st.tuples(days, fen, st.booleans()), max_size=30)


def unsettled(entries) -> tuple[list[Unsettled], list[Unsettled]]:
    """Debts, due after up to forty days, and credits."""
    items = [
        Unsettled(i, day, day + timedelta(days=i % 40 if is_debt else 0), clock.period_of(day), amount)
        for i, (day, amount, is_debt) in enumerate(entries)
    ]
    return [item for item, (*_, is_debt) in zip(items, entries, strict=True) if is_debt], [
        item for item, (*_, is_debt) in zip(items, entries, strict=True) if not is_debt
    ]


def bookkeeper(debts: list[Unsettled], credit: Decimal) -> dict[int, Decimal]:
    settled = {}
    for debt in sorted(debts, key=lambda debt: (debt.due_on, debt.occurred_on, debt.entry_id)):
        used = min(credit, debt.amount)
        credit -= used
        if used:
            settled[debt.entry_id] = used
    return settled


@given(documents)
def test_credits_settle_the_debts_that_fell_due_first(entries):
    debts, credits = unsettled(entries)
    settled = defaultdict(Decimal)
    for share in rules.allocate(debts, credits, posted_in=MONTH):
        settled[share.debit_id] += share.amount
    assert settled == bookkeeper(debts, sum((credit.amount for credit in credits), ZERO))


@given(documents)
def test_no_entry_is_allocated_beyond_its_amount_and_one_side_wholly(entries):
    debts, credits = unsettled(entries)
    shares = rules.allocate(debts, credits, posted_in=MONTH)
    left = {item.entry_id: item.amount for item in (*debts, *credits)}
    for share in shares:
        assert share.amount > 0
        left[share.debit_id] -= share.amount
        left[share.credit_id] -= share.amount
    assert min(left.values(), default=ZERO) >= 0
    assert not any(left[debt.entry_id] for debt in debts) or not any(
        left[credit.entry_id] for credit in credits
    )


def test_a_share_counts_from_the_latest_of_the_three_months():
    debt = Unsettled(1, date(2026, 1, 31), date(2026, 3, 2), "2026-01", Decimal(70))
    early, late = (
        Unsettled(2, date(2025, 12, 31), date(2025, 12, 31), "2025-12", Decimal(20)),
        Unsettled(3, date(2026, 1, 30), date(2026, 1, 30), "2026-02", Decimal(100)),
    )
    for posted_in, months in (("2026-01", ("2026-01", "2026-02")), ("2026-03", ("2026-03", "2026-03"))):
        shares = rules.allocate([debt], [late, early], posted_in=posted_in)
        assert shares == [Share(2, 1, Decimal(20), months[0]), Share(3, 1, Decimal(50), months[1])]


# A whole life of a dealer's account.

acts = st.lists(
    st.tuples(st.sampled_from(["invoice", "credit", "payment", "reverse", "close"]), days, fen),
    min_size=1,
    max_size=40,
)


@given(acts)
def test_any_sequence_of_documents_reversals_and_closings_keeps_balance_and_months(sequence):
    posted, shut_through, undone = [], None, set()
    for kind, day, amount in sequence:
        if kind == "close":
            shut_through = clock.next_period(shut_through) if shut_through else clock.period_of(day)
            continue
        entry = _reversal(posted, undone) if kind == "reverse" else _document(kind, amount)
        period, late = rules.posting_period(day, shut_through)
        assert shut_through is None or period > shut_through
        assert late == (period != clock.period_of(day))
        posted.append((day, entry))
    balance = sum((rules.receivable_in(entry) for _, entry in posted), ZERO)
    assert sum((amount for _, entry in posted for _, amount in entry), ZERO) == 0
    debts, credits = _unsettled(posted, undone)
    left = sum((item.amount for item in debts), ZERO) - sum((item.amount for item in credits), ZERO)
    assert left == balance
    shares = sum((share.amount for share in rules.allocate(debts, credits, posted_in=MONTH)), ZERO)
    assert shares == min(
        sum((item.amount for item in debts), ZERO), sum((item.amount for item in credits), ZERO)
    )


def _document(kind: str, amount: Decimal):
    tax = tax_within(amount, Decimal("0.13"))
    match kind:
        case "invoice":
            return rules.invoice_entry(amount - tax, tax)
        case "credit":
            return rules.invoice_entry(tax - amount, -tax)
        case "payment":
            return rules.payment_entry(amount)


def _reversal(posted, undone):
    for place, (_, entry) in enumerate(posted):
        if place not in undone:
            undone |= {place, len(posted)}
            return rules.reversal_entry(entry)
    return rules.payment_entry(Decimal("0.01"))


def _unsettled(posted, undone) -> tuple[list[Unsettled], list[Unsettled]]:
    """What was not reversed: debts and credits."""
    standing = [
        (place, day, rules.receivable_in(entry))
        for place, (day, entry) in enumerate(posted)
        if place not in undone
    ]
    items = [
        (Unsettled(place, day, day, clock.period_of(day), abs(amount)), amount)
        for place, day, amount in standing
    ]
    return [item for item, amount in items if amount > 0], [item for item, amount in items if amount < 0]


def test_what_is_due_today_is_not_overdue_yet():
    today = date(2026, 7, 15)
    items = [
        rules.OpenItem(f"IV{days}", today, today + timedelta(days), Decimal("1.01") * (days + 10))
        for days in (-2, -1, 0, 1)
    ]
    assert rules.Settlement(tuple(items), Decimal("-5.00")).overdue(today) == Decimal("1.01") * 17
    assert rules.Settlement((), ZERO).overdue(today) == 0


def test_a_part_says_how_many_units_it_has():
    assert rules.part_of(whole(5, Decimal("10.00"), Decimal("0.13")), Taken(), 3).quantity == 3


CAUTION = rules.Caution(
    payment_max=Decimal("500.00"), advance_max=Decimal("100.00"), paid_back_max=Decimal("10.00")
)


@pytest.mark.parametrize(
    ("amount", "owed", "unusual"),
    [
        ("500.00", "400.00", False),
        ("500.01", "500.00", True),
        ("-500.00", "0.00", False),
        ("-500.01", "0.00", True),
        ("300.00", "200.00", False),
        ("300.01", "200.00", True),
        ("100.00", "-50.00", False),
        ("100.01", "-50.00", True),
    ],
)
def test_a_payment_beyond_the_largest_or_far_beyond_what_is_owed_is_unusual(amount, owed, unusual):
    assert CAUTION.finds_unusual(Decimal(amount), Decimal(owed)) is unusual


@pytest.mark.parametrize(
    ("amount", "before", "second"),
    [("100.00", "0", False), ("100.01", "0", True), ("60.00", "40.00", False), ("60.00", "40.01", True)],
)
def test_a_correction_above_what_one_may_post_alone_needs_another_with_what_was_taken_back_before(
    amount, before, second
):
    assert rules.needs_second_person(Decimal(amount), Decimal(before), Decimal("100.00")) is second


def test_what_an_entry_adds_to_the_balance_is_its_receivable():
    assert rules.receivable_in(rules.invoice_entry(Decimal("100.00"), Decimal("13.00"))) == Decimal("113.00")
    assert rules.receivable_in(rules.payment_entry(Decimal("50.00"))) == Decimal("-50.00")
    nothing = rules.receivable_in(((Account.BANK, Decimal("1.00")), (Account.REVENUE, Decimal("-1.00"))))
    assert str(nothing) == "0.00"


def test_nothing_overdue_is_nothing_in_money():
    assert str(rules.Settlement((), ZERO).overdue(date(2026, 1, 1))) == "0.00"


@pytest.mark.parametrize("debit", ["2025-11", "2025-12", "2026-01"])
@pytest.mark.parametrize("credit", ["2025-11", "2025-12", "2026-01"])
def test_a_share_never_counts_before_either_entry(debit, credit):
    day = date(2025, 11, 1)
    debts = [Unsettled(1, day, day, debit, Decimal("1.00"))]
    credits = [Unsettled(2, day, day, credit, Decimal("1.00"))]
    [share] = rules.allocate(debts, credits, posted_in="2025-11")
    assert share.period == max(debit, credit)


@pytest.mark.parametrize(
    ("receivable", "balance_before", "meets"),
    [
        ("0.01", "-0.01", True),
        ("-0.01", "0.01", True),
        ("0.01", "0.01", False),
        ("-0.01", "-0.01", False),
        ("0.00", "-0.01", False),
        ("0.00", "0.01", False),
        ("0.01", "0.00", False),
        ("-0.01", "0.00", False),
        ("0.00", "0.00", False),
    ],
)
def test_an_entry_meets_what_is_open_on_the_other_side(receivable, balance_before, meets):
    assert rules.meets_unsettled(Decimal(receivable), Decimal(balance_before)) is meets
