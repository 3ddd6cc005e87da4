"""Installed devices out of a file: looked through first, each row told what would become of it, then taken.

Both read what there is by three statements, however many rows there are; whoever applies is told anew, since
the register may have changed meanwhile.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.devices.imported_rows import DeviceEntry, FileRow, entry_of, named_twice
from portal.devices.kept_devices import Known, changed_by, known_devices, write_devices
from portal.devices.vocabulary import DeviceAction, DeviceRight
from portal.kernel import numbering
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, NotFound


class RowResult(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """A row of the report. number: of the device, once it has one."""

    row: int
    sku: str
    serial: str
    result: RowResult
    number: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was looked through, and what became of it. counts: rows by result, once it is applied."""

    number: str
    file_name: str
    rows: tuple[FileRow, ...]
    counts: dict[str, int]
    made_at: datetime
    made_by_label: str
    applied_at: datetime | None


def keep_import(
    session: Session, *, actor: Actor, file_name: str, rows: Sequence[FileRow], today: date, at: datetime
) -> str:
    """Keep the rows of a file until somebody applies them; its number. Raises Forbidden."""
    actor.require(DeviceRight.DESK)
    number = numbering.new_number("DM", today)
    session.execute(
        _KEEP,
        {
            "number": number,
            "file_name": file_name[:200].replace("\0", ""),
            "lines": json.dumps([_as_json(row) for row in rows]),
            "actor": actor.key,
            "label": actor.label,
            "at": at,
        },
    )
    return number


