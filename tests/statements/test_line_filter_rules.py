"""Looking for lines of a statement hides others, and changes no balance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.statements.document import EntryKind, Movement, running_balances
from portal.statements.line_filter_rules import LineFilter, filtered

LINES = running_balances(
    Decimal(50),
    [
        Movement(date(2026, 10, 1), EntryKind.INVOICE, "IN2610-A", debit=Decimal(100), reference="SO-7"),
        Movement(date(2026, 10, 5), EntryKind.PAYMENT, "PY2610-B", credit=Decimal(30), reference="ft-99"),
        Movement(date(2026, 10, 9), EntryKind.INVOICE, "IN2610-C", debit=Decimal(8)),
    ],
)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (LineFilter(), ["IN2610-A", "PY2610-B", "IN2610-C"]),
        (LineFilter(kind="invoice"), ["IN2610-A", "IN2610-C"]),
        (LineFilter(text="in2610-c"), ["IN2610-C"]),
        (LineFilter(text="FT-"), ["PY2610-B"]),
        (LineFilter(first=date(2026, 10, 5)), ["PY2610-B", "IN2610-C"]),
        (LineFilter(last=date(2026, 10, 5)), ["IN2610-A", "PY2610-B"]),
        (LineFilter(least=Decimal(30)), ["IN2610-A", "PY2610-B"]),
        (LineFilter(most=Decimal(30), kind="invoice"), ["IN2610-C"]),
        (LineFilter(text="none"), []),
    ],
)
def test_what_is_looked_for_is_found(wanted, numbers):
    assert [line.document_no for line in filtered(LINES, wanted).lines] == numbers


@given(
    st.builds(
        LineFilter,
        kind=st.sampled_from(["", "invoice", "payment"]),
        text=st.sampled_from(["", "2610", "SO"]),
        least=st.none() | st.integers(0, 120).map(Decimal),
        most=st.none() | st.integers(0, 120).map(Decimal),
    )
)
def test_every_line_keeps_its_balance_and_the_sums_are_of_those_shown(wanted):
    found = filtered(LINES, wanted)
    assert set(found.lines) <= set(LINES) and found.of == len(LINES)
    assert found.debits - found.credits == sum(line.debit - line.credit for line in found.lines)
    assert found.is_part == (len(found.lines) < 3)
