"""The life of an order: its states, the acts that move it, and what a dealer is told about it. Pure.

`TRANSITIONS` is the law; docs/orders.md draws it, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from portal.kernel.errors import N_, Conflict


class Status(StrEnum):
    """Where an order stands."""

    CONFIRMED = "confirmed"
    BACKORDERED = "backordered"
    ON_HOLD = "on_hold"
    PICKING = "picking"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Channel(StrEnum):
    """How an order reached us."""

    PORTAL = "portal"
    API = "api"
    STAFF = "staff"


class Act(StrEnum):
    """What moves an order."""

    HOLD = "hold"
    RELEASE = "release"
    FILL = "fill"
    PICK = "pick"
    UNPICK = "unpick"
    SHIP = "ship"
    RECEIVE = "receive"
    CANCEL = "cancel"


INITIAL = frozenset({Status.CONFIRMED, Status.BACKORDERED, Status.ON_HOLD})
"""An order is placed into one of these."""

_REACHES: dict[tuple[Status, Act], tuple[Status, ...]] = {
    (Status.CONFIRMED, Act.HOLD): (Status.ON_HOLD,),
    (Status.CONFIRMED, Act.FILL): (Status.CONFIRMED,),
    (Status.CONFIRMED, Act.PICK): (Status.PICKING,),
    (Status.CONFIRMED, Act.CANCEL): (Status.CANCELLED,),
    (Status.BACKORDERED, Act.HOLD): (Status.ON_HOLD,),
    (Status.BACKORDERED, Act.FILL): (Status.CONFIRMED, Status.PARTIALLY_SHIPPED),
    (Status.BACKORDERED, Act.RECEIVE): (Status.BACKORDERED,),
    (Status.BACKORDERED, Act.CANCEL): (Status.CANCELLED, Status.SHIPPED, Status.RECEIVED),
    (Status.ON_HOLD, Act.HOLD): (Status.ON_HOLD,),
    (Status.ON_HOLD, Act.RELEASE): (Status.CONFIRMED, Status.PARTIALLY_SHIPPED, Status.BACKORDERED),
    (Status.ON_HOLD, Act.FILL): (Status.ON_HOLD,),
    (Status.ON_HOLD, Act.RECEIVE): (Status.ON_HOLD,),
    (Status.ON_HOLD, Act.CANCEL): (Status.CANCELLED, Status.SHIPPED, Status.RECEIVED),
    (Status.PICKING, Act.UNPICK): (Status.CONFIRMED, Status.PARTIALLY_SHIPPED),
    (Status.PICKING, Act.FILL): (Status.PICKING,),
    (Status.PICKING, Act.SHIP): (Status.SHIPPED, Status.PARTIALLY_SHIPPED, Status.BACKORDERED),
    (Status.PICKING, Act.RECEIVE): (Status.PICKING,),
    (Status.PARTIALLY_SHIPPED, Act.HOLD): (Status.ON_HOLD,),
    (Status.PARTIALLY_SHIPPED, Act.FILL): (Status.PARTIALLY_SHIPPED,),
    (Status.PARTIALLY_SHIPPED, Act.PICK): (Status.PICKING,),
    (Status.PARTIALLY_SHIPPED, Act.RECEIVE): (Status.PARTIALLY_SHIPPED,),
    (Status.PARTIALLY_SHIPPED, Act.CANCEL): (Status.SHIPPED, Status.RECEIVED),
    (Status.SHIPPED, Act.RECEIVE): (Status.SHIPPED, Status.RECEIVED),
}

TRANSITIONS = frozenset((start, act, end) for (start, act), ends in _REACHES.items() for end in ends)
"""Every (from, act, to) that is possible."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the state follows from, after an act.

    shipped: units that left. outstanding: units neither shipped nor cancelled. in_transit: parcels shipped
    and not received. waiting: units of the outstanding ones that wait for goods.
    """

    shipped: int
    outstanding: int
    in_transit: int = 0
    holds: Collection[str] = ()
    waiting: int = 0


_WHY_NOT: dict[Status, tuple[str, str, str]] = {
    Status.CONFIRMED: ("not_started", N_("The order waits to be picked."), N_("Pick it first.")),
    Status.BACKORDERED: (
        "backordered",
        N_("The order waits for goods."),
        N_("Wait until they arrive, or cancel it."),
    ),
    Status.ON_HOLD: ("on_hold", N_("The order is on hold."), N_("Release it first.")),
    Status.PICKING: (
        "already_picking",
        N_("This order is already being picked."),
        N_("Ship it or return its units to stock first."),
    ),
    Status.PARTIALLY_SHIPPED: (
        "partially_shipped",
        N_("Part of the order has been shipped."),
        N_("Pick the rest, or cancel it."),
    ),
    Status.SHIPPED: (
        "already_shipped",
        N_("The order has been shipped."),
        N_("Ask for a return if goods are to come back."),
    ),
    Status.RECEIVED: (
        "already_received",
        N_("The order has been received."),
        N_("Ask for a return if goods are to come back."),
    ),
    Status.CANCELLED: ("already_cancelled", N_("The order has been cancelled."), N_("Place a new order.")),
}


def require(status: str, act: Act) -> None:
    """Raise Conflict unless an order in `status` allows `act`."""
    if (Status(status), act) not in _REACHES:
        code, message, fix = _WHY_NOT[Status(status)]
        raise Conflict(code, message, fix=fix)


def after(status: str, act: Act, progress: Progress) -> Status:
    """State of the order after `act` with what is then shipped, outstanding and on its way.

    Raises Conflict when the state does not allow the act, ValueError when the progress contradicts it.
    """
    require(status, act)
    picks = act is Act.PICK or (act in (Act.RECEIVE, Act.FILL) and status == Status.PICKING)
    end = Status.PICKING if picks else resting(progress)
    if (Status(status), act, end) not in TRANSITIONS:
        raise ValueError(f"{act} cannot take an order from {status} to {end}")
    return end


def resting(progress: Progress) -> Status:
    """State of an order that nobody is picking."""
    if progress.holds:
        return Status.ON_HOLD
    if progress.outstanding and progress.outstanding == progress.waiting:
        return Status.BACKORDERED
    if progress.outstanding:
        return Status.PARTIALLY_SHIPPED if progress.shipped else Status.CONFIRMED
    if not progress.shipped:
        return Status.CANCELLED
    return Status.SHIPPED if progress.in_transit else Status.RECEIVED


class LineFacts(Protocol):
    """What a cancellation asks of a line."""

    @property
    def shipped(self) -> int: ...


class CancellableOrder(Protocol):
    """What a cancellation asks of an order."""

    @property
    def status(self) -> str: ...

    @property
    def lines(self) -> Sequence[LineFacts]: ...


def may_cancel(order: CancellableOrder) -> bool:
    """Whether its dealer may cancel it: nothing has left.

    What remains of a partly shipped order is the order desk's.
    """
    return order.status in (Status.CONFIRMED, Status.BACKORDERED, Status.ON_HOLD) and not any(
        line.shipped for line in order.lines
    )


class Step(StrEnum):
    """How far an event of the timeline is."""

    DONE = "done"
    CURRENT = "current"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline.

    `text` is a gettext msgid with `params`; `at` is None for what has not happened.
    """

    kind: str
    step: Step
    at: datetime | None
    text: str
    params: Mapping[str, str] = field(default_factory=dict)


