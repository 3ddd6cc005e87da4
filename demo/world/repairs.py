"""Repairs of the demonstration: what is asked for, and what is done one after another.

A moment is told as ``3 09:40``: so many working days before today, at this time; ``0`` is today, a negative
number is to come.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DATA = Path(__file__).resolve().parents[1] / "data" / "repair_stories.json"

Step = tuple[str, ...]
"""What is done, when, and what else has to be said of it."""


@dataclass(frozen=True, slots=True)
class RepairStory:
    """What is wrong with a device, and the words of everybody who has to do with it.

    labour, hours, price, travel, units: of the quote; units of the part.
    """

    severity: str
    stops: bool
    pictures: Sequence[str]
    subject: str
    text: str
    answer: str
    note: str
    ask: str
    say: str
    quote: str
    labour: str
    hours: int
    price: str
    travel: str
    units: int
    visit: str
    failed: str
    findings: str
    decline: str
    cancel: str
    reopen: str
    rate: str
    stars: int


@dataclass(frozen=True, slots=True)
class Repaired:
    """A repair. dealer: whose, where it has such a device. is_covered: under warranty when it is asked for.

    is_south: its technician is that of the south. lacks_part: no warehouse has so many.
    """

    dealer: int
    story: int
    steps: Sequence[Step]
    is_covered: bool = False
    is_south: bool = False
    lacks_part: bool = False


REPAIRS = (
    # A quote is drafted, offered, offered anew, declined; one has run out.
    Repaired(
        1, 0, (("open", "2 10:20"), ("answer", "2 11:05"), ("note", "2 11:12"), ("draft", "1 16:10", "30"))
    ),
    Repaired(
        1,
        3,
        (
            *(("open", "4 09:15"), ("answer", "4 10:02"), ("ask", "4 10:04"), ("say", "3 09:30")),
            ("offer", "2 14:30", "30"),
        ),
    ),
    Repaired(
        2,
        4,
        (
            *(("open", "5 09:40"), ("answer", "5 10:30"), ("offer", "4 11:15", "20")),
            *(("withdraw", "3 09:20"), ("offer", "3 09:50", "30")),
        ),
        is_south=True,
    ),
    Repaired(
        3, 5, (("open", "7 13:45"), ("answer", "7 14:20"), ("offer", "6 10:00", "30"), ("decline", "4 16:40"))
    ),
    Repaired(
        4,
        1,
        (("open", "22 10:10"), ("answer", "22 11:00"), ("offer", "21 09:30", "10"), ("expire", "12 08:10")),
    ),
    # Visits to come: today, one after another, and on the next days; parts are held, or short.
    Repaired(
        1,
        2,
        (
            *(("open", "2 09:10"), ("answer", "2 09:25"), ("ask", "2 09:27"), ("say", "2 10:40")),
            *(("warranty", "2 13:50"), ("visit", "2 14:05", "0 13:30-15:30")),
        ),
        is_covered=True,
    ),
    Repaired(
        3,
        6,
        (
            *(("open", "3 15:20"), ("answer", "3 15:50"), ("offer", "2 10:00", "30"), ("accept", "1 09:20")),
            ("visit", "1 10:15", "0 16:00-17:00"),
        ),
    ),
    Repaired(
        2,
        1,
        (
            *(("open", "3 10:00"), ("answer", "3 10:40"), ("offer", "3 15:10", "30"), ("accept", "2 11:00")),
            ("visit", "2 14:40", "0 10:00-11:30"),
        ),
        is_south=True,
    ),
    Repaired(
        1,
        7,
        (
            *(("open", "4 14:00"), ("answer", "4 14:30"), ("offer", "3 10:20", "30"), ("accept", "2 15:30")),
            ("visit", "1 09:10", "-1 09:30-11:30"),
        ),
    ),
    Repaired(
        2,
        0,
        (
            *(("open", "4 09:00"), ("answer", "4 09:45"), ("offer", "4 16:00", "30"), ("accept", "2 09:40")),
            ("visit", "1 14:20", "-2 14:00-16:00"),
        ),
        is_south=True,
    ),
    Repaired(
        5,
        6,
        (("open", "3 09:30"), ("answer", "3 10:10"), ("warranty", "2 16:20")),
        is_covered=True,
        lacks_part=True,
    ),
    # The visit of yesterday has no report yet; one found out what is wrong before the quote.
    Repaired(
        4,
        5,
        (
            *(("open", "5 10:30"), ("answer", "5 11:10"), ("offer", "4 15:20", "30"), ("accept", "3 09:15")),
            ("visit", "3 10:00", "1 15:00-17:00"),
        ),
    ),
    Repaired(
        6,
        3,
        (
            *(("open", "5 14:10"), ("answer", "5 15:00"), ("visit", "4 09:30", "3 10:00-11:30")),
            *(("inspect", "3 11:50", "1"), ("offer", "2 09:30", "30")),
        ),
    ),
    # Done: billed or under warranty, at once or with a second visit; given up; reopened and to be done anew.
    Repaired(
        1,
        0,
        (
            *(("open", "12 09:20"), ("answer", "12 10:00"), ("ask", "12 10:05"), ("say", "12 14:30")),
            *(("offer", "11 10:15", "30"), ("accept", "10 09:30"), ("visit", "10 11:00", "8 10:00-12:00")),
            *(("passed", "8 12:20", "1"), ("rate", "7 09:10"), ("close", "7 09:12")),
        ),
    ),
    Repaired(
        1,
        2,
        (
            *(("open", "9 10:40"), ("answer", "9 10:55"), ("warranty", "9 14:10")),
            *(("visit", "9 14:30", "7 09:30-11:00"), ("passed", "7 11:20", "1"), ("rate", "6 15:00")),
        ),
        is_covered=True,
    ),
    Repaired(
        2,
        1,
        (
            *(("open", "11 14:20"), ("answer", "11 15:00"), ("offer", "11 17:10", "30")),
            *(("accept", "10 10:30"), ("visit", "10 11:10", "9 10:00-12:00"), ("failed", "9 12:10", "1")),
            *(("visit", "9 15:00", "6 14:00-16:00"), ("passed", "6 16:15", "2")),
            *(("rate", "5 10:00"), ("close", "5 10:01")),
        ),
        is_south=True,
    ),
    Repaired(
        3,
        4,
        (
            *(("open", "16 09:50"), ("answer", "16 10:30"), ("offer", "16 15:40", "30")),
            *(("accept", "16 17:05"), ("visit", "15 09:20", "15 14:00-16:00"), ("passed", "15 16:10", "1")),
            *(("rate", "14 09:30"), ("close", "14 09:31")),
        ),
    ),
    Repaired(
        5,
        7,
        (
            *(("open", "14 13:40"), ("answer", "14 14:15"), ("warranty", "14 16:00")),
            *(("visit", "14 16:20", "13 09:30-11:30"), ("passed", "13 11:40", "1")),
            *(("rate", "12 11:00"), ("close", "12 11:02")),
        ),
        is_covered=True,
    ),
    Repaired(
        6,
        5,
        (
            *(("open", "12 15:10"), ("answer", "12 15:40"), ("offer", "12 17:20", "30")),
            *(("accept", "11 09:10"), ("visit", "11 09:40", "11 14:00-16:00"), ("passed", "11 16:05", "1")),
            ("rate", "10 14:00"),
        ),
    ),
    Repaired(
        2,
        6,
        (
            *(("open", "13 10:00"), ("answer", "13 10:20"), ("warranty", "13 14:20")),
            *(("visit", "13 14:40", "12 10:00-11:30"), ("passed", "12 11:40", "1"), ("rate", "11 09:00")),
        ),
        is_covered=True,
        is_south=True,
    ),
    Repaired(
        4,
        3,
        (
            *(
                ("open", "10 09:00"),
                ("answer", "10 09:50"),
                ("offer", "9 09:30", "30"),
                ("accept", "8 10:20"),
            ),
            *(("visit", "8 11:00", "6 09:30-11:00"), ("cancel", "7 15:40")),
        ),
    ),
    Repaired(
        1,
        1,
        (
            *(("open", "8 14:40"), ("answer", "8 15:10"), ("warranty", "8 16:30")),
            *(("visit", "8 16:45", "6 14:00-15:30"), ("passed", "6 15:40", "1"), ("reopen", "2 10:10")),
            ("visit", "2 11:10", "-1 14:00-15:30"),
        ),
        is_covered=True,
    ),
    Repaired(
        1,
        5,
        (
            *(("open", "7 09:30"), ("answer", "7 10:00"), ("offer", "7 14:00", "30"), ("accept", "6 09:30")),
            *(("visit", "6 10:00", "5 10:00-12:00"), ("passed", "5 12:10", "1"), ("rate", "4 09:20")),
        ),
    ),
    Repaired(
        2,
        7,
        (
            *(("open", "6 13:50"), ("answer", "6 14:20"), ("offer", "6 16:40", "30"), ("accept", "5 09:40")),
            *(("visit", "5 10:30", "4 14:00-15:30"), ("passed", "4 15:45", "1")),
        ),
        is_south=True,
    ),
)


@cache
def repair_stories() -> tuple[RepairStory, ...]:
    """Every matter that is told."""
    return tuple(RepairStory(**one) for one in json.loads(_DATA.read_text(encoding="utf-8")))
