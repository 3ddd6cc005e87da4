"""The register of devices hears of a repair, where it has the device and the actor may write into it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.devices.note_event import note_event
from portal.devices.replace_part import Part, replace_part
from portal.devices.vocabulary import WORKERS, EventKind
from portal.kernel.actor import Actor
from portal.repairs.report_rules import Used
from portal.service.locked import LockedRequest


def note_part(
    session: Session,
    request: LockedRequest,
    used: Used,
    serials: Sequence[str],
    *,
    actor: Actor,
    today: date,
    at: datetime,
) -> None:
    """Units of a lot went into the device of a request."""
    device = _device(session, request, actor)
    if device is None:
        return
    part = Part(
        part=f"{used.sku} {used.lot_no}",
        quantity=used.quantity,
        replaced_on=today,
        serial_in=serials[0] if len(serials) == 1 else "",
        document_no=request.number,
    )
    replace_part(session, actor=actor, number=device, part=part, today=today, at=at)


def note_repaired(session: Session, request: LockedRequest, *, actor: Actor, at: datetime) -> None:
    """The device of a request was repaired."""
    if (device := _device(session, request, actor)) is not None:
        note_event(
            session,
            actor=actor,
            number=device,
            kind=EventKind.REPAIRED,
            document_no=request.number,
            at=at,
        )


def _device(session: Session, request: LockedRequest, actor: Actor) -> str | None:
    if not any(actor.may(right) for right in WORKERS):
        return None
    about = {"dealer_id": request.dealer_id, "id": request.id}
    found: str | None = session.scalar(_DEVICE, about)
    return found


_DEVICE = text(
    """
    SELECT d.number FROM service_request q
      JOIN device d ON d.dealer_id = q.dealer_id AND d.product_id = q.product_id AND d.serial = q.serial
     WHERE q.dealer_id = :dealer_id AND q.id = :id AND d.held_until IS NULL AND d.state <> 'returned'
    """
)
