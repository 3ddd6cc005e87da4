"""What was told of a parcel, as its pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import format_date, gettext

from portal.tracking.queries import EventRow, Parcel
from portal.web.request import portal
from portal.web.status_looks import status_look

_ROAD = ("accepted", "in_transit", "out_for_delivery", "delivered")
_REACHED = {
    "accepted": 1,
    "in_transit": 2,
    "arrived_at_hub": 2,
    "in_customs": 2,
    "exception": 2,
    "out_for_delivery": 3,
    "ready_for_pickup": 3,
    "delivered": 4,
}


def usual_days() -> int:
    """Days of a parcel's way where nobody has entered any."""
    return portal().settings.delivery_days


def parcel_timeline(events: Sequence[EventRow]) -> list[dict[str, Any]]:
    """What happened, the latest first, for the macro `ui.timeline`."""
    return [_told(event) for event in events]


def parcel_road(parcel: Parcel) -> list[dict[str, Any]]:
    """The stations of a parcel at a glance, for the macro `ui.steps`; none for what goes back."""
    if parcel.standing in ("refused", "returning", "returned"):
        return []
    reached = len(_ROAD) if parcel.received_at else _REACHED.get(parcel.standing or "", 0)
    return [
        {
            "label": status_look("parcel", code).label,
            "at": parcel.standing_at if place + 1 == reached else None,
            "state": "done" if place < reached else ("current" if place == reached else "todo"),
        }
        for place, code in enumerate(_ROAD)
    ]


def _told(event: EventRow) -> dict[str, Any]:
    look = status_look("parcel", event.code)
    day = gettext("by %(day)s", day=format_date(event.expected_on, "yyyy-MM-dd")) if event.expected_on else ""
    return {
        "at": event.at,
        "title": look.label,
        "text": " · ".join(filter(None, (event.place, event.note, day))) or None,
        "icon": look.icon,
        "tone": look.tone,
    }
