"""The engine against a reference that walks every unit on its own, and what holds for every programme."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rebates.engine import Known, accrue, accrue_all
from portal.rebates.programme import Goods, Programme, Standing, Table, Tier
from portal.rebates.rules import Basis, Measure, Method, PeriodKind
from portal.rebates.source_lines import LineKind, SourceLine, money_received, paid_in_full_on
from tests.rebates import oracle

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
STANDINGS = (Standing(date(2020, 1, 1), "A", frozenset({"31", "east"})),)


def sold(place: int, quantity: int, gross: str | D, *, sku: str = "GC-6F", **how) -> SourceLine:
    """A line of an invoice, the days in order of its place; 13 % tax."""
    amount = D(gross)
    said = {
        "on": FIRST + timedelta(days=place % 80),
        "document": f"IN{place:05}",
        "line": 1,
        "kind": LineKind.SALE if quantity >= 0 else LineKind.RETURN,
        "sku": sku,
        "categories": frozenset({"STENT" if sku.startswith("ST") else "CATHETER"}),
        "quantity": quantity,
        "net": (amount / D("1.13")).quantize(D("0.01")),
        "gross": amount,
    }
    return SourceLine(**said | how)


def known(*lines: SourceLine) -> Known:
    return Known("HZ-001", STANDINGS, sorted(lines, key=lambda line: line.order), {})


def programme(*tiers: Tier, **said) -> Programme:
    usual = {
        "number": "FL-1",
        "valid_from": FIRST,
        "valid_to": LAST,
        "period": PeriodKind.QUARTER,
        "measure": Measure.INVOICED,
        "basis": Basis.AMOUNT,
        "method": Method.ALL_UNITS,
        "tables": (Table(FIRST, tiers),),
    }
    return Programme(**usual | said)


def accrued(one: Programme, *lines: SourceLine):
    return accrue(one, known(*lines), one.period_of(FIRST))


@st.composite
def ladders(draw):
    """Tiers on a small scale, so that thresholds are met exactly."""
    starts = sorted(draw(st.sets(st.integers(0, 40), min_size=1, max_size=4)))
    kind = draw(st.sampled_from(["percent", "per_unit"]))
    rates = [draw(st.integers(0, 999)) for _ in starts]
    return tuple(
        Tier(D(start) / 100, D(rate) / 100) if kind == "percent" else Tier(D(start), None, D(rate) / 100)
        for start, rate in zip(starts, rates, strict=True)
    )


@given(
    ladders(),
    st.lists(st.integers(-20, 40), max_size=8),
    st.sampled_from(Method),
    st.none() | st.integers(1, 200),
)
def test_the_engine_pays_what_the_reference_pays(tiers, amounts, method, cap):
    in_pieces = tiers[0].per_unit is not None
    step = D(1) if in_pieces else D("0.01")
    limit = None if cap is None else D(cap) / (1 if in_pieces else 10_000)
    one = programme(*tiers, method=method, basis=Basis.QUANTITY if in_pieces else Basis.AMOUNT, cap=limit)
    found = accrued(one, *(sold(place, amount, D(amount) / 100) for place, amount in enumerate(amounts)))
    expected = oracle.total(
        tiers,
        [amount * step for amount in map(D, amounts)],
        in_bands=method is Method.INCREMENTAL,
        step=step,
        cap=limit,
    )
    assert found.accrued == expected
    assert sum(line.amount for line in found.lines) == found.accrued
    assert found.lines == () or found.lines[-1].cumulative == found.qualified


@given(ladders(), st.lists(st.integers(1, 40), max_size=6), st.sampled_from(Method))
def test_what_comes_back_whole_leaves_nothing(tiers, amounts, method):
    """A reversal takes back exactly what it undoes, whatever was sold in between."""
    one = programme(*tiers, method=method, basis=Basis.QUANTITY if tiers[0].per_unit else Basis.AMOUNT)
    there = [sold(place, amount, D(amount) / 100) for place, amount in enumerate(amounts)]
    back = [
        sold(40 + place, -amount, D(-amount) / 100, document=f"CN{place:05}")
        for place, amount in enumerate(amounts)
    ]
    assert accrued(one, *there, *back).accrued == 0


@given(ladders(), st.lists(st.integers(1, 40), min_size=1, max_size=6), st.sampled_from(Method))
def test_the_next_tier_is_worth_what_a_sale_up_to_it_earns(tiers, amounts, method):
    one = programme(*tiers, method=method, basis=Basis.QUANTITY if tiers[0].per_unit else Basis.AMOUNT)
    lines = [sold(place, amount, D(amount) / 100) for place, amount in enumerate(amounts)]
    now = accrued(one, *lines)
    if now.next_tier is None:
        assert now.reached_tier == len(tiers)
        return
    missing = now.next_tier.missing
    quantity = int(missing) if tiers[0].per_unit else 1
    then = accrued(one, *lines, sold(79, quantity, missing))
    assert then.reached_tier == now.reached_tier + 1
    assert then.accrued - now.accrued == now.next_tier.gain


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=5), st.lists(st.integers(1, 9_999), max_size=4))
def test_an_invoice_that_is_paid_in_parts_counts_whole_in_the_end(prices, parts):
    lines = [sold(0, 3, D(price) / 100, line=place) for place, price in enumerate(prices, start=1)]
    total = sum(line.gross for line in lines)
    payments = [
        (FIRST + timedelta(days=place), f"RC{place}", D(part) / 100) for place, part in enumerate(parts)
    ]
    paid = sum(amount for _, _, amount in payments)
    payments.append((LAST, "RC9", total - paid))  # may give back what was too much
    received = money_received(lines, payments)
    for name in ("net", "gross", "quantity"):
        assert sum(getattr(line, name) for line in received) == sum(getattr(line, name) for line in lines)
    assert {line.key for line in received} == {line.key for line in lines}


@pytest.mark.parametrize(
    ("settled", "day"),
    [
        ([], None),
        ([(FIRST, "60")], None),
        ([(FIRST, "60"), (LAST, "40")], LAST),
        ([(LAST, "40"), (FIRST, "60")], LAST),
        ([(FIRST, "100"), (LAST, "-1")], None),
        ([(FIRST, "100"), (FIRST + timedelta(days=1), "-100"), (LAST, "100")], LAST),
        ([(FIRST, "120"), (LAST, "1")], FIRST),
    ],
)
def test_paid_in_full_is_when_nothing_was_open_for_good(settled, day):
    assert paid_in_full_on(D(100), [(on, D(amount)) for on, amount in settled]) == day


def test_of_exclusive_programmes_each_line_earns_once():
    stents = Goods(categories=frozenset({"STENT"}))
    exclusive = programme(Tier(D(0), D(4)), goods=stents, priority=1, combinable=False)
    broad = programme(Tier(D(0), D(2)), number="FL-2", priority=2)
    last = programme(Tier(D(0), D(1)), number="FL-3", priority=3, combinable=False)
    lines = known(sold(0, 1, "100", sku="ST-35"), sold(1, 1, "100"))
    found = {
        one.number: [line.amount for line in accrual.lines]
        for one, accrual in accrue_all([last, broad, exclusive], {Measure.INVOICED: lines}, LAST)
    }
    assert found == {"FL-1": [D(4)], "FL-2": [0, D(2)], "FL-3": [0, 0]}


def test_what_comes_back_closes_no_sale_that_another_programme_has_paid_on():
    whole_year = programme(Tier(D(0), D(2)), number="FL-2", priority=2, valid_to=date(2026, 9, 30))
    spring = date(2026, 4, 1)
    exclusive = programme(
        priority=1,
        combinable=False,
        valid_from=spring,
        valid_to=date(2026, 6, 30),
        tables=(Table(spring, (Tier(D(0), D(4)),)),),
    )
    lines = known(
        sold(0, 12, "1200", on=date(2026, 1, 9), goods=("1/1", 1)),
        sold(1, -7, "-700", on=date(2026, 4, 7), document="CN1", goods=("1/1", 1)),
        sold(2, 20, "2000", on=date(2026, 4, 8), goods=("2/2", 1)),
        sold(3, -5, "-500", on=date(2026, 7, 7), document="CN2", goods=("2/2", 1)),
    )
    found = {
        (one.number, accrual.period.first.month): [line.amount for line in accrual.lines]
        for one, accrual in accrue_all([whole_year, exclusive], {Measure.INVOICED: lines}, date(2026, 9, 30))
    }
    assert found["FL-2", 1] == [D(24)], "the sale of the first quarter stays paid"
    assert found["FL-1", 4] == [0, D(52)]
    assert found["FL-2", 4] == [0, 0]
    assert found["FL-2", 7] == [0], "what the exclusive programme has paid on is not taken back by another"


def test_the_days_before_and_after_a_programme_do_not_count():
    one = programme(Tier(D(0), D(10)), valid_from=date(2026, 1, 15), valid_to=date(2026, 2, 14))
    days = (date(2026, 1, 14), date(2026, 1, 15), date(2026, 2, 14), date(2026, 2, 15))
    lines = [sold(place, 1, "10", on=day) for place, day in enumerate(days)]
    assert accrued(one, *lines).qualified == 20
    assert [(each.first, each.last) for each in one.periods(LAST)] == [(days[1], days[2])]
