"""What quotes cost and what is billed of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given as told
from hypothesis import strategies as st

from portal.kernel.errors import Conflict
from portal.kernel.money import tax_within
from portal.repairs.report_rules import LotForPart, ReportEntry, Used, fingerprint, first_expired_first
from portal.repairs.rules import (
    TAX_RATES,
    LineKind,
    QuoteState,
    billed,
    is_under_warranty,
    line_of,
    require_decidable,
    totals,
)

DAY = date(2026, 11, 28)
prices = st.decimals(0, 99999, places=2)
rates = st.sampled_from(TAX_RATES)
work = st.builds(
    lambda quantity, price, rate: line_of(LineKind.LABOUR, "x", quantity, price, rate),
    st.decimals("0.01", 999, places=2),
    prices,
    rates,
)
parts = st.lists(st.tuples(st.integers(1, 50), prices, rates), max_size=5).map(
    lambda rows: [
        line_of(LineKind.PART, "x", D(units), price, rate, product_id=place)
        for place, (units, price, rate) in enumerate(rows)
    ]
)


@told(st.lists(work, max_size=5), parts, st.data())
def test_never_more_is_billed_than_was_accepted(labour, wanted, data):
    lines = [*labour, *wanted]
    used = {one.product_id: data.draw(st.integers(0, int(one.quantity))) for one in wanted}
    charged = billed(lines, used)
    gross, tax = totals(charged)
    assert gross <= totals(lines)[0]
    assert tax == sum(tax_within(one.amount, one.tax_rate) for one in charged)
    everything = {one.product_id: int(one.quantity) for one in wanted}
    assert totals(billed(lines, everything)) == totals(lines)
    for one in charged:
        assert one.product_id is None or one.quantity <= used[one.product_id]


@told(st.decimals("0.01", 999, places=2), prices, rates)
def test_what_is_free_costs_nothing_and_says_its_price(quantity, price, rate):
    line = line_of(LineKind.LABOUR, "x", quantity, price, rate, is_free=True)
    assert (line.amount, line.tax, line.unit_price) == (0, 0, price) and billed([line], {}) == []


def test_a_quote_counts_on_its_last_day_and_only_while_it_is_offered():
    require_decidable(QuoteState.OFFERED, DAY, DAY)
    with pytest.raises(Conflict) as late:
        require_decidable(QuoteState.OFFERED, DAY, DAY + timedelta(days=1))
    assert late.value.code == "quote_expired"
    for state in set(QuoteState) - {QuoteState.OFFERED}:
        with pytest.raises(Conflict):
            require_decidable(state, DAY, DAY)


def test_the_day_on_which_it_was_asked_for_decides_about_the_warranty():
    assert is_under_warranty(DAY, DAY) and not is_under_warranty(DAY, DAY + timedelta(days=1))
    assert not is_under_warranty(None, DAY)


@told(st.lists(st.integers(1, 30), max_size=6), st.integers(0, 120))
def test_parts_come_first_from_what_expires_first(free, units):
    lots = [
        LotForPart(1, "P", place, f"L{place}", DAY + timedelta(days=place), there, False)
        for place, there in enumerate(free)
    ]
    picked = first_expired_first(lots, units)
    assert sum(picked.values()) == min(units, sum(free))
    for place in list(picked)[1:]:
        assert picked[place - 1] == free[place - 1]


def test_a_report_says_the_same_or_it_does_not():
    report = ReportEntry("k", "passed", "Done.\n", "Li", checks={2: "ok", 1: "ok"}, used=[Used("P", "L", 1)])
    same = ReportEntry("k", "passed", "Done.", " Li ", checks={1: "ok", 2: "ok"}, used=[Used("P", "L", 1)])
    assert fingerprint(report, "RP/1") == fingerprint(same, "RP/1") != fingerprint(same, "RP/2")
    other = ReportEntry("k", "passed", "Done.", "Li", checks={1: "ok", 2: "ok"}, used=[Used("P", "L", 2)])
    assert fingerprint(report, "RP/1") != fingerprint(other, "RP/1")
