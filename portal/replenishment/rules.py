"""The life of a request for goods, and which order gets which of what comes. Pure.

`TRANSITIONS` is the law; docs/replenishment.md draws it, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.kernel.errors import N_, Conflict, Fault, Invalid

REFERENCE_MAX = 64
QUANTITY_MAX = 1_000_000


class RequestState(StrEnum):
    """Where a request for goods stands."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    REJECTED = "rejected"


_REACHES: Mapping[RequestState, tuple[RequestState, ...]] = {
    RequestState.REQUESTED: (
        RequestState.CONFIRMED,
        RequestState.IN_TRANSIT,
        RequestState.RECEIVED,
        RequestState.REJECTED,
    ),
    RequestState.CONFIRMED: (
        RequestState.CONFIRMED,
        RequestState.IN_TRANSIT,
        RequestState.RECEIVED,
        RequestState.REJECTED,
    ),
    RequestState.IN_TRANSIT: (RequestState.IN_TRANSIT, RequestState.RECEIVED, RequestState.REJECTED),
}

TRANSITIONS = frozenset((start, end) for start, ends in _REACHES.items() for end in ends)
"""Every (from, to) that is possible; from a state to itself its day, units or reference changed."""

_DATED = (RequestState.CONFIRMED, RequestState.IN_TRANSIT)
"""States in which goods come on a day that is known."""

_ON_THE_WAY = RequestState.IN_TRANSIT


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a request. quantity: units that come, as far as anybody knows."""

    state: RequestState
    quantity: int
    expected_on: date | None
    reference: str

    @property
    def in_transit(self) -> int:
        """Units of it that are on their way."""
        return self.quantity if self.state is _ON_THE_WAY else 0


@dataclass(frozen=True, slots=True)
class Report:
    """What the ERP says of a request; what it does not say stays as it was."""

    state: RequestState
    expected_on: date | None = None
    quantity: int | None = None
    reference: str = ""


def advanced(now: Standing, report: Report, today: date) -> Standing:
    """The request after a report; the same standing when it says nothing new.

    Raises Conflict when the request is settled or would go back, Invalid with every fault of the report.
    """
    after = Standing(
        report.state,
        now.quantity if report.quantity is None else report.quantity,
        report.expected_on or now.expected_on,
        report.reference.strip() or now.reference,
    )
    if after == now:
        return now
    if (now.state, report.state) not in TRANSITIONS:
        raise Conflict(
            "supply_state",
            N_("The request is settled, or further on than this report says."),
            fix=N_("Read the request again before you report on it."),
        )
    if faults := _faults(after, report, today):
        raise Invalid(faults=faults)
    return after


def withdrawn(before: Standing, after: Standing) -> bool:
    """Whether units that orders may have been given a day for do not come after all."""
    fewer = before.state in _DATED and after.quantity < before.quantity
    return fewer or after.state is RequestState.REJECTED


def _faults(after: Standing, report: Report, today: date) -> list[Fault]:
    faults = []
    if not 1 <= after.quantity <= QUANTITY_MAX:
        fix = N_("Report 1 to %(max)s units, or that the request is rejected.")
        faults.append(
            Fault(
                "/quantity",
                "quantity_not_positive",
                N_("At least one unit has to come."),
                fix,
                {"max": QUANTITY_MAX},
            )
        )
    if after.state in _DATED and after.expected_on is None:
        faults.append(
            Fault(
                "/expected_on",
                "day_missing",
                N_("It is not said when the goods arrive."),
                N_("Say the day on which they are expected."),
            )
        )
    if report.expected_on is not None and after.state in _DATED and report.expected_on < today:
        faults.append(
            Fault(
                "/expected_on",
                "day_past",
                N_("Goods that are still to come cannot arrive in the past."),
                N_("Say today or a later day, or that they have been received."),
            )
        )
    return faults


@dataclass(frozen=True, slots=True)
class Coming:
    """Units that arrive on a day."""

    on: date
    units: int


Line = tuple[int, int, int]
"""Dealer, order and line number."""


def promises(waiting: Sequence[tuple[Line, int]], coming: Iterable[Coming]) -> dict[Line, date]:
    """The day by which each line that waits has all of its units: the earliest order gets what comes first.

    waiting: lines with their units, in the order in which they are served. A line that what comes does not
    cover is absent; those behind it are not covered either.
    """
    days: dict[Line, date] = {}
    arrivals = sorted(coming, key=lambda one: one.on)
    place, left = -1, 0
    for line, units in waiting:
        while units > left and place + 1 < len(arrivals):
            place += 1
            left += arrivals[place].units
        if units > left:
            break
        left -= units
        days[line] = arrivals[place].on
    return days


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """What is on its way to a level: units, and the next day on which some arrive."""

    units: int
    next_arrival: date | None


def on_the_way(level: OnTheWay, before: Standing, after: Standing, others: Sequence[Coming]) -> OnTheWay:
    """What is on its way after a report. others: of the level's other requests in transit.

    A level that never counted the request's units does not fall below nothing. Goods that nobody requested
    keep their day.
    """
    units = max(0, level.units - before.in_transit + after.in_transit)
    requested = [*others, *_coming(after)]
    days = [one.on for one in requested]
    if units > sum(one.units for one in requested) and level.next_arrival != before.expected_on:
        days += [level.next_arrival] if level.next_arrival else []
    return OnTheWay(units, min(days, default=level.next_arrival) if units else None)


def _coming(standing: Standing) -> list[Coming]:
    if not standing.in_transit or standing.expected_on is None:
        return []
    return [Coming(standing.expected_on, standing.in_transit)]
