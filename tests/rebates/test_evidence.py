"""Conditions that are no figures: stock reported in time, and no diversion case, worked out day by day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given as on
from hypothesis import strategies as st

from portal.rebates.engine import Known, accrue
from portal.rebates.evidence_rules import Evidence, Fact, Report, owed_days, unmet_of
from portal.rebates.programme import Programme, Standing, Table, Tier, Whom
from portal.rebates.rules import Basis, Measure, Method, Period, PeriodKind, period_of
from portal.rebates.source_lines import LineKind, SourceLine

FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)
QUARTER = period_of(PeriodKind.QUARTER, FIRST, FIRST, LAST)
OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 30)


def programme(**said) -> Programme:
    usual = {
        "number": "FL-1",
        "valid_from": FIRST,
        "valid_to": LAST,
        "period": PeriodKind.QUARTER,
        "measure": Measure.INVOICED,
        "basis": Basis.AMOUNT,
        "method": Method.ALL_UNITS,
        "tables": (Table(FIRST, (Tier(D(0), percent=D(2)),)),),
    }
    return Programme(**usual | said)


def unmet(evidence: Evidence, period: Period = QUARTER, is_in=lambda _: True, **said) -> dict:
    return dict(unmet_of(programme(**said), evidence, period, is_in))


def reports(*days: tuple[date, date], as_of: date = date(2027, 3, 1)) -> Evidence:
    return Evidence(as_of, [Report(*one) for one in days])


def case(holds: bool, first: date, last: date | None = None, reason: str = "lot GZ-2 in Guangdong") -> Fact:
    return Fact("no_diversion_case", holds, first, last, reason)


def test_the_stock_of_each_months_end_is_owed():
    assert list(owed_days(QUARTER)) == [OCTOBER, NOVEMBER, LAST]
    short = Period(date(2026, 10, 20), date(2026, 11, 12), "")
    assert list(owed_days(short)) == [OCTOBER, date(2026, 11, 12)]


@on(st.dates(date(2020, 1, 1), date(2028, 12, 31)), st.integers(0, 400))
def test_every_month_of_a_period_owes_one_report(first, days):
    last = date.fromordinal(first.toordinal() + days)
    found = list(owed_days(Period(first, last, "")))
    assert found == sorted(set(found)) and found[-1] == last
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    assert len(found) == months and all(first <= day <= last for day in found)


@pytest.mark.parametrize(
    ("evidence", "missing"),
    [
        (reports((OCTOBER, date(2026, 11, 5)), (NOVEMBER, NOVEMBER), (LAST, date(2027, 1, 5))), ()),
        (reports((OCTOBER, date(2026, 11, 6)), (NOVEMBER, NOVEMBER), (LAST, LAST)), ("2026-10-31",)),
        (reports((date(2026, 11, 3), date(2026, 11, 4)), (NOVEMBER, NOVEMBER), (LAST, LAST)), ()),
        (reports((date(2026, 10, 30), OCTOBER), (NOVEMBER, NOVEMBER), (LAST, LAST)), ("2026-10-31",)),
        (reports(), ("2026-10-31", "2026-11-30", "2026-12-31")),
        (reports(as_of=date(2026, 11, 5)), ()),
        (reports(as_of=date(2026, 11, 6)), ("2026-10-31",)),
        (reports(as_of=FIRST), ()),
    ],
    ids=[
        "all in time",
        "a day late",
        "counted after",
        "counted before",
        "none",
        "due today",
        "due",
        "none yet",
    ],
)
def test_a_report_comes_by_its_day_and_counts_that_month(evidence, missing):
    found = unmet(evidence, inventory_reports=5)
    assert found == ({"inventory_reports": missing} if missing else {})


def test_months_outside_the_programme_owe_nothing():
    found = unmet(reports(), inventory_reports=5, is_in=lambda day: day >= NOVEMBER)
    assert found == {"inventory_reports": ("2026-11-30", "2026-12-31")}


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        ((), ()),
        ((case(False, date(2026, 12, 31)),), ("lot GZ-2 in Guangdong",)),
        ((case(False, date(2027, 1, 1)),), ()),
        ((case(False, date(2026, 8, 1), date(2026, 9, 30)),), ()),
        ((case(False, date(2026, 8, 1), FIRST),), ("lot GZ-2 in Guangdong",)),
        ((case(False, OCTOBER), case(True, OCTOBER, reason="unfounded")), ()),
        ((case(True, FIRST), case(False, OCTOBER, reason="found")), ("found",)),
        ((case(False, OCTOBER), case(True, NOVEMBER)), ("lot GZ-2 in Guangdong",)),
        (
            (case(False, OCTOBER, OCTOBER, "one"), case(False, NOVEMBER, NOVEMBER, "two")),
            ("one", "two"),
        ),
    ],
)
def test_of_each_day_the_latest_word_counts(facts, reasons):
    found = unmet(Evidence(facts=facts), no_diversion_case=True)
    assert found == ({"no_diversion_case": reasons} if reasons else {})
    assert unmet(Evidence(facts=facts)) == {}, "nobody asks"


def test_unmet_a_programme_pays_nothing_and_says_why():
    line = SourceLine(
        on=OCTOBER,
        document="FP-1",
        line=1,
        kind=LineKind.SALE,
        sku="GAUZE",
        categories=frozenset(),
        quantity=10,
        net=D("884.96"),
        gross=D("1000.00"),
    )
    standing = (Standing(FIRST, "A", frozenset()),)
    sound = Known("huadong", standing, [line], {})
    asked = programme(inventory_reports=5, no_diversion_case=True, whom=Whom())
    open_case = Known("huadong", standing, [line], {}, Evidence(NOVEMBER, (), (case(False, OCTOBER),)))
    assert accrue(programme(), sound, QUARTER).accrued == D("20.00")
    found = accrue(asked, open_case, QUARTER)
    assert (found.qualified, found.reached_tier, found.accrued) == (D("1000.00"), 1, D(0))
    assert found.unmet == ("inventory_reports", "no_diversion_case")
    assert dict(found.why)["inventory_reports"] == ("2026-10-31",)
    assert [one.amount for one in found.lines] == [D(0)]
