"""How cold goods came in, and what quality says of those that were not kept as they should have been."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.coldchain.add_log import LogUpload
from portal.coldchain.judged import as_json
from portal.coldchain.loggers.read_log import read_log
from portal.coldchain.measure import celsius_faults
from portal.coldchain.rules import (
    Range,
    RecordState,
    Tolerance,
    Transport,
    Window,
    decision_faults,
    findings_of,
    spot_findings,
    state_after,
)
from portal.coldchain.vocabulary import ColdChainAction, ColdChainRight
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.shipping.vocabulary import ShippingRight

KIND = "receipt"


@dataclass(frozen=True, slots=True)
class Inbound:
    """What the warehouse notes of a transport that came in: G 44. The arrival is now."""

    transport: str
    departed_at: datetime
    departure_celsius: Decimal
    arrival_celsius: Decimal
    log: LogUpload | None = None


def record_inbound(
    session: Session,
    *,
    actor: Actor,
    number: str,
    bounds: Range,
    inbound: Inbound,
    zone: ZoneInfo,
    tolerance: Tolerance,
    at: datetime,
) -> RecordState:
    """Write down the transport of an inbound document once; what speaks against it waits for quality.

    number: of the goods receipt. bounds: what its cold goods bear together. Raises Invalid, Conflict for a
    document that has its record.
    """
    actor.require(ShippingRight.SHIP)
    if faults := _faults(inbound, at, number):
        raise Invalid(faults=faults)
    findings = spot_findings(
        [(inbound.departed_at, inbound.departure_celsius), (at, inbound.arrival_celsius)], bounds
    )
    columns: dict[str, Any] = {"log_name": "", "log_content": None, "ats": [], "celsius": []}
    if inbound.log is not None:
        log = read_log(inbound.log.content, zone=zone, unit=inbound.log.unit, order=inbound.log.order)
        findings += findings_of(log.trace, bounds, Window(inbound.departed_at, at), tolerance)
        columns = {
            "log_name": inbound.log.name[-120:],
            "log_content": inbound.log.content,
            "ats": [one.at for one in log.trace.readings],
            "celsius": [one.celsius for one in log.trace.readings],
        }
    state = state_after(RecordState.OPEN, findings, is_complete=True)
    columns |= {
        "low": bounds.low,
        "high": bounds.high,
        "transport": inbound.transport,
        "departed_at": inbound.departed_at,
        "departure_celsius": inbound.departure_celsius,
        "arrival_celsius": inbound.arrival_celsius,
        "findings": json.dumps(as_json(findings)),
        "state": str(state),
    }
    key = {"kind": KIND, "number": number.strip()}
    by = {"actor": actor.key, "actor_label": actor.label, "at": at}
    if session.execute(_ADD, {**key, **columns, **by}).one_or_none() is None:
        raise Conflict("recorded_already", N_("The transport of this receipt is recorded already."))
    audit.record(
        session,
        ColdChainAction.INBOUND_RECORDED,
        number,
        actor=actor,
        dealer_id=None,
        after={"state": str(state)},
    )
    return state


def decide_inbound(
    session: Session, *, actor: Actor, number: str, is_released: bool, reason: str, at: datetime
) -> RecordState:
    """Release goods that came in, or condemn them; another person than who noted their transport.

    Raises NotFound, Forbidden, Invalid, and Conflict where nothing waits for a decision.
    """
    actor.require(ColdChainRight.DECIDE)
    if faults := decision_faults(reason):
        raise Invalid(faults=faults)
    key = {"kind": KIND, "number": number}
    kept = session.execute(_LOCK, key).one_or_none()
    if kept is None:
        raise NotFound()
    require_other_person(actor, kept.recorded_by)
    if kept.state != RecordState.WAITING:
        raise Conflict("nothing_to_decide", N_("This record does not wait for quality."))
    state = RecordState.RELEASED if is_released else RecordState.CONDEMNED
    by = {"actor": actor.key, "actor_label": actor.label, "at": at}
    session.execute(_DECIDE, {**key, "state": str(state), "reason": reason.strip(), **by})
    audit.record(
        session,
        ColdChainAction.INBOUND_RELEASED if is_released else ColdChainAction.INBOUND_CONDEMNED,
        number,
        actor=actor,
        dealer_id=None,
        before={"state": kept.state},
        after={"state": str(state)},
        reason=reason.strip(),
    )
    return state


def _faults(inbound: Inbound, at: datetime, number: str) -> list[Fault]:
    faults = [
        *celsius_faults(inbound.departure_celsius, "/departure_celsius"),
        *celsius_faults(inbound.arrival_celsius, "/arrival_celsius"),
    ]
    if not number.strip():
        faults.append(Fault("/number", "missing", N_("A number is missing."), N_("Name the goods receipt.")))
    if inbound.transport not in list(Transport):
        faults.append(
            Fault("/transport", "transport", N_("Choose how the goods travel."), N_("Take one of the list."))
        )
    if inbound.departed_at > at:
        faults.append(
            Fault(
                "/departed_at",
                "in_the_future",
                N_("This has not happened yet."),
                N_("Enter when the goods left the supplier."),
            )
        )
    return faults


_ADD = text(
    """
    INSERT INTO cold_receipt (kind, number, state, low, high, transport, departed_at, departure_celsius,
                              arrived_at, arrival_celsius, findings, log_name, log_content, at, celsius,
                              recorded_at, recorded_by, recorded_by_label)
    VALUES (:kind, :number, :state, :low, :high, :transport, :departed_at, :departure_celsius, :at,
            :arrival_celsius, CAST(:findings AS jsonb), :log_name, :log_content,
            CAST(:ats AS timestamptz[]), CAST(:celsius AS numeric[]), :at, :actor, :actor_label)
        ON CONFLICT (kind, number) DO NOTHING
    RETURNING number
    """
)
_LOCK = text("SELECT state, recorded_by FROM cold_receipt WHERE kind = :kind AND number = :number FOR UPDATE")
_DECIDE = text(
    """
    UPDATE cold_receipt SET state = :state, decided_at = :at, decided_by = :actor,
                            decided_by_label = :actor_label, reason = :reason
     WHERE kind = :kind AND number = :number
    """
)
