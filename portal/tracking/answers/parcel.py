"""What a carrier's answer says, whatever form it has. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.kernel.errors import N_, Fault, Invalid
from portal.tracking.rules import Event

BEIJING = ZoneInfo("Asia/Shanghai")
"""Of services that tell the time without saying where: they mean China's."""
EVENTS_MAX = 500
"""Of one answer; a parcel around the world has thirty."""


@dataclass(frozen=True, slots=True)
class ParcelTold:
    """What is told of one parcel. numbers: under which it may be known; empty where the answer names none."""

    numbers: frozenset[str]
    events: tuple[Event, ...]


def parcel(numbers: Iterable[object], events: Iterable[Event]) -> ParcelTold:
    """The same, of numbers as they stand in an answer. Raises Invalid beyond `EVENTS_MAX`."""
    told = tuple(events)
    if len(told) > EVENTS_MAX:
        raise refusal(N_("The answer has more events than any shipment."))
    return ParcelTold(frozenset(str(number) for number in numbers if number), told)


def refusal(message: str, **params: object) -> Invalid:
    """An answer that is none. Its own words stand in `params`."""
    fix = N_("Ask the carrier again; send its answer as it came.")
    return Invalid(
        "carrier_answer",
        message,
        fix=fix,
        faults=[Fault("/file", "carrier_answer", message, fix, params)],
        **params,
    )


def unreadable() -> Invalid:
    """An answer in another form than this carrier's."""
    return refusal(N_("This is not an answer of this carrier."))


def json_object(content: bytes) -> dict[str, Any]:
    """The object of an answer in JSON. Raises Invalid."""
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise unreadable() from None
    if not isinstance(value, dict):
        raise unreadable()
    return value


def objects(value: object) -> list[dict[str, Any]]:
    """A list of objects; nothing where there is none. Raises Invalid for anything else."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise unreadable()
    return value


def moment(text: object, zone: ZoneInfo | None = None) -> datetime:
    """A time in ISO 8601 or nearly so; `zone` is meant where none is said. Raises Invalid."""
    try:
        at = datetime.fromisoformat(str(text).strip())
    except ValueError:
        raise refusal(
            N_("The answer has a time that cannot be read: %(text)s."), text=str(text)[:40]
        ) from None
    if at.tzinfo is None:
        if zone is None:
            raise refusal(N_("The answer has a time without a zone: %(text)s."), text=str(text)[:40])
        at = at.replace(tzinfo=zone)
    return at
