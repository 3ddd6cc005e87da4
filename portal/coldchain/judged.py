"""A cold record under lock, and what all that was measured says of it. For the verbs of this capability."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.coldchain.rules import (
    DECIDED,
    DayExtremes,
    Finding,
    Range,
    Reading,
    RecordState,
    Tolerance,
    Trace,
    Window,
    findings_of,
    spot_findings,
    state_after,
)
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, NotFound
from portal.orders.locking import lock_orders


def lock_shipment(session: Session, number: str) -> Record:
    """A shipment that nobody else changes until the commit: the lock on its order. Raises NotFound."""
    found = session.execute(_SHIPMENT, {"number": number}).one_or_none()
    if found is None:
        raise NotFound()
    lock_orders(session, [(found.dealer_id, found.order_id)])
    again = session.execute(_SHIPMENT, {"number": number}).one_or_none()
    if again is None:  # put back into stock while we waited
        raise NotFound()
    return again


def record_if_any(session: Session, parcel: Record) -> Record | None:
    """The cold record of a locked shipment."""
    return session.execute(_RECORD, {"dealer_id": parcel.dealer_id, "shipment_id": parcel.id}).one_or_none()


def open_record(session: Session, parcel: Record) -> Record:
    """The same where there is one that is not decided. Raises Conflict."""
    kept = record_if_any(session, parcel)
    if kept is None:
        raise Conflict(
            "no_cold_record",
            N_("Nobody has recorded how this shipment was packed."),
            fix=N_("Headquarters records the packing first."),
        )
    if RecordState(kept.state) in DECIDED:
        raise Conflict("decided", N_("Quality has decided on this shipment; its record is closed."))
    return kept


def judge(session: Session, parcel: Record, tolerance: Tolerance) -> tuple[RecordState, list[Finding]]:
    """Judge everything that was measured of a locked shipment anew, and write down where it stands."""
    key = {"dealer_id": parcel.dealer_id, "shipment_id": parcel.id}
    kept = session.execute(_RECORD, key).one()
    bounds = Range(kept.low, kept.high)
    window = Window(kept.departed_at or kept.packed_at, kept.arrived_at)
    traces = [trace_of_row(row) for row in session.execute(_TRACES, key)]
    findings = [finding for trace in traces for finding in findings_of(trace, bounds, window, tolerance)]
    spots = [
        (kept.packed_at, kept.box_celsius),
        (kept.departed_at, kept.departure_celsius),
        (kept.arrived_at, kept.arrival_celsius),
    ]
    findings += spot_findings(spots, bounds)
    is_complete = bool(kept.departed_at and kept.arrived_at and traces)
    state = state_after(RecordState(kept.state), findings, is_complete=is_complete)
    session.execute(_JUDGED, {**key, "state": str(state), "findings": json.dumps(as_json(findings))})
    return state, findings


def trace_of_row(row: Record) -> Trace:
    """What one logger's file says, as it was kept."""
    readings = tuple(Reading(at, value) for at, value in zip(row.at, row.celsius, strict=True))
    days = tuple(
        DayExtremes(date.fromisoformat(day["on"]), Decimal(day["low"]), Decimal(day["high"]))
        for day in row.days
    )
    interval = timedelta(seconds=row.interval_seconds) if row.interval_seconds is not None else None
    # Only files with days are in a zone by name; the others' times say theirs.
    return Trace(readings, days, interval, ZoneInfo(row.zone) if days else UTC)


def as_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as they are kept."""
    return [
        {
            "kind": str(one.kind),
            "start": one.start.isoformat() if one.start else None,
            "end": one.end.isoformat() if one.end else None,
            "celsius": str(one.celsius) if one.celsius is not None else None,
        }
        for one in findings
    ]


def from_json(findings: Sequence[dict[str, Any]]) -> list[Finding]:
    """The same, read."""
    return [
        Finding(
            one["kind"],
            datetime.fromisoformat(one["start"]) if one["start"] else None,
            datetime.fromisoformat(one["end"]) if one["end"] else None,
            Decimal(one["celsius"]) if one["celsius"] is not None else None,
        )
        for one in findings
    ]


_SHIPMENT = text("SELECT dealer_id, id, order_id, number, status FROM shipment WHERE number = :number")
_RECORD = text(
    """
    SELECT state, low, high, packed_at, packed_by, box_celsius, departed_at, departure_celsius, arrived_at,
           arrival_celsius
      FROM cold_record WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id
    """
)
_TRACES = text(
    """
    SELECT at, celsius, days, interval_seconds, zone FROM cold_log
     WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id ORDER BY place
    """
)
_JUDGED = text(
    """
    UPDATE cold_record SET state = :state, findings = CAST(:findings AS jsonb)
     WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id
    """
)
