"""A part of a device was replaced: by the dealer's people, a technician, or with a repair."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.devices.locked import lock_device
from portal.devices.rules import day_faults, text_faults
from portal.devices.vocabulary import WORKERS, DeviceAction
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid

QUANTITY_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it is entered. part: its number or name. serial_out, serial_in: where parts have some."""

    part: str
    quantity: int | None
    replaced_on: date | None
    serial_out: str = ""
    serial_in: str = ""
    document_no: str = ""


def replace_part(
    session: Session, *, actor: Actor, number: str, part: Part, today: date, at: datetime
) -> None:
    """Say which part of a device was replaced. Raises Invalid, Conflict, NotFound, Forbidden."""
    actor.require(*WORKERS)
    if faults := part_faults(part, today):
        raise Invalid(faults=faults)
    device = lock_device(session, number)
    said = {
        "part": part.part.strip(),
        "quantity": part.quantity,
        "replaced_on": part.replaced_on,
        "serial_out": part.serial_out.strip(),
        "serial_in": part.serial_in.strip(),
        "document_no": part.document_no.strip(),
    }
    session.execute(_REPLACE, {**device.key, **said, "label": actor.label, "at": at})
    audit.record(
        session,
        DeviceAction.PART_REPLACED,
        device.number,
        actor=actor,
        dealer_id=device.dealer_id,
        after={name: str(value) for name, value in said.items() if value},
    )


def part_faults(part: Part, today: date) -> list[Fault]:
    """Everything that is wrong with a part as it was entered."""
    faults = text_faults("/part", part.part, required=True)
    if part.quantity is not None and not 1 <= part.quantity <= QUANTITY_MAX:
        message, fix = N_("Between 1 and %(max)s."), N_("Enter how many were replaced.")
        faults.append(Fault("/quantity", "quantity_out_of_range", message, fix, {"max": QUANTITY_MAX}))
    for pointer, missing in (("/quantity", part.quantity), ("/replaced_on", part.replaced_on)):
        if missing is None:
            faults.append(Fault(pointer, "required", N_("Nothing has been entered."), N_("Fill this in.")))
    faults += day_faults("/replaced_on", part.replaced_on, not_before=None, today=today)
    for name in ("serial_out", "serial_in", "document_no"):
        faults += text_faults(f"/{name}", getattr(part, name), most=60)
    return faults


_REPLACE = text(
    """
    WITH replaced AS (
      INSERT INTO device_part (dealer_id, device_id, replaced_on, part, quantity, serial_out, serial_in,
                               document_no, entered_at, entered_by_label)
      VALUES (:dealer_id, :device_id, :replaced_on, :part, :quantity, :serial_out, :serial_in, :document_no,
              :at, :label)
    )
    INSERT INTO device_event (dealer_id, device_id, kind, at, document_no, text, by_label)
    VALUES (:dealer_id, :device_id, 'part_replaced', :at, :document_no, :part, :label)
    """
)
