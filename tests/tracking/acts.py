"""What carriers tell, each time in a transaction of its own; and what the tables then say."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from portal.kernel.db import Database, transaction
from portal.tracking.record_events import Outcome, Recorded, Told, record_events, record_told
from portal.tracking.rules import Event, EventCode, Source
from tests import cast
from tests.roles import Person, System

SKEW = timedelta(minutes=15)


def event(code: EventCode, hours: float = 0, **more) -> Event:
    """Something that happened so many hours after the goods left."""
    return Event(cast.NOW + timedelta(hours=hours), code, **more)


def recorded(
    database: Database,
    number: str,
    *events: Event,
    by: Person | System = cast.order_desk,
    at: datetime = cast.NOW + timedelta(days=3),
) -> Recorded:
    """Somebody tells of a shipment."""
    with transaction(database.session_for(by.actor())) as session:
        return record_events(
            session,
            actor=by.actor(),
            number=number,
            events=list(events),
            source=Source.DESK,
            skew=SKEW,
            at=at,
        )


def told(
    database: Database,
    *told: Told,
    by: Person | System = cast.order_desk,
    at: datetime = cast.NOW + timedelta(days=3),
    **more,
) -> list[Outcome]:
    """Somebody tells of many parcels at once."""
    with transaction(database.session_for(by.actor())) as session:
        return record_told(
            session, actor=by.actor(), told=list(told), source=Source.FILE, skew=SKEW, at=at, **more
        )


def events_in(owner: Connection, number: str) -> list[str]:
    """What was told of a shipment, by time."""
    found = owner.execute(
        text(
            "SELECT e.code FROM tracking_event e JOIN shipment s ON (s.dealer_id, s.id) ="
            " (e.dealer_id, e.shipment_id) WHERE s.number = :number ORDER BY e.at, e.code"
        ),
        {"number": number},
    )
    return list(found.scalars())


def standing_in(owner: Connection, number: str) -> tuple[str | None, int]:
    """Where a shipment stands, and by how many events."""
    row = owner.execute(
        text(
            "SELECT p.code, p.events FROM parcel_standing p JOIN shipment s ON (s.dealer_id, s.id) ="
            " (p.dealer_id, p.shipment_id) WHERE s.number = :number"
        ),
        {"number": number},
    ).one()
    return row.code, row.events