class OrderFacts(Protocol):
    """What the timeline needs of an order."""

    @property
    def status(self) -> str: ...

    @property
    def placed_at(self) -> datetime: ...

    @property
    def released_at(self) -> datetime | None: ...

    @property
    def cancelled_at(self) -> datetime | None: ...

    @property
    def cancel_reason(self) -> str | None: ...


class ParcelFacts(Protocol):
    """What the timeline needs of a shipment."""

    @property
    def number(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def carrier(self) -> str: ...

    @property
    def tracking_no(self) -> str: ...

    @property
    def picked_at(self) -> datetime: ...

    @property
    def shipped_at(self) -> datetime | None: ...

    @property
    def received_at(self) -> datetime | None: ...


def timeline(order: OrderFacts, parcels: Sequence[ParcelFacts]) -> list[Event]:
    """What happened to an order, by time, then what is going on and what comes next."""
    done = [Event("placed", Step.DONE, order.placed_at, N_("Order placed"))]
    if order.released_at:
        done.append(Event("released", Step.DONE, order.released_at, N_("Released by headquarters")))
    for parcel in parcels:
        done.extend(_behind(parcel))
    if order.cancelled_at:
        done.append(_cancelled(order))
    done.sort(key=lambda event: event.at or order.placed_at)
    on_the_way = [_awaiting(parcel) for parcel in parcels if parcel.shipped_at and not parcel.received_at]
    return [*done, *on_the_way, *_ahead(Status(order.status))]


def _behind(parcel: ParcelFacts) -> Iterator[Event]:
    if parcel.shipped_at is None:
        return
    about = _about(parcel)
    yield Event("picked", Step.DONE, parcel.picked_at, N_("Shipment %(shipment)s picked"), about)
    yield Event(
        "shipped", Step.DONE, parcel.shipped_at, N_("Shipped with %(carrier)s, number %(tracking_no)s"), about
    )
    if parcel.received_at:
        yield Event("received", Step.DONE, parcel.received_at, N_("Shipment %(shipment)s received"), about)


def _awaiting(parcel: ParcelFacts) -> Event:
    return Event("received", Step.CURRENT, None, N_("Shipment %(shipment)s is in transit"), _about(parcel))


def _cancelled(order: OrderFacts) -> Event:
    text = N_("Order cancelled") if order.status == Status.CANCELLED else N_("The rest was cancelled")
    return Event("cancelled", Step.DONE, order.cancelled_at, text, {"reason": order.cancel_reason or ""})


def _ahead(status: Status) -> Iterator[Event]:
    waiting = {
        Status.ON_HOLD: ("held", N_("On hold: headquarters is checking the order")),
        Status.CONFIRMED: ("picked", N_("Confirmed, waiting to be picked")),
        Status.BACKORDERED: ("filled", N_("Waiting for goods to arrive")),
        Status.PARTIALLY_SHIPPED: ("picked", N_("The rest is waiting to be picked")),
        Status.PICKING: ("picked", N_("Being picked")),
    }
    if status not in waiting:
        return
    kind, text = waiting[status]
    yield Event(kind, Step.CURRENT, None, text)
    if kind in ("held", "filled"):
        yield Event("picked", Step.FUTURE, None, N_("Picking"))
    yield Event("shipped", Step.FUTURE, None, N_("Shipping"))
    yield Event("received", Step.FUTURE, None, N_("Receipt"))


def _about(parcel: ParcelFacts) -> dict[str, str]:
    return {"shipment": parcel.number, "carrier": parcel.carrier, "tracking_no": parcel.tracking_no}
