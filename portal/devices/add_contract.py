"""A service contract extends what covers a device."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.devices.locked import lock_device
from portal.devices.rules import NOTE_MAX, text_faults
from portal.devices.vocabulary import DeviceAction, DeviceRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid


@dataclass(frozen=True, slots=True)
class Contract:
    """A service contract as it is entered. covers: in words."""

    number: str
    first: date | None
    last: date | None
    covers: str = ""


def add_contract(session: Session, *, actor: Actor, number: str, contract: Contract, at: datetime) -> None:
    """Add a contract to a device. Raises Invalid, Conflict for one it has already, NotFound, Forbidden."""
    actor.require(DeviceRight.DESK)
    if faults := contract_faults(contract):
        raise Invalid(faults=faults)
    device = lock_device(session, number)
    said = {
        "contract_no": contract.number.strip(),
        "first": contract.first,
        "last": contract.last,
        "covers": contract.covers.strip(),
    }
    session.execute(_ADD, {**device.key, **said, "label": actor.label, "at": at})
    audit.record(
        session,
        DeviceAction.CONTRACT_ADDED,
        device.number,
        actor=actor,
        dealer_id=device.dealer_id,
        after={name: str(value) for name, value in said.items()},
    )


def contract_faults(contract: Contract) -> list[Fault]:
    """Everything that is wrong with a contract, each at its field."""
    faults = text_faults("/contract_no", contract.number, most=60, required=True)
    faults += text_faults("/covers", contract.covers, most=NOTE_MAX)
    for pointer, day in (("/from_day", contract.first), ("/to_day", contract.last)):
        if day is None:
            faults.append(Fault(pointer, "required", N_("Nothing has been entered."), N_("Fill this in.")))
    if contract.first and contract.last and contract.last < contract.first:
        message, fix = N_("It ends before it begins."), N_("Check both days.")
        faults.append(Fault("/to_day", "ends_before", message, fix))
    return faults


_ADD = text(
    """
    WITH added AS (
      INSERT INTO service_contract (dealer_id, device_id, contract_no, from_day, to_day, covers, entered_at,
                                    entered_by_label)
      VALUES (:dealer_id, :device_id, :contract_no, :first, :last, :covers, :at, :label)
    ), happened AS (
      INSERT INTO device_event (dealer_id, device_id, kind, at, document_no, text, by_label)
      VALUES (:dealer_id, :device_id, 'contract', :at, :contract_no, :covers, :label)
    )
    UPDATE device SET contract_to = greatest(contract_to, :last), revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :device_id
    """
)
