"""What carriers tell is written down, and where each parcel stands by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.orders.locking import lock_orders
from portal.shipping.vocabulary import ShippingRight
from portal.tracking.rules import Event, EventCode, Source, Standing, event_faults, masked, standing_of
from portal.tracking.vocabulary import TrackingAction


@dataclass(frozen=True, slots=True)
class Told:
    """An event and of which parcel: our number of the shipment, or the carrier's.

    pointer: where it stands in what was sent.
    """

    number: str
    event: Event
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event. shipments: of which it is new; none of them for one that was known already.

    A parcel that several shipments travel in has all of them. faults: why it was refused.
    """

    told: Told
    shipments: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where a shipment stands now; how many events were new and how many known already."""

    standing: Standing
    new: int
    known: int


def record_events(
    session: Session,
    *,
    actor: Actor,
    number: str,
    events: Sequence[Event],
    source: Source,
    skew: timedelta,
    at: datetime,
    pointers: Sequence[str] | None = None,
) -> Recorded:
    """Write down what is told of one shipment, all of it or nothing; to tell it again is harmless.

    Raises NotFound, Conflict for a shipment that has not left, Invalid with the faults of every event.
    pointers: where each event stands in the request.
    """
    actor.require(ShippingRight.SHIP)
    found = _locked(session, {"numbers": [number], "tracking_nos": []})
    if not found:
        raise NotFound()
    parcel = found[0]
    if parcel.status == "picking":
        raise Conflict(
            "not_shipped",
            N_("This shipment has not been sent yet."),
            fix=N_("Record events when it has left."),
        )
    events = [_cleaned(event) for event in events]
    faults = [
        fault
        for place, event in enumerate(events)
        for fault in event_faults(
            event,
            picked_at=parcel.picked_at,
            now=at,
            skew=skew,
            pointer=pointers[place] if pointers else "",
        )
    ]
    if faults:
        raise Invalid(faults=faults)
    standing, new = _write(session, parcel, events, actor, source, at)
    return Recorded(standing, len(new), len({event.key for event in events}) - len(new))


def record_told(
    session: Session,
    *,
    actor: Actor,
    told: Sequence[Told],
    source: Source,
    skew: timedelta,
    at: datetime,
    carrier_names: Sequence[str] | None = None,
) -> list[Outcome]:
    """Write down what is told of many parcels: each event by itself, refused ones with their faults.

    carrier_names: whose parcels alone are meant; then `number` is the carrier's own.
    """
    actor.require(ShippingRight.SHIP)
    numbers = sorted({one.number for one in told})
    sought = {"numbers": numbers if carrier_names is None else [], "tracking_nos": numbers}
    parcels = [
        parcel
        for parcel in _locked(session, sought)
        if parcel.status != "picking" and (carrier_names is None or parcel.carrier in carrier_names)
    ]
    known_as: dict[str, list[Record]] = {}
    for parcel in parcels:
        for name in {parcel.number, parcel.tracking_no}:
            known_as.setdefault(name, []).append(parcel)
    outcomes, wanted = _judged(told, known_as, at, skew)
    fresh: dict[str, set[str]] = {}
    for parcel in parcels:
        if events := wanted.get(parcel.number):
            fresh[parcel.number] = _write(session, parcel, events, actor, source, at)[1]
    return [
        replace(
            outcome,
            shipments=tuple(n for n in outcome.shipments if outcome.told.event.key in fresh.get(n, ())),
        )
        for outcome in outcomes
    ]


def _judged(
    told: Iterable[Told], known_as: Mapping[str, Sequence[Record]], at: datetime, skew: timedelta
) -> tuple[list[Outcome], dict[str, list[Event]]]:
    """Each event with its faults or its shipments, and what is to be written of each shipment."""
    outcomes: list[Outcome] = []
    wanted: dict[str, list[Event]] = {}
    for raw in told:
        one = replace(raw, event=_cleaned(raw.event))
        parcels = known_as.get(one.number, ())
        if not parcels:
            outcomes.append(Outcome(one, faults=(_unknown(one.pointer),)))
            continue
        faults: list[Fault] = []
        meant: list[str] = []
        for parcel in parcels:
            wrong = event_faults(
                one.event, picked_at=parcel.picked_at, now=at, skew=skew, pointer=one.pointer
            )
            faults.extend(wrong)
            if not wrong:
                meant.append(parcel.number)
                wanted.setdefault(parcel.number, []).append(one.event)
        # A number that is used again is an old shipment's too: it is enough that one of them fits.
        outcomes.append(Outcome(one, tuple(meant), () if meant else tuple(faults)))
    return outcomes, wanted


def _unknown(pointer: str) -> Fault:
    """The same for a parcel that does not exist, has not left or is somebody else's."""
    return Fault(
        f"{pointer}/number",
        "unknown_parcel",
        N_("No shipment that has left has this number."),
        N_("Compare it with the delivery note."),
    )


