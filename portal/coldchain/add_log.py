"""A logger's file goes to the record of its shipment."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.coldchain.judged import judge, lock_shipment, open_record
from portal.coldchain.loggers.file import DayOrder, LoggerFile, Unit
from portal.coldchain.loggers.read_log import read_log
from portal.coldchain.rules import Finding, RecordState, Tolerance
from portal.coldchain.vocabulary import ColdChainAction
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.orders.vocabulary import OrderRight
from portal.shipping.vocabulary import ShippingRight

LOGS_MAX = 10
"""Of one shipment: a van has a handful of probes."""


@dataclass(frozen=True, slots=True)
class LogUpload:
    """A file as it came, with somebody's answers to what it leaves open."""

    name: str
    content: bytes
    unit: Unit | None = None
    order: DayOrder | None = None


@dataclass(frozen=True, slots=True)
class LogAdded:
    """What was read, and where the record stands. is_new: False for a file that was there already."""

    log: LoggerFile
    state: RecordState
    findings: list[Finding]
    is_new: bool


def add_log(
    session: Session,
    *,
    actor: Actor,
    number: str,
    upload: LogUpload,
    zone: ZoneInfo,
    tolerance: Tolerance,
    at: datetime,
) -> LogAdded:
    """Read a logger's file, keep it as it is and judge the transport by it; the same file again is harmless.

    zone: of the logger's clock where the file does not say. Raises NotFound, Conflict, Invalid for a file
    that cannot be read or has nothing of this transport.
    """
    actor.require(ShippingRight.SHIP if actor.is_staff else OrderRight.WRITE)
    log = read_log(upload.content, zone=zone, unit=upload.unit, order=upload.order)
    parcel = lock_shipment(session, number)
    kept = open_record(session, parcel)
    key = {"dealer_id": parcel.dealer_id, "shipment_id": parcel.id}
    digest = hashlib.sha256(upload.content).hexdigest()
    there = session.execute(_THERE, key).all()
    is_new = all(row.sha256 != digest for row in there)
    if is_new:
        if len(there) >= LOGS_MAX:
            raise Conflict("logs_max", N_("A shipment has at most %(max)s loggers."), max=LOGS_MAX)
        _require_of_this_way(log, kept.departed_at or kept.packed_at, kept.arrived_at or at)
        row = _columns(upload, log) | {"sha256": digest, "place": len(there) + 1}
        by = {"actor": actor.key, "actor_label": actor.label, "at_uploaded": at}
        session.execute(_ADD, {**key, **row, **by})
    state, findings = judge(session, parcel, tolerance)
    if is_new:
        audit.record(
            session,
            ColdChainAction.LOG_ADDED,
            number,
            actor=actor,
            dealer_id=parcel.dealer_id,
            after={"sha256": digest, "readings": len(log.trace.readings), "state": str(state)},
        )
    return LogAdded(log, state, findings, is_new)


def _require_of_this_way(log: LoggerFile, start: datetime, end: datetime) -> None:
    """Raise Invalid for a file that was written before the goods left, or after they came."""
    trace = log.trace
    days = [trace.day_of(one.at) for one in trace.readings] + [day.on for day in trace.days]
    first, last = min(days), max(days)
    if last < trace.day_of(start) or first > trace.day_of(end):
        message, fix = (
            N_("This file tells of another time than this transport: %(first)s to %(last)s."),
            N_("Choose the file of this transport, or compare the logger's clock."),
        )
        told = {"first": first.isoformat(), "last": last.isoformat()}
        raise Invalid(
            "another_time",
            message,
            fix=fix,
            faults=[Fault("/file", "another_time", message, fix, told)],
            **told,
        )


def _columns(upload: LogUpload, log: LoggerFile) -> dict[str, Any]:
    trace = log.trace
    return {
        "name": (upload.name.replace("\x00", "") or "logger")[-120:],
        "content": upload.content,
        "device": log.device,
        "serial": log.serial,
        "unit": str(log.unit),
        "zone": log.zone,
        "interval_seconds": int(trace.interval.total_seconds()) if trace.interval is not None else None,
        "ats": [one.at for one in trace.readings],
        "celsius": [one.celsius for one in trace.readings],
        "days": json.dumps(
            [{"on": day.on.isoformat(), "low": str(day.low), "high": str(day.high)} for day in trace.days]
        ),
        "alarms": json.dumps(list(log.alarms[:100])),
    }


_THERE = text("SELECT sha256 FROM cold_log WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id")
_ADD = text(
    """
    INSERT INTO cold_log (dealer_id, shipment_id, place, name, sha256, content, device, serial, unit, zone,
                          interval_seconds, at, celsius, days, alarms, uploaded_at, uploaded_by,
                          uploaded_by_label)
    VALUES (:dealer_id, :shipment_id, :place, :name, :sha256, :content, :device, :serial, :unit, :zone,
            :interval_seconds, CAST(:ats AS timestamptz[]), CAST(:celsius AS numeric[]),
            CAST(:days AS jsonb), CAST(:alarms AS jsonb), :at_uploaded, :actor, :actor_label)
    """
)
