"""What carriers tell of parcels, passed on by a program of headquarters."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.tracking import EventBody, EventRecorded
from backoffice.blueprints.tracking_desk import acting
from portal.kernel.errors import N_
from portal.shipping.vocabulary import ShippingRight
from portal.tracking.record_events import record_events
from portal.tracking.rules import Event, EventCode, Source
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_session


@operation(
    "POST",
    "/hq/shipments/<number>/events",
    tag=HEADQUARTERS,
    rights=(ShippingRight.SHIP,),
    body=EventBody,
    answers=EventRecorded,
    creates=True,
    conflicts=True,
    summary=N_("Record an event of a shipment"),
    about=N_(
        "Events may come in any order and twice: the same event again changes nothing. "
        "Where the shipment stands follows from all of them."
    ),
)
def create(number: str, body: EventBody) -> dict[str, Any]:
    event = Event(body.at, EventCode(body.code), body.place, body.note, "", body.expected_on)
    recorded = record_events(current_session(), number=number, events=[event], source=Source.API, **acting())
    standing = recorded.standing
    return {
        "number": number,
        "standing": standing.code,
        "standing_at": standing.at,
        "delivered_at": standing.delivered_at,
        "expected_on": standing.expected_on,
        "is_new": recorded.new > 0,
    }
