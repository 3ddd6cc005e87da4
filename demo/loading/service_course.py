"""One request on its way, as the portal's rules would have let it go: its states, clocks and timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from demo.world.service import Course, Story
from portal.service.rules import Act, EntryKind, RequestState, after
from portal.service.sla_rules import Clock, Clocks, Stage, Target, clocks, stood_until
from portal.workdays.rules import WorkCalendar

CLOSED_AFTER = timedelta(days=7, minutes=23)  # by itself, at the next full hour or so
_TOLD = {
    "assign": (Act.ASSIGN, EntryKind.ASSIGNED),
    "take": (Act.TAKE, EntryKind.TAKEN),
    "answer": (Act.ANSWER, EntryKind.MESSAGE),
    "more": (Act.ANSWER, EntryKind.MESSAGE),
    "ask": (Act.ASK, EntryKind.ASKED),
    "say": (Act.SAY, EntryKind.MESSAGE),
    "resolve": (Act.RESOLVE, EntryKind.RESOLVED),
    "again": (Act.RESOLVE, EntryKind.RESOLVED),
    "reopen": (Act.REOPEN, EntryKind.REOPENED),
    "rate": (Act.RATE, EntryKind.RATED),
    "close": (Act.CLOSE, EntryKind.CLOSED),
    "expire": (Act.CLOSE, EntryKind.CLOSED),
    "cancel": (Act.CANCEL, EntryKind.CANCELLED),
    "merge": (Act.MERGE, EntryKind.MERGED),
}
_ANSWERS = frozenset({"answer", "more", "ask", "resolve", "again"})
_LATER = {"rate": (20, 300), "close": (40, 700), "reopen": (60, 1200), "say": (25, 600), "cancel": (15, 240)}


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever acts: as the audit names them. id: 0 for the portal itself."""

    key: str
    label: str
    id: int = 0
    is_staff: bool = True


SYSTEM = Person("system", "system")


@dataclass(frozen=True, slots=True)
class Said:
    """An entry of a timeline. before: the state in which it was said."""

    at: datetime
    kind: EntryKind
    by: Person
    text: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    pictures: Sequence[str] = ()
    before: RequestState = RequestState.NEW


