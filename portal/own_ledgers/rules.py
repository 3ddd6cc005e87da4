"""The life of an uploaded ledger, and what may be said of its differences. Pure."""

from __future__ import annotations

import hashlib
import json
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.kernel.errors import N_, Fault

TEXT_MAX = 1000
NAME_MAX = 60
FILENAME_MAX = 120
DAYS_MAX = 3 * 366
DIFFERENCES_MAX = 20_000  # beyond them two files are not of one account
MARGIN = timedelta(days=62)  # documents around the time compared, which a wrong date may have moved there


class LedgerState(StrEnum):
    """Where an uploaded ledger stands. A draft waits for somebody to look at its columns.

    Superseded: compared, and a newer one of the same days took its place. Discarded: its file is gone.
    """

    DRAFT = "draft"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


COMPARED = frozenset({LedgerState.DONE, LedgerState.SUPERSEDED})
"""With differences to look at."""


class Side(StrEnum):
    """Who says something."""

    DEALER = "dealer"
    HEADQUARTERS = "headquarters"


class Answer(StrEnum):
    """What a side says of a difference."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"


class Verdict(StrEnum):
    """What somebody does beside a difference: answers it, or only remarks something."""

    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Days:
    """The time that is compared, both days included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether a document of a day counts."""
        return self.first <= day <= self.last


def days_of_period(period: str) -> Days:
    """The days of a month. ValueError for what is none."""
    first = date.fromisoformat(f"{period}-01")
    return Days(first, first.replace(day=monthrange(first.year, first.month)[1]))


def whole_months(first: date, last: date) -> Days:
    """The months of the earliest and the latest document, and all between: a ledger is kept by months."""
    return Days(first.replace(day=1), last.replace(day=monthrange(last.year, last.month)[1]))


def days_faults(first: date | None, last: date | None) -> list[Fault]:
    """What is wrong with days that somebody entered; both may be left out."""
    if (first is None) != (last is None):
        pointer = "/first_day" if first is None else "/last_day"
        return [Fault(pointer, "day_missing", N_("Enter both days, or neither."))]
    if first is not None and last is not None:
        if last < first:
            return [Fault("/last_day", "days_turned", N_("The last day is before the first."))]
        if (last - first).days >= DAYS_MAX:
            message, fix = N_("At most three years are compared at once."), N_("Choose a shorter time.")
            return [Fault("/last_day", "days_max", message, fix)]
    return []


def text_faults(pointer: str, said: str, *, most: int, required: bool = False) -> list[Fault]:
    """What is wrong with a text that somebody entered."""
    if required and not said.strip():
        return [Fault(pointer, "missing", N_("Enter something here."))]
    if len(said) > most:
        return [Fault(pointer, "too_long", N_("At most %(max)s characters."), params={"max": most})]
    if "\x00" in said:
        return [Fault(pointer, "bad_character", N_("A character here cannot be kept."), N_("Type it anew."))]
    return []


def money_of(fen: int) -> Decimal:
    """An amount as money."""
    return Decimal(fen).scaleb(-2)


def content_hash(content: dict[str, Any], answers: Sequence[str]) -> str:
    """What a signature stands for: the figures, every difference, and what the signing side said of each."""
    said = json.dumps(
        content | {"answers": list(answers)}, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(said.encode()).hexdigest()