def _cleaned(event: Event) -> Event:
    return replace(
        event, place=masked(event.place), note=masked(event.note), raw_code=masked(event.raw_code)[:64]
    )


def _locked(session: Session, sought: Mapping[str, Any]) -> Sequence[Record]:
    """The shipments in scope, their orders locked; read anew under the lock.

    One that took the number meanwhile is none of them: its order is not locked.
    """
    keys = {(row.dealer_id, row.order_id) for row in session.execute(_PARCELS, sought)}
    if not keys:
        return []
    lock_orders(session, keys)
    return [row for row in session.execute(_PARCELS, sought) if (row.dealer_id, row.order_id) in keys]


def _write(
    session: Session, parcel: Record, events: Sequence[Event], actor: Actor, source: Source, at: datetime
) -> tuple[Standing, set[str]]:
    """Add what is new of a parcel's events; where it stands, and the keys of the new ones."""
    key = {"dealer_id": parcel.dealer_id, "shipment_id": parcel.id}
    by_key = {event.key: event for event in events}
    new = set(session.execute(_ADD, {**key, **_columns(by_key), **_by(actor, source, at)}).scalars())
    kept = [_event(row) for row in session.execute(_EVENTS, key)]
    standing = standing_of(kept)
    if new:
        columns = {
            "code": str(standing.code) if standing.code else None,
            "event_at": standing.at,
            "delivered_at": standing.delivered_at,
            "expected_on": standing.expected_on,
            "events": len(kept),
        }
        session.execute(_STAND, {**key, **columns, "at": at})
        audit.record(
            session,
            TrackingAction.EVENTS_RECORDED,
            parcel.number,
            actor=actor,
            dealer_id=parcel.dealer_id,
            after={"events": len(new), "source": str(source), "standing": columns["code"]},
        )
        told = {"number": parcel.number, "state": columns["code"], "events": len(new)}
        outbox.add(session, "shipment.event", dealer_id=parcel.dealer_id, **told)
    return standing, new


def _event(row: Record) -> Event:
    return Event(row.at, EventCode(row.code), row.place, row.note, row.raw_code, row.expected_on)


def _columns(events: Mapping[str, Event]) -> dict[str, list[Any]]:
    told = list(events.values())
    days: list[date | None] = [event.expected_on for event in told]
    return {
        "keys": list(events),
        "ats": [event.at for event in told],
        "codes": [str(event.code) for event in told],
        "places": [event.place for event in told],
        "notes": [event.note for event in told],
        "raw_codes": [event.raw_code for event in told],
        "days": days,
    }


def _by(actor: Actor, source: Source, at: datetime) -> dict[str, Any]:
    return {"source": str(source), "at": at, "actor": actor.key, "actor_label": actor.label}


_PARCELS = text(
    """
    SELECT dealer_id, order_id, id, number, status, carrier, tracking_no, picked_at
      FROM shipment
     WHERE number = ANY (:numbers) OR (tracking_no = ANY (:tracking_nos) AND tracking_no <> '')
     ORDER BY dealer_id, id
    """
)
_ADD = text(
    """
    INSERT INTO tracking_event (dealer_id, shipment_id, event_key, at, code, place, note, raw_code,
                                expected_on, source, recorded_at, recorded_by, recorded_by_label)
    SELECT :dealer_id, :shipment_id, e.*, :source, :at, :actor, :actor_label
      FROM unnest(CAST(:keys AS text[]), CAST(:ats AS timestamptz[]), CAST(:codes AS text[]),
                  CAST(:places AS text[]), CAST(:notes AS text[]), CAST(:raw_codes AS text[]),
                  CAST(:days AS date[])) e
        ON CONFLICT (dealer_id, shipment_id, event_key) DO NOTHING
    RETURNING event_key
    """
)
_EVENTS = text(
    """
    SELECT at, code, place, note, raw_code, expected_on FROM tracking_event
     WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id
    """
)
_STAND = text(
    """
    INSERT INTO parcel_standing (dealer_id, shipment_id, code, at, delivered_at, expected_on, events,
                                 changed_at)
    VALUES (:dealer_id, :shipment_id, :code, :event_at, :delivered_at, :expected_on, :events, :at)
        ON CONFLICT (dealer_id, shipment_id) DO UPDATE
       SET code = excluded.code, at = excluded.at, delivered_at = excluded.delivered_at,
           expected_on = excluded.expected_on, events = excluded.events, changed_at = excluded.changed_at
    """
)