@dataclass(slots=True)
class Walk:
    """A request that goes. rounds: stages of clocks that somebody was told of, by reopenings,
    with the minutes promised."""

    calendar: WorkCalendar
    chance: Random
    story: Story
    course: Course
    target: Target
    asked_at: datetime
    now: datetime
    asker: Person
    server: Person
    desk: Person
    state: RequestState = RequestState.NEW
    assignee: Person | None = None
    revision: int = 1
    stood: int = 0
    paused_at: datetime | None = None
    first_answered_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str = ""
    resolution: str = ""
    reopenings: int = 0
    ended_at: datetime | None = None
    rating: int | None = None
    rated_at: datetime | None = None
    said: list[Said] = field(default_factory=list)
    rounds: list[tuple[int, Clock, Stage, int, datetime]] = field(default_factory=list)
    since: datetime = field(init=False)
    first: Clocks = field(init=False)
    due: Clocks = field(init=False)

    def __post_init__(self) -> None:
        self.since = self.asked_at
        self.due = self.first = clocks(self.calendar, self.target, self.asked_at)
        pictures = self.story.pictures if self.chance.random() < 0.4 else ()
        self._say(
            self.asked_at,
            EntryKind.OPENED,
            self.asker,
            self.story.text,
            {"kind": str(self.story.kind)},
            pictures,
        )
        for act, at in self._planned():
            self._do(act, at)
        if self.ended_at is None and self.state is not RequestState.RESOLVED:
            self._tell_of_clocks(self.paused_at or self.now)
        self.said.sort(key=lambda one: one.at)

    @property
    def last_at(self) -> datetime:
        """When something happened last."""
        return self.said[-1].at

    def merged_at(self, at: datetime, by: Person, **details: str) -> None:
        """Another one joins, or this one goes on elsewhere."""
        self._say(at, EntryKind.MERGED, by, details=details)
        self.said.sort(key=lambda one: one.at)

    def _planned(self) -> list[tuple[str, datetime]]:
        """When each act happens: within the targets, or beyond them."""
        late, chance = self.course.late, self.chance
        first = self.target.first_answer_minutes * (
            chance.uniform(1.2, 2.2) if late else chance.uniform(0.06, 0.7)
        )
        whole = self.target.resolution_minutes * (
            chance.uniform(1.15, 1.5) if late else chance.uniform(0.3, 0.85)
        )
        whole = max(whole, first * 1.2)
        planned: list[tuple[str, datetime]] = []
        at, run = self.asked_at, 0.0
        acts = self.course.acts[1:]
        for place, act in enumerate(acts):
            if act == "assign":
                at += timedelta(seconds=chance.randint(4, 40))
            elif act == "expire":
                at = (
                    next(moment for name, moment in reversed(planned) if name in ("resolve", "again"))
                    + CLOSED_AFTER
                )
            elif act in _LATER:
                at = self.calendar.due(at, chance.randint(*_LATER[act]))
            else:
                answered = any(name in _ANSWERS for name, _ in planned)
                if not answered:
                    run = first if act in _ANSWERS else first * 0.5
                    at = max(at, self.calendar.due(self.asked_at, round(run)))
                else:
                    left = sum(name not in _LATER for name in acts[place:])
                    share = (whole - first) / (left + 1) * chance.uniform(0.6, 1.0)
                    if late and act == "resolve":
                        at = max(at, self.calendar.due(self.asked_at, round(whole)))
                    else:
                        at = self.calendar.due(at, round(share))
            planned.append((act, at))
        return planned

    def _do(self, act: str, at: datetime) -> None:
        if act == "note":
            self._say(at, EntryKind.NOTE, self.assignee or self.desk, self.story.note)
            return
        does, kind = _TOLD[act]
        by = self._who(act)
        before, self.state = self.state, after(self.state, does)
        self.revision += 1
        if act in ("assign", "take"):
            self.assignee = self.server
        text = (
            ""
            if act in ("assign", "take", "close", "expire", "cancel", "merge")
            else getattr(self.story, act)
        )
        details: dict[str, Any] = {"to": self.server.label} if act in ("assign", "take") else {}
        if act == "rate":
            self.rating = self._stars()
            self.rated_at, details = at, {"stars": self.rating}
        pictures = self.story.pictures[:1] if act == "say" and self.chance.random() < 0.5 else ()
        if kind is not EntryKind.MERGED:  # whoever knows the other one says so
            self._say(at, kind, by, text, details, pictures, before)
        self._time(act, at)

    def _time(self, act: str, at: datetime) -> None:
        if act == "ask":
            self.paused_at = at
        elif self.paused_at is not None and self.state is not RequestState.WAITING:
            self.stood = stood_until(self.calendar, self.stood, self.paused_at, at)
            self.paused_at = None
            self._reckon()
        if act in _ANSWERS and self.first_answered_at is None:
            self.first_answered_at, self.first = at, self.due
        if act in ("resolve", "again"):
            self._tell_of_clocks(at)
            self.resolved_at, self.resolved_by = at, self.server.label
            self.resolution = getattr(self.story, act)
        elif act == "reopen":
            self.reopenings, self.since, self.stood, self.ended_at = self.reopenings + 1, at, 0, None
            self._reckon()
        elif act in ("close", "expire", "cancel", "merge"):
            self.ended_at = at

    def _reckon(self) -> None:
        self.due = clocks(self.calendar, self.target, self.since, self.stood)

    def _tell_of_clocks(self, until: datetime) -> None:
        answered = self.first_answered_at or until
        first = self.first if self.first_answered_at else self.due
        running = [(Clock.RESOLUTION, self.due.resolution_warn_at, self.due.resolution_due_at, until)]
        if not self.reopenings:
            running.append(
                (Clock.FIRST_ANSWER, first.first_answer_warn_at, first.first_answer_due_at, answered)
            )
        minutes = {
            Clock.FIRST_ANSWER: self.target.first_answer_minutes,
            Clock.RESOLUTION: self.target.resolution_minutes,
        }
        for clock, warn_at, due_at, end in running:
            for stage, at in ((Stage.WARNING, warn_at), (Stage.BREACH, due_at)):
                told = at + timedelta(seconds=self.chance.randint(1, 290))
                if told < min(end, until):
                    self.rounds.append((self.reopenings, clock, stage, minutes[clock], told))
                    details = {"clock": str(clock), "stage": str(stage)}
                    self._say(told, EntryKind.ESCALATED, SYSTEM, details=details, before=self.state)

    def _stars(self) -> int:
        weights = (2, 3, 3, 2, 1) if self.course.late else (0, 1, 2, 6, 9)
        return self.chance.choices((1, 2, 3, 4, 5), weights)[0]

    def _who(self, act: str) -> Person:
        if act in ("assign", "expire"):
            return SYSTEM
        if act in ("say", "reopen", "rate", "close", "cancel"):
            return self.asker
        return self.desk if act == "merge" else self.server

    def _say(
        self,
        at: datetime,
        kind: EntryKind,
        by: Person,
        text: str = "",
        details: dict[str, Any] | None = None,
        pictures: Sequence[str] = (),
        before: RequestState = RequestState.NEW,
    ) -> None:
        self.said.append(Said(at, kind, by, text, details or {}, pictures, before))
