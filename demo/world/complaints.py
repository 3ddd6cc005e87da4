"""Complaints of the demonstration: what is wrong, and how far quality got with it.

A moment is told as ``3 09:40``: so many calendar days before today, at this time; or as ``26h``: so many
hours before the demonstration's moment. The clocks of the regulator run at night and on holidays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from demo.world.repairs import Step

_DATA = Path(__file__).resolve().parents[1] / "data" / "complaint_stories.json"


@dataclass(frozen=True, slots=True)
class ComplaintStory:
    """What is wrong, and the words of dealer and quality.

    harm: of what may be an adverse event, empty for what is none. patient: initials, age, sex. later: what a
    follow-up report says; ending: why the event is over.
    """

    name: str
    severity: str
    subject: str
    text: str
    answer: str
    note: str
    ask: str
    say: str
    category: str
    grade: str
    reason: str
    stop_use: str
    cause: str
    measure: str
    reply: str
    follow_up: str
    reopen: str
    rate: str
    stars: int
    pictures: Sequence[str] = ()
    stops: bool = False
    harmed: bool = False
    harm: str = ""
    patient: Sequence[str] = ()
    usage: str = ""
    measures: str = ""
    first_cause: str = ""
    later: str = ""
    ending: str = ""


@dataclass(frozen=True, slots=True)
class Complained:
    """A complaint. lot: which of the lots with many complaints it is about, 0 for one of the dealer's own."""

    dealer: int
    story: str
    steps: Sequence[Step]
    lot: int = 0
    is_group: bool = False


EVERYDAY = ("seal", "label", "short", "stiff", "smell", "manual")
"""Stories of complaints that are no adverse event."""

COMPLAINTS = (
    # Nobody has looked at it, the desk has proposed, quality looks into it.
    Complained(1, "seal", (("open", "2h"),)),
    Complained(4, "label", (("open", "27h"), ("answer", "26h"))),
    Complained(2, "stiff", (("open", "2 09:30"), ("answer", "2 10:10"), ("propose", "2 11:20"))),
    Complained(6, "manual", (("open", "3 14:10"), ("answer", "3 15:00"), ("propose", "1 10:30"))),
    Complained(
        1,
        "smell",
        (
            *(("open", "6 09:20"), ("answer", "6 10:05"), ("note", "6 10:10"), ("ask", "6 10:12")),
            *(("say", "6 15:40"), ("propose", "5 09:30"), ("triage", "5 14:00"), ("measure", "4 16:00")),
        ),
    ),
    Complained(
        3, "short", (("open", "4 13:40"), ("answer", "4 14:30"), ("triage", "3 09:40"), ("handle", "1 09:50"))
    ),
    Complained(
        5,
        "seal",
        (
            *(("open", "24 10:00"), ("answer", "24 10:50"), ("triage", "23 11:00"), ("handle", "20 15:10")),
            *(("finish", "19 09:30"), ("rate", "18 10:00"), ("reopen", "3 16:20")),
        ),
    ),
    # Several on one lot within a month, of several dealers: a signal.
    Complained(1, "seal", (("open", "21 09:10"), ("answer", "21 10:00"), ("triage", "20 10:20")), lot=2),
    Complained(2, "seal", (("open", "15 14:20"), ("answer", "15 15:10"), ("triage", "14 09:50")), lot=2),
    Complained(5, "smell", (("open", "9 09:45"), ("answer", "9 10:30"), ("triage", "8 11:10")), lot=2),
    Complained(3, "seal", (("open", "1 15:30"), ("answer", "1 16:10")), lot=2),
    # An adverse event whose clock runs; one with a draft; submitted; with a follow-up; over; dismissed.
    Complained(1, "burn", (("open", "26h"), ("answer", "25h"), ("class", "24h"))),
    Complained(
        2,
        "broken",
        (
            *(("open", "12 10:30"), ("answer", "12 11:00"), ("triage", "12 15:20"), ("ask", "12 15:25")),
            *(("say", "11 09:40"), ("report", "8 16:00"), ("warn", "1 15:30"), ("report", "1 16:40")),
        ),
    ),
    Complained(
        3,
        "burn",
        (
            *(("open", "18 09:15"), ("answer", "18 09:40"), ("class", "18 10:30"), ("ask", "18 10:35")),
            *(("say", "17 09:50"), ("triage", "17 11:00"), ("report", "12 14:00"), ("submit", "10 10:20")),
        ),
    ),
    Complained(
        4,
        "broken",
        (
            *(("open", "38 14:00"), ("answer", "38 14:30"), ("triage", "38 16:40"), ("report", "30 10:10")),
            *(("submit", "27 09:30"), ("measure", "20 15:00"), ("later", "2 11:20")),
        ),
    ),
    Complained(
        5,
        "stop",
        (
            *(("open", "80 09:05"), ("answer", "80 09:20"), ("class", "80 09:50"), ("triage", "80 11:00")),
            *(("report", "77 15:30"), ("submit", "76 10:00"), ("later", "50 14:10"), ("submit", "48 09:40")),
            *(("handle", "46 10:00"), ("end", "45 11:30"), ("finish", "45 11:45")),
        ),
    ),
    Complained(
        1,
        "burn",
        (
            *(("open", "64 13:40"), ("answer", "64 14:00"), ("class", "64 15:10"), ("triage", "63 10:00")),
            *(("report", "55 10:20"), ("submit", "53 16:00"), ("later", "35 14:00"), ("submit", "34 10:00")),
            *(("handle", "33 10:30"), ("end", "32 11:00"), ("finish", "32 11:10"), ("rate", "31 09:30")),
            ("close", "31 09:31"),
        ),
    ),
    Complained(
        6,
        "rash",
        (
            *(("open", "29 10:20"), ("answer", "29 11:00"), ("ask", "29 11:05"), ("say", "28 09:30")),
            *(("triage", "27 14:20"), ("handle", "26 10:00"), ("dismiss", "26 10:20")),
            *(("finish", "26 10:30"), ("rate", "25 15:00"), ("close", "25 15:01")),
        ),
    ),
    # A group event: told to the authorities within hours, reported within a day; others on the same lot.
    Complained(
        2,
        "fever",
        (
            *(("open", "54h"), ("answer", "53.5h"), ("class", "53h"), ("triage", "52h"), ("notice", "48h")),
            *(("report", "40h"), ("submit", "34h"), ("later", "5h")),
        ),
        lot=1,
        is_group=True,
    ),
    Complained(1, "fever2", (("open", "50h"), ("answer", "49h"), ("triage", "47h")), lot=1),
    Complained(3, "fever2", (("open", "45h"), ("answer", "44h"), ("triage", "43h")), lot=1),
    Complained(6, "fever2", (("open", "30h"), ("answer", "29h")), lot=1),
)


@cache
def complaint_stories() -> Mapping[str, ComplaintStory]:
    """Every story by its name."""
    told = json.loads(_DATA.read_text(encoding="utf-8"))
    return {one["name"]: ComplaintStory(**one) for one in told}
