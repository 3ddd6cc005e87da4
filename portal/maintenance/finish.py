"""A maintenance is done, with its check-list, or skipped with a reason; what is due next follows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.devices.locked import LockedDevice, lock_device
from portal.devices.note_event import note_event, report_uses
from portal.devices.rules import FILES_MAX, NOTE_MAX, text_faults
from portal.devices.vocabulary import WORKERS, DeviceRight, EventKind
from portal.files.attach import attach_files
from portal.files.rules import Owner, count_faults
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Invalid, NotFound
from portal.kernel.signature_rules import signature_of
from portal.maintenance.make_due import make_due
from portal.maintenance.queries import OWNER_KIND
from portal.maintenance.rules import Checked, Item, done_faults, findings_of
from portal.maintenance.vocabulary import MaintenanceAction


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody says who did it. uses: as read off, None where nobody did. signature: strokes as text."""

    done_on: date | None
    done_by: str
    checked: tuple[Checked, ...] = ()
    uses: int | None = None
    note: str = ""
    signed_name: str = ""
    signature: str = ""


def finish(
    session: Session,
    *,
    actor: Actor,
    number: str,
    work: Work,
    files: Sequence[str] = (),
    today: date,
    at: datetime,
) -> None:
    """Say that a maintenance was done and what was found; the next one is made.

    Raises Invalid with every fault, Conflict for one that is over, NotFound, Forbidden.
    """
    actor.require(*WORKERS)
    due, device = _locked(session, number)
    faults = done_faults(
        done_on=work.done_on,
        done_by=work.done_by,
        note=work.note,
        uses=work.uses,
        begun_on=device.installed_on,
        today=today,
    )
    faults += text_faults("/signed_name", work.signed_name)
    findings = findings_of([Item(**one) for one in due.items], work.checked, faults)
    strokes = signature_of(work.signature, faults)
    faults += count_faults(files, most=FILES_MAX)
    if faults:
        raise Invalid(faults=faults)
    if work.uses is not None:
        report_uses(session, dealer_id=device.dealer_id, device_id=device.id, uses=work.uses)
    said = {
        "done_on": work.done_on,
        "done_by": work.done_by.strip(),
        "findings": json.dumps(findings),
        "uses_at": device.uses if work.uses is None else work.uses,
        "note": work.note.strip(),
        "signed_name": work.signed_name.strip(),
        "signature": None if strokes is None else json.dumps(strokes),
        "at": at,
        "actor": actor.key,
        "label": actor.label,
    }
    session.execute(_DONE, {"dealer_id": due.dealer_id, "id": due.id, **said})
    attach_files(session, actor=actor, ids=files, owner=Owner(OWNER_KIND, number, due.dealer_id))
    about: dict[str, Any] = {"number": device.number, "at": at, "document_no": number}
    note_event(session, actor=actor, kind=EventKind.MAINTAINED, said=due.name_zh, **about)
    _tell(session, MaintenanceAction.DONE, due, actor, {"done_on": str(work.done_on)})
    make_due(session, today=today, device=(device.dealer_id, device.id))


def skip(session: Session, *, actor: Actor, number: str, reason: str, today: date, at: datetime) -> None:
    """Leave a maintenance out, with a reason; the next one is made. Raises Invalid, Conflict, NotFound."""
    actor.require(DeviceRight.DESK)
    if faults := text_faults("/reason", reason, most=NOTE_MAX, required=True):
        raise Invalid(faults=faults)
    due, device = _locked(session, number)
    told = {"reason": reason.strip(), "at": at, "actor": actor.key, "label": actor.label}
    session.execute(_SKIP, {"dealer_id": due.dealer_id, "id": due.id, "uses_at": device.uses, **told})
    _tell(session, MaintenanceAction.SKIPPED, due, actor, {}, reason.strip())
    make_due(session, today=today, device=(device.dealer_id, device.id))


def _locked(session: Session, number: str) -> tuple[Record, LockedDevice]:
    """The maintenance and its device, which guards it."""
    named = session.execute(_DEVICE, {"number": number}).scalar_one_or_none()
    if named is None:
        raise NotFound()
    device = lock_device(session, named)
    due = session.execute(_DUE, {"number": number}).one()
    if due.state != "due":
        raise Conflict(
            "maintenance_over",
            N_("This maintenance is over already."),
            fix=N_("Look at the device: the next one may be due."),
        )
    return due, device


def _tell(
    session: Session,
    action: MaintenanceAction,
    due: Record,
    actor: Actor,
    more: dict[str, Any],
    reason: str | None = None,
) -> None:
    audit.record(
        session,
        action,
        due.number,
        actor=actor,
        dealer_id=due.dealer_id,
        before={"state": "due", "due_on": due.due_on.isoformat()},
        after={"state": action.partition(":")[2], **more},
        reason=reason,
    )


_DEVICE = text(
    """
    SELECT d.number FROM maintenance m JOIN device d ON (d.dealer_id, d.id) = (m.dealer_id, m.device_id)
     WHERE m.number = :number
    """
)
_DUE = text(
    """
    SELECT m.dealer_id, m.id, m.number, m.state, m.due_on, n.items, n.name_zh
      FROM maintenance m JOIN maintenance_plan n ON n.id = m.plan_id
     WHERE m.number = :number FOR NO KEY UPDATE OF m
    """
)
_DONE = text(
    """
    UPDATE maintenance
       SET state = 'done', done_on = :done_on, done_by = :done_by, findings = CAST(:findings AS jsonb),
           uses_at = :uses_at, note = :note, signed_name = :signed_name,
           signature = CAST(:signature AS jsonb), filed_at = :at, filed_by = :actor, filed_by_label = :label
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_SKIP = text(
    """
    UPDATE maintenance
       SET state = 'skipped', reason = :reason, uses_at = :uses_at, filed_at = :at, filed_by = :actor,
           filed_by_label = :label
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
