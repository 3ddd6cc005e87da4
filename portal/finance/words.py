"""Spans of time, and ages of what is open, in words."""

from __future__ import annotations

from portal.finance.due_rules import Span
from portal.kernel.errors import N_

SPANS = {
    Span.OVERDUE: N_("Overdue"),
    Span.THIS_WEEK: N_("Due this week"),
    Span.NEXT_WEEK: N_("Due next week"),
    Span.LATER: N_("Due later"),
}
AGES = {
    "current": N_("Not yet due"),
    "days_1_30": N_("1–30 days overdue"),
    "days_31_60": N_("31–60 days overdue"),
    "days_61_90": N_("61–90 days overdue"),
    "days_over_90": N_("More than 90 days overdue"),
}
