"""A device is installed, or stands elsewhere now: the dealer's people or a technician report it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.devices.locked import LockedDevice, lock_device
from portal.devices.read_files import REPORT
from portal.devices.rules import FILES_MAX, DeviceAct, DeviceState, Installation, after, installation_faults
from portal.devices.vocabulary import WORKERS, DeviceAction, DeviceTold, EventKind
from portal.devices.warrant import Unit, warranties_of, warranty_rules
from portal.devices.warranty_rules import Warranty
from portal.files.attach import attach_files
from portal.files.rules import Owner, count_faults
from portal.kernel import numbering, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Invalid
from portal.kernel.signature_rules import Strokes, signature_of


@dataclass(frozen=True, slots=True)
class Reported:
    """The report that was filed, and the device as it is by it."""

    number: str
    device_number: str
    state: DeviceState
    warranty: Warranty


def file_report(
    session: Session,
    *,
    actor: Actor,
    device_number: str,
    said: Installation,
    files: Sequence[str] = (),
    revision: int | None = None,
    today: date,
    at: datetime,
) -> Reported:
    """Say where a device was installed, by whom, and who accepted it; the last report holds.

    files: ids of uploaded photos. A warranty that begins with the installation begins by it. Raises Invalid
    with every fault, Conflict for a device that cannot be installed now, NotFound, Forbidden.
    """
    actor.require(*WORKERS)
    device = lock_device(session, device_number, revision=revision)
    state = after(device.state, DeviceAct.INSTALL, installed=True)
    faults = installation_faults(said, shipped_on=device.shipped_on, today=today)
    strokes = signature_of(said.signature, faults)
    faults += count_faults(files, most=FILES_MAX)
    if faults:
        raise Invalid("report_refused", N_("The report cannot be filed as it is."), faults=faults)
    assert said.installed_on is not None  # else there is a fault
    number = numbering.new_number("DI", today)
    warranty = _warranty(session, device, said.installed_on)
    _write(session, actor, device, number, said, strokes, warranty, at)
    attach_files(session, actor=actor, ids=files, owner=Owner(REPORT, number, device.dealer_id))
    audit.record(
        session,
        DeviceAction.INSTALLED,
        device.number,
        actor=actor,
        dealer_id=device.dealer_id,
        before={"state": device.state, "installed_on": _iso(device.installed_on)},
        after={"state": str(state), "installed_on": _iso(said.installed_on), "report": number},
    )
    told = {"number": device.number, "report": number, "moved": device.installed_on is not None}
    outbox.add(session, DeviceTold.INSTALLED, dealer_id=device.dealer_id, **told)
    return Reported(number, device.number, state, warranty)


def _warranty(session: Session, device: LockedDevice, installed_on: date) -> Warranty:
    """By the first installation: a device that moves to another hospital begins no second warranty."""
    first = min(installed_on, device.installed_on or installed_on)
    if device.installed_on is not None and device.shipped_on is None:
        first = device.installed_on
    unit = Unit(device.product_id, device.category_code, device.shipped_on, first)
    [warranty] = warranties_of(warranty_rules(session), [unit])
    return warranty


def _write(
    session: Session,
    actor: Actor,
    device: LockedDevice,
    number: str,
    said: Installation,
    strokes: Strokes | None,
    warranty: Warranty,
    at: datetime,
) -> None:
    moved = device.installed_on is not None
    place = said.place
    session.execute(
        _REPORT,
        {
            **device.key,
            "number": number,
            "kind": str(EventKind.MOVED if moved else EventKind.INSTALLED),
            "hospital": place.hospital.strip(),
            "level": place.level,
            "city": place.city.strip(),
            "code": place.code.strip(),
            "department": place.department.strip(),
            "installed_on": said.installed_on,
            "installed_by": said.installed_by.strip(),
            "accepted_on": said.accepted_on,
            "accepted_by": said.accepted_by.strip(),
            "signature": None if strokes is None else json.dumps(strokes),
            "note": said.note.strip(),
            "warranty_from": warranty.first,
            "warranty_to": warranty.last,
            "actor": actor.key,
            "label": actor.label,
            "at": at,
        },
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


_REPORT = text(
    """
    WITH report AS (
      INSERT INTO installation_report (dealer_id, number, device_id, hospital, hospital_level, hospital_city,
                                       hospital_code, department, installed_on, installed_by, accepted_on,
                                       accepted_by, signature, note, filed_at, filed_by, filed_by_label)
      VALUES (:dealer_id, :number, :device_id, :hospital, :level, :city, :code, :department, :installed_on,
              :installed_by, :accepted_on, :accepted_by, CAST(:signature AS jsonb), :note, :at, :actor,
              :label)
    ), happened AS (
      INSERT INTO device_event (dealer_id, device_id, kind, at, document_no, by_label)
      VALUES (:dealer_id, :device_id, :kind, :at, :number, :label)
    )
    UPDATE device
       SET state = 'installed', revision = revision + 1, hospital = :hospital, hospital_level = :level,
           hospital_city = :city, hospital_code = :code, department = :department,
           installed_on = :installed_on, installed_by = :installed_by, accepted_on = :accepted_on,
           accepted_by = :accepted_by, warranty_from = :warranty_from, warranty_to = :warranty_to
     WHERE dealer_id = :dealer_id AND id = :device_id
    """
)
