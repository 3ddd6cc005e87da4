"""AfterShip's answers: a list of parcels, one parcel, one checkpoint, and what it pushes. Pure.

A checkpoint's ``checkpoint_time`` is when it happened; ``created_at``, when AfterShip heard of it, may be
weeks later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from portal.kernel.clock import day_of_business
from portal.tracking.answers.parcel import (
    BEIJING,
    ParcelTold,
    json_object,
    moment,
    objects,
    parcel,
    unreadable,
)
from portal.tracking.rules import Event, EventCode
from portal.tracking.texts import code_of_text

TAGS: Mapping[str, EventCode] = {
    "InfoReceived": EventCode.ANNOUNCED,
    "InTransit": EventCode.IN_TRANSIT,
    "OutForDelivery": EventCode.OUT_FOR_DELIVERY,
    "AttemptFail": EventCode.EXCEPTION,
    "Delivered": EventCode.DELIVERED,
    "AvailableForPickup": EventCode.READY_FOR_PICKUP,
    "Exception": EventCode.EXCEPTION,
}
"""Pending and Expired tell of AfterShip, not of the parcel."""
_UTC = ZoneInfo("UTC")


def read_aftership(content: bytes) -> tuple[ParcelTold, ...]:
    """Every parcel of an answer. Raises Invalid."""
    answer = json_object(content)
    data = answer.get("data", answer.get("msg"))
    if not isinstance(data, dict):
        raise unreadable()
    if "trackings" in data:
        return tuple(_parcel(one) for one in objects(data["trackings"]))
    one = data.get("tracking", data)
    if not isinstance(one, dict) or "tracking_number" not in one:
        raise unreadable()
    return (_parcel(one),)


def _parcel(one: dict[str, Any]) -> ParcelTold:
    checkpoints = [*objects(one.get("checkpoints"))]
    if isinstance(one.get("checkpoint"), dict):
        checkpoints.append(one["checkpoint"])
    events = [event for event in map(_event, checkpoints) if event is not None]
    return parcel([one.get("tracking_number")], [*events, *_of_the_head(one, events)])


def _event(checkpoint: dict[str, Any]) -> Event | None:
    tag, text = str(checkpoint.get("tag", "")), str(checkpoint.get("message") or "")
    code = TAGS.get(tag) or (code_of_text(text) if text else None)
    if code is None:
        return None
    where = (checkpoint.get("location"), checkpoint.get("city"), checkpoint.get("state"))
    place = next((str(part) for part in where if part), "")
    return Event(moment(checkpoint.get("checkpoint_time"), _UTC), code, place, text, tag)


def _of_the_head(one: dict[str, Any], events: list[Event]) -> Iterator[Event]:
    """What the parcel itself knows and no checkpoint tells: that it was delivered, and when it will be."""
    delivered = str(one.get("shipment_delivery_date") or "")
    is_told = any(event.code is EventCode.DELIVERED for event in events)
    if one.get("tag") == "Delivered" and "T" in delivered and not is_told:
        yield Event(
            moment(delivered, _UTC),
            EventCode.DELIVERED,
            "",
            str(one.get("subtag_message") or ""),
            "Delivered",
        )
    expected = str(one.get("expected_delivery") or "").strip()
    said_at = one.get("last_updated_at") or one.get("updated_at")
    if expected and said_at:
        at = moment(said_at, _UTC).astimezone(UTC)
        day = day_of_business(moment(expected[:10], _UTC).date(), expected[10:], BEIJING)
        yield Event(at, EventCode.ESTIMATED, expected_on=day)
