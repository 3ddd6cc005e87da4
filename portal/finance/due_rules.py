"""What is due when, by weeks that begin on Monday. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.kernel.money import ZERO
from portal.ledger.ageing_rules import OpenOn


class Span(StrEnum):
    """When something has to be paid, seen from today."""

    OVERDUE = "overdue"
    THIS_WEEK = "this_week"
    NEXT_WEEK = "next_week"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Due:
    """What is due in a span, the earliest first.

    amount: all of it together, also of what is not among `items`.
    """

    span: Span
    items: tuple[OpenOn, ...]
    amount: Decimal


def span_of(due_on: date, today: date) -> Span:
    """What is due today is not overdue."""
    if due_on < today:
        return Span.OVERDUE
    sunday = today + timedelta(days=6 - today.weekday())
    if due_on <= sunday:
        return Span.THIS_WEEK
    return Span.NEXT_WEEK if due_on <= sunday + timedelta(days=7) else Span.LATER


def by_span(open_items: Iterable[OpenOn], today: date, *, shown: int | None = None) -> list[Due]:
    """The debts among open items, by the spans that have some; the first `shown` of all of them by name."""
    debts, left = [item for item in open_items if item.amount > 0], shown
    found = []
    for span in Span:
        items = tuple(item for item in debts if span_of(item.due_on, today) is span)
        if items:
            found.append(Due(span, items[:left], sum((item.amount for item in items), ZERO)))
            left = None if left is None else max(left - len(items), 0)
    return found


def credit_of(open_items: Iterable[OpenOn]) -> Decimal:
    """What was paid or credited and settles nothing yet, as a positive amount."""
    return -sum((item.amount for item in open_items if item.amount < 0), ZERO)
