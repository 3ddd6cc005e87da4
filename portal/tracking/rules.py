"""What carriers tell of a parcel, and where it stands by all of it. Pure.

Events come late, twice, out of order and for parcels of others. So an event is known by what it says, and
where a parcel stands is a function of the set of its events: in which order they came changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from portal.kernel.errors import N_, Fault


class EventCode(StrEnum):
    """What happened to a parcel: one vocabulary for every carrier.

    Waiting in a locker or a shop is not delivery; what the sender gets back is none either. ESTIMATED is the
    carrier's word on the day of delivery.
    """

    ANNOUNCED = "announced"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    ARRIVED_AT_HUB = "arrived_at_hub"
    IN_CUSTOMS = "in_customs"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    EXCEPTION = "exception"
    REFUSED = "refused"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    ESTIMATED = "estimated"


class Source(StrEnum):
    """How an event came to the portal."""

    DESK = "desk"
    FILE = "file"
    API = "api"
    CARRIER = "carrier"


TROUBLE = frozenset({EventCode.EXCEPTION, EventCode.REFUSED, EventCode.RETURNING, EventCode.RETURNED})
"""Standings that somebody at headquarters has to look after."""

EARLIEST = timedelta(days=1)
"""How long before it was picked a parcel may have been announced; what is older is told of another parcel,
since carriers use their numbers again."""

TEXT_MAX = 500
_AFTER_DELIVERY = frozenset({EventCode.RETURNING, EventCode.RETURNED})
# At one instant the later stage counts.
_RANK = {code: place for place, code in enumerate(EventCode)}
_TELEPHONE = re.compile(r"(?<!\d)(\+?\d{3})[\d-]{4,8}(\d{4})(?!\d)")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a carrier says of a parcel.

    at: when it happened, with its zone. raw_code: the carrier's own word for it, kept as it came.
    expected_on: of `ESTIMATED` alone, the day of delivery.
    """

    at: datetime
    code: EventCode
    place: str = ""
    note: str = ""
    raw_code: str = ""
    expected_on: date | None = None

    @property
    def key(self) -> str:
        """The same for the same event told again, whoever tells it: hexadecimal."""
        said = (
            self.at.astimezone(UTC).replace(microsecond=0).isoformat(),
            str(self.code),
            " ".join(self.place.split()),
            " ".join(self.note.split()),
            self.expected_on.isoformat() if self.expected_on else "",
        )
        return hashlib.sha256("\x1f".join(said).encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a parcel stands by everything that was told of it.

    code, at: of the event that says so; None before the first. delivered_at: first time that it was.
    expected_on: the carrier's last word.
    """

    code: EventCode | None = None
    at: datetime | None = None
    delivered_at: datetime | None = None
    expected_on: date | None = None


def standing_of(events: Iterable[Event]) -> Standing:
    """Where a parcel stands by a set of events, in whatever order they are given.

    The latest counts. What is told of an earlier leg after the delivery does not undo it, nor does a second
    delivery move it; only what goes back is no longer delivered.
    """
    told = sorted(events, key=_by_time)
    estimates = [event for event in told if event.code is EventCode.ESTIMATED]
    expected_on = estimates[-1].expected_on if estimates else None
    happened = [event for event in told if event.code is not EventCode.ESTIMATED]
    if not happened:
        return Standing(expected_on=expected_on)
    delivery = next((event for event in happened if event.code is EventCode.DELIVERED), None)
    last = happened[-1]
    if delivery is not None:
        back = [e for e in happened if e.code in _AFTER_DELIVERY and e.at >= delivery.at]
        last = back[-1] if back else delivery
    return Standing(last.code, last.at, delivery.at if delivery else None, expected_on)


def _by_time(event: Event) -> tuple[datetime, int, str]:
    return event.at, _RANK[event.code], event.key


def masked(text: str) -> str:
    """A text of a carrier without what is nobody's business: of telephone numbers the ends are left."""
    return _TELEPHONE.sub(r"\1****\2", " ".join(text.split()))[:TEXT_MAX]


def event_faults(
    event: Event, *, picked_at: datetime, now: datetime, skew: timedelta, pointer: str = ""
) -> list[Fault]:
    """What is wrong with an event of a parcel that was picked at a moment.

    skew: how far a carrier's clock may be ahead of ours. pointer: where the event stands in the request.
    """
    faults = []
    if event.at > now + skew:
        faults.append(
            Fault(
                f"{pointer}/at",
                "in_the_future",
                N_("This has not happened yet."),
                N_("Enter when it happened, with its time zone where that is not ours."),
            )
        )
    if event.at < picked_at - EARLIEST:
        faults.append(
            Fault(
                f"{pointer}/at",
                "before_shipment",
                N_("This was before the shipment was packed: it is another one's."),
                N_("Compare the tracking number and the day."),
            )
        )
    if (event.code is EventCode.ESTIMATED) != (event.expected_on is not None):
        faults.append(
            Fault(
                f"{pointer}/expected_on",
                "expected_on",
                N_("A day of delivery goes with the event 'estimated', and only with it."),
                N_("Add the day, or leave it out."),
            )
        )
    return faults


def expected_day(
    standing: Standing, *, shipped_on: date | None, lead_days: int | None, usual_days: int
) -> date | None:
    """When a parcel is expected: the carrier's word, else the days of its way from the day it was shipped.

    None for what is delivered, goes back or has not left. lead_days: from its warehouse to its province, None
    where nobody entered any. usual_days: elsewhere. Calendar days.
    """
    if standing.delivered_at or standing.code in (EventCode.RETURNING, EventCode.RETURNED):
        return None
    if standing.expected_on is not None or shipped_on is None:
        return standing.expected_on
    return shipped_on + timedelta(days=usual_days if lead_days is None else lead_days)


def tracking_link(template: str, tracking_no: str) -> str | None:
    """The carrier's own page of a parcel; None where it has none."""
    if not template or not re.fullmatch(r"[A-Za-z0-9-]+", tracking_no):
        return None
    return template.replace("{number}", tracking_no)


def link_fault(template: str) -> Fault | None:
    """What is wrong with the template of a carrier's page."""
    if not template or (
        re.fullmatch(r"https://[A-Za-z0-9.-]+(/[\w./?=&%#{}-]*)?", template)
        and template.count("{number}") == 1
    ):
        return None
    return Fault(
        "/link",
        "link",
        N_("This is no address of a tracking page."),
        N_("Begin with https:// and write {number} where the tracking number belongs."),
    )
