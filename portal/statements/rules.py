"""When a month may be closed, and how its closing goes along. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, Fault, Invalid

ATTEMPTS_MAX = 3  # for one dealer's statement, before a person has to look

CONFIRM_MONTHS = 3  # months back of which a dealer is asked to confirm statements

NAME_MAX = 64  # characters of the name under a confirmation

_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


class TaskState(StrEnum):
    """Whether a dealer's statement of a month is made."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class StatementState(StrEnum):
    """What the dealer has said to a statement."""

    ISSUED = "issued"
    DISPUTED = "disputed"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"


class VersionState(StrEnum):
    """Where the correction of a statement stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


class StatementAct(StrEnum):
    """What the dealer, or whoever answers it, does with a statement."""

    CONFIRM = "confirm"
    DISPUTE = "dispute"
    RESOLVE = "resolve"


TRANSITIONS: Mapping[StatementState, Mapping[StatementAct, StatementState]] = {
    StatementState.ISSUED: {
        StatementAct.CONFIRM: StatementState.CONFIRMED,
        StatementAct.DISPUTE: StatementState.DISPUTED,
    },
    StatementState.DISPUTED: {StatementAct.RESOLVE: StatementState.RESOLVED},
    StatementState.RESOLVED: {
        StatementAct.CONFIRM: StatementState.CONFIRMED,
        StatementAct.DISPUTE: StatementState.DISPUTED,
    },
    StatementState.CONFIRMED: {},
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How a closing goes along: dealers in all, done, failed; `recent` were done in the last `seconds`."""

    total: int
    done: int
    failed: int
    recent: int
    seconds: float

    @property
    def waiting(self) -> int:
        """Dealers whose statement is still to be made."""
        return self.total - self.done - self.failed

    @property
    def rate(self) -> float:
        """Statements a second, of late."""
        return self.recent / self.seconds if self.seconds > 0 else 0.0

    @property
    def left(self) -> timedelta | None:
        """Time until nothing waits; None while nothing moves."""
        if not self.waiting:
            return timedelta()
        return timedelta(seconds=self.waiting / self.rate) if self.rate else None


def is_period(text: str) -> bool:
    """Whether a text reads ``YYYY-MM``."""
    return _PERIOD.fullmatch(text) is not None and text >= "0001-01"


def require_closable(period: str, states: Mapping[str, str], today: date) -> None:
    """Raise Invalid or Conflict unless `period` is over and the next month to close.

    `states` by known period.
    """
    if not is_period(period):
        raise Invalid(faults=[Fault("/period", "not_a_period", N_("Write the month as YYYY-MM."))])
    if states.get(period) == "closing":
        raise Conflict("already_closing", N_("%(period)s is already being closed."), period=period)
    if period <= _shut_through(states) and period in states:
        raise Conflict("already_closed", N_("%(period)s is already closed."), period=period)
    if period >= clock.period_of(today):
        raise Conflict("period_not_over", N_("%(period)s is not over yet."), period=period)
    first = _first_unclosed(states)
    if first is None or period < first:  # before the books began, or a month that was skipped
        raise Conflict("nothing_posted", N_("Nothing is posted in %(period)s."), period=period)
    if period > first:
        fix = N_("Close the earlier month first.")
        raise Conflict(
            "earlier_period_open", N_("%(earlier)s is not closed yet."), fix=fix, earlier=first, period=period
        )


def after(state: StatementState, act: StatementAct) -> StatementState:
    """The state after an act. Raises Conflict for one that is not possible."""
    if (reached := TRANSITIONS[state].get(act)) is not None:
        return reached
    if state is StatementState.CONFIRMED:
        message = N_("This statement is confirmed; its figures stand.")
        fix = N_("Ask headquarters to correct a document; the next statement shows it.")
        raise Conflict("statement_confirmed", message, fix=fix)
    message = N_("This statement is disputed.")
    raise Conflict("statement_disputed", message, fix=N_("Go on in the dispute, or take it back first."))


def name_faults(name: str) -> list[Fault]:
    """What is wrong with the name under a confirmation."""
    if not name.strip():
        return [Fault("/name", "name_missing", N_("Write your name."), N_("It is the signature."))]
    if len(name.strip()) > NAME_MAX or not name.strip().isprintable():
        message = N_("At most %(max)s printable characters.")
        return [Fault("/name", "name", message, params={"max": NAME_MAX})]
    return []


def next_to_close(states: Mapping[str, str], today: date) -> str | None:
    """The month whose closing may be started now, or None."""
    period = _first_unclosed(states)
    if period is None or states.get(period) == "closing" or period >= clock.period_of(today):
        return None
    return period


def first_to_confirm(today: date) -> str:
    """The earliest month whose statement a dealer is asked to confirm; earlier ones may be, all the same."""
    period = clock.period_of(today)
    for _ in range(CONFIRM_MONTHS):
        period = clock.previous_period(period)
    return period


def pace(first: datetime, at: datetime, window: timedelta) -> float:
    """Seconds over which the recent rate is counted: the window, or as long as the closing runs; never 0."""
    return max(min(window, at - first).total_seconds(), 1.0)


def _shut_through(states: Mapping[str, str]) -> str:
    return max((period for period, state in states.items() if state != "open"), default="")


def _first_unclosed(states: Mapping[str, str]) -> str | None:
    """The month that comes next.

    The one being closed, else the one after the last closed, else the first of the books.
    """
    closing = [period for period, state in states.items() if state == "closing"]
    shut_through = _shut_through(states)
    if closing:
        return min(closing)
    return clock.next_period(shut_through) if shut_through else min(states, default=None)
