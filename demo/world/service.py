"""What dealers ask service for, told once, and the ways in which such a request can go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portal.service.rules import RequestState, ServiceKind, Severity

_DATA = Path(__file__).resolve().parents[1] / "data" / "service_stories.json"


@dataclass(frozen=True, slots=True)
class Story:
    """A matter with what both sides say of it. about: device, product, lot or order.

    answer, note, ask, more, resolve, again: headquarters' words; say, reopen, rate: the dealer's.
    """

    kind: ServiceKind
    severity: Severity
    about: str
    subject: str
    text: str
    answer: str
    note: str
    ask: str
    say: str
    more: str
    resolve: str
    reopen: str
    again: str
    rate: str
    pictures: Sequence[str] = ()
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """How a request goes: who does what, one after the other; the state in which it stands then.

    share: of a hundred requests. late: its clocks are not kept. days: how long ago it can have begun.
    """

    state: RequestState
    acts: Sequence[str]
    share: int
    days: tuple[float, float]
    late: bool = False


_NEVER_LONG = (0.0, 0.2)
_YEAR = (10.0, 195.0)
_S = RequestState
COURSES = (
    Course(_S.NEW, ("open",), 2, _NEVER_LONG),
    Course(_S.NEW, ("open",), 1, (1.5, 2.5), late=True),
    Course(_S.ASSIGNED, ("open", "assign"), 3, (0.1, 0.6)),
    Course(_S.IN_PROGRESS, ("open", "assign", "answer", "note"), 3, (0.5, 2.0)),
    Course(_S.IN_PROGRESS, ("open", "take", "answer", "ask", "say", "more"), 3, (1.0, 4.0)),
    Course(_S.IN_PROGRESS, ("open", "assign", "answer", "note", "more"), 2, (9.0, 16.0), late=True),
    Course(_S.IN_PROGRESS, ("open", "assign", "answer", "resolve", "reopen", "more"), 2, (8.0, 20.0)),
    Course(_S.WAITING, ("open", "assign", "answer", "note", "ask"), 4, (1.0, 7.0)),
    Course(_S.RESOLVED, ("open", "assign", "answer", "resolve"), 4, (1.0, 4.0)),
    Course(_S.RESOLVED, ("open", "assign", "ask", "say", "resolve", "rate"), 3, (2.0, 5.0)),
    Course(_S.CANCELLED, ("open", "assign", "answer", "cancel"), 3, _YEAR),
    Course(_S.MERGED, ("open", "merge"), 3, _YEAR),
    Course(_S.CLOSED, ("open", "assign", "answer", "resolve", "close"), 20, _YEAR),
    Course(
        _S.CLOSED, ("open", "assign", "answer", "ask", "say", "more", "resolve", "rate", "close"), 17, _YEAR
    ),
    Course(_S.CLOSED, ("open", "take", "answer", "note", "resolve", "expire"), 12, _YEAR),
    Course(
        _S.CLOSED,
        ("open", "assign", "note", "answer", "more", "resolve", "close", "rate"),
        9,
        _YEAR,
        late=True,
    ),
    Course(
        _S.CLOSED,
        ("open", "assign", "answer", "resolve", "reopen", "more", "again", "rate", "close"),
        5,
        (25.0, 195.0),
    ),
    Course(_S.CLOSED, ("open", "assign", "answer", "note", "resolve", "expire"), 4, _YEAR, late=True),
)
"""A merged one goes on in the request before it, which therefore stays open for a while."""


@cache
def stories() -> tuple[Story, ...]:
    """Every matter that is told."""
    return tuple(
        Story(**{**one, "kind": ServiceKind(one["kind"]), "severity": Severity(one["severity"])})
        for one in json.loads(_DATA.read_text(encoding="utf-8"))
    )
