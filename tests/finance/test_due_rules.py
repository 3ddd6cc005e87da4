"""What is due falls into weeks, and everything is in one of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.finance.due_rules import Span, by_span, credit_of, span_of
from portal.ledger.ageing_rules import AsOf, OpenOn, bucket_of, buckets_of

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("today", "due_on", "span"),
    [
        (MONDAY, MONDAY - timedelta(days=1), Span.OVERDUE),
        (MONDAY, MONDAY, Span.THIS_WEEK),
        (MONDAY, MONDAY + timedelta(days=6), Span.THIS_WEEK),
        (MONDAY, MONDAY + timedelta(days=7), Span.NEXT_WEEK),
        (MONDAY, MONDAY + timedelta(days=13), Span.NEXT_WEEK),
        (MONDAY, MONDAY + timedelta(days=14), Span.LATER),
        (MONDAY + timedelta(days=6), MONDAY + timedelta(days=6), Span.THIS_WEEK),
        (MONDAY + timedelta(days=6), MONDAY + timedelta(days=7), Span.NEXT_WEEK),
    ],
)
def test_weeks_begin_on_monday_and_what_is_due_today_is_not_overdue(today, due_on, span):
    assert span_of(due_on, today) is span


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-5, "current"),
        (0, "current"),
        (1, "days_1_30"),
        (30, "days_1_30"),
        (31, "days_31_60"),
        (60, "days_31_60"),
        (61, "days_61_90"),
        (90, "days_61_90"),
        (91, "days_over_90"),
    ],
)
def test_a_debt_ages_by_days_past_its_due_date(days, bucket):
    assert bucket_of(MONDAY - timedelta(days=days), MONDAY) == bucket


items = st.lists(
    st.builds(
        lambda days, fen: OpenOn("X", "invoice", MONDAY, MONDAY + timedelta(days=days), Decimal(fen) / 100),
        st.integers(-200, 60),
        st.integers(-9_999, 9_999).filter(bool),
    )
)


@given(items)
def test_spans_and_ages_add_up_to_what_is_open(open_items):
    dues, aged = by_span(open_items, MONDAY), buckets_of(open_items, MONDAY)
    whole = sum(item.amount for item in open_items)
    assert sum(due.amount for due in dues) - credit_of(open_items) == whole == aged.balance
    assert sum((due.amount for due in dues if due.span is Span.OVERDUE), Decimal(0)) == aged.overdue
    assert aged.unallocated == -credit_of(open_items) <= 0


@given(items, st.integers(0, 6))
def test_a_span_adds_up_what_is_not_shown_of_it_too(open_items, shown):
    whole, some = by_span(open_items, MONDAY), by_span(open_items, MONDAY, shown=shown)
    assert [(due.span, due.amount) for due in some] == [(due.span, due.amount) for due in whole]
    named = [item for due in whole for item in due.items]
    assert [item for due in some for item in due.items] == named[:shown]


def test_a_snapshot_serves_from_the_last_day_of_its_month():
    assert AsOf(date(2026, 10, 31)).settled_through == "2026-10"
    assert AsOf(date(2026, 10, 30)).settled_through == "2026-09"
    assert AsOf(date(2026, 1, 1)).settled_through == "2025-12"
