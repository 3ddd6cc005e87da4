"""What counts of all that was decided, and what may be proposed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.credit.rules import ChangeKind, Proposed, in_force, proposal_faults, terms_warnings

TODAY = date(2026, 11, 28)


@dataclass(frozen=True)
class Row:
    id: int
    valid_from: date
    valid_until: date | None


days = st.integers(-30, 30).map(lambda days: TODAY + timedelta(days=days))
rows = st.lists(
    st.builds(
        lambda since, long: (since, None if long < 0 else since + timedelta(days=long)),
        days,
        st.integers(-9, 9),
    ),
    max_size=8,
).map(lambda spans: [Row(place, *span) for place, span in enumerate(spans)])


@given(rows, days)
def test_a_temporary_change_counts_before_one_for_good_and_the_latest_of_each(found, day):
    counts = in_force(found, day)
    running = [one for one in found if one.valid_from <= day <= (one.valid_until or date.max)]
    temporary = [one for one in running if one.valid_until is not None]
    assert counts == max(temporary or running, key=lambda one: (one.valid_from, one.id), default=None)


@pytest.mark.parametrize(
    ("changed", "pointers"),
    [
        ({}, []),
        ({"amount": None}, ["/amount"]),
        ({"amount": Decimal("-1")}, ["/amount"]),
        ({"kind": ChangeKind.TERMS, "amount": None, "days": 366}, ["/days"]),
        ({"kind": ChangeKind.TERMS, "amount": None}, ["/days"]),
        ({"valid_from": TODAY - timedelta(days=1)}, ["/valid_from"]),
        ({"valid_until": TODAY - timedelta(days=1)}, ["/valid_until"]),
        ({"why": " "}, ["/reason"]),
        ({"why": "x\x00"}, ["/reason"]),
        (
            {"why": "x" * 501, "amount": None, "valid_from": date(2999, 1, 1)},
            ["/amount", "/valid_from", "/reason"],
        ),
    ],
)
def test_every_fault_of_a_proposal_is_told_at_once(changed, pointers):
    usual = {"kind": ChangeKind.LIMIT, "amount": Decimal("1.00"), "days": None, "valid_from": TODAY}
    proposed = Proposed(**usual | {"valid_until": None, "why": "因为"} | changed)
    assert [fault.pointer for fault in proposal_faults(proposed, TODAY)] == pointers


def test_terms_beyond_the_law_are_warned_of():
    assert [len(terms_warnings(days, 60)) for days in (None, 0, 60, 61)] == [0, 0, 0, 1]