def import_of(session: Session, number: str) -> Import:
    """A file as it was kept. Raises NotFound."""
    row = session.execute(_IMPORT, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    rows = tuple(_from_json(one) for one in row.lines)
    return Import(row.number, row.file_name, rows, row.counts, row.made_at, row.made_by_label, row.applied_at)


def looked_through(
    session: Session, *, actor: Actor, rows: Sequence[FileRow], today: date
) -> list[RowOutcome]:
    """What would become of each row now; nothing is written. Raises Forbidden."""
    actor.require(DeviceRight.DESK)
    return [outcome for outcome, _, _ in _judged(session, rows, today)]


def apply_import(
    session: Session, *, actor: Actor, number: str, today: date, at: datetime
) -> list[RowOutcome]:
    """Take every row that can be taken, and forget the file. Raises Conflict for one that was applied."""
    actor.require(DeviceRight.DESK)
    if session.execute(_LOCK, {"number": number}).one_or_none() is None:
        raise NotFound()
    kept = import_of(session, number)
    if kept.applied_at is not None:
        raise Conflict("already_applied", N_("This file has been applied already."))
    outcomes = take_rows(session, actor=actor, rows=kept.rows, today=today, at=at, document=number)
    counts = Counter(str(one.result) for one in outcomes)
    session.execute(_APPLIED, {"number": number, "counts": json.dumps(counts), "at": at})
    return outcomes


def take_rows(
    session: Session, *, actor: Actor, rows: Sequence[FileRow], today: date, at: datetime, document: str
) -> list[RowOutcome]:
    """Write what can be written of some rows. document: that the devices' lives name. Raises Forbidden."""
    actor.require(DeviceRight.DESK)
    judged = _judged(session, rows, today)
    going = [(entry, known) for outcome, entry, known in judged if outcome.result in _WRITTEN]
    numbers = write_devices(session, actor=actor, going=going, today=today, at=at, document=document)
    outcomes = []
    for outcome, _, _ in judged:
        if outcome.result in _WRITTEN and not numbers.get(outcome.row):
            fault = _elsewhere("", outcome.serial)
            outcomes.append(replace(outcome, result=RowResult.REFUSED, faults=(fault,)))
        else:
            outcomes.append(replace(outcome, number=numbers.get(outcome.row, outcome.number)))
    counts = dict(Counter(str(one.result) for one in outcomes))
    audit.record(session, DeviceAction.IMPORTED, document or "API", actor=actor, dealer_id=None, after=counts)
    return outcomes


_WRITTEN = frozenset({RowResult.ADDED, RowResult.CHANGED})
_Judged = tuple[RowOutcome, DeviceEntry, Known]


def _judged(session: Session, rows: Sequence[FileRow], today: date) -> list[_Judged]:
    entries = [entry_of(row, today=today) for row in rows]
    twice, known = named_twice(entries), known_devices(session, entries)
    judged: list[_Judged] = []
    for one, there in zip(entries, known, strict=True):
        faults = [*one.faults, *_faults(one, there)]
        if one.row in twice:
            message, fix = N_("Row %(row)s names the same device."), N_("Keep one of them.")
            faults.append(Fault("/serial", "twice", message, fix, {"row": twice[one.row]}))
        result = RowResult.ADDED
        if faults:
            result = RowResult.REFUSED
        elif there.number:
            result = RowResult.CHANGED if changed_by(one, there) else RowResult.UNCHANGED
        number = there.number if there.holder_code == one.dealer else ""
        judged.append((RowOutcome(one.row, one.sku, one.serial, result, number, tuple(faults)), one, there))
    return judged


def _faults(one: DeviceEntry, there: Known) -> list[Fault]:
    faults = []
    if one.dealer and there.dealer_id is None:
        message, fix = N_("There is no dealer %(code)s."), N_("Check the dealer's code.")
        faults.append(Fault("/dealer", "unknown_dealer", message, fix, {"code": one.dealer[:64]}))
    if one.sku and there.product_id is None:
        message, fix = N_("There is no product %(sku)s."), N_("Check the SKU or search the catalogue.")
        faults.append(Fault("/sku", "unknown_sku", message, fix, {"sku": one.sku[:64]}))
    elif one.sku and not there.serial_controlled:
        message, fix = N_("%(sku)s has no serial numbers."), N_("Leave this row out.")
        faults.append(Fault("/sku", "not_serial_controlled", message, fix, {"sku": one.sku[:64]}))
    if there.holder_code and there.holder_code != one.dealer:
        faults.append(_elsewhere(there.holder_code, one.serial))
    elif there.is_here:
        message = N_("The unit with serial number %(serial)s lies in a warehouse of ours.")
        fix = N_("Ship it to the dealer; it is registered then.")
        faults.append(Fault("/serial", "in_stock", message, fix, {"serial": one.serial}))
    return faults


def _elsewhere(code: str, serial: str) -> Fault:
    message = N_("Serial number %(serial)s is registered with another dealer (%(code)s).")
    fix = N_("It has to come back first, or the dealer of the row is wrong.")
    return Fault("/dealer", "device_elsewhere", message, fix, {"serial": serial, "code": code or "?"})


def _as_json(row: FileRow) -> dict[str, Any]:
    faults = [{**asdict(one), "proposals": []} for one in row.faults]
    return {
        "row": row.row,
        "texts": {k: v.replace("\0", "\ufffd") for k, v in row.texts.items()},
        "faults": faults,
    }


def _from_json(kept: dict[str, Any]) -> FileRow:
    faults = tuple(
        Fault(one["pointer"], one["code"], one["message"], one["fix"], one["params"])
        for one in kept["faults"]
    )
    return FileRow(kept["row"], kept["texts"], faults)


_KEEP = text(
    """
    INSERT INTO device_import (number, file_name, lines, made_at, made_by, made_by_label)
    VALUES (:number, :file_name, CAST(:lines AS jsonb), :at, :actor, :label)
    """
)
_IMPORT = text(
    """
    SELECT number, file_name, lines, counts, made_at, made_by_label, applied_at FROM device_import
     WHERE number = :number
    """
)
_LOCK = text("SELECT number FROM device_import WHERE number = :number FOR NO KEY UPDATE")
_APPLIED = text(
    """
    UPDATE device_import SET applied_at = :at, counts = CAST(:counts AS jsonb), lines = '[]'
     WHERE number = :number
    """
)
