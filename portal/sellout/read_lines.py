"""What somebody typed, pasted or scanned, as lines of a report of goods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from portal.kernel import typed
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.rounded import rounded_faults
from portal.scanning.scan import Scanned, scanned_all
from portal.sellout.decide_rules import HOSPITAL_MAX, TEXT_MAX, LineKind, Reported
from portal.sellout.sheet_rules import RawLine

_MOST = {"hospital": HOSPITAL_MAX}


@dataclass(frozen=True, slots=True)
class ReadLines:
    """Lines that could be read. has_scans: whether one of them was a scanned code."""

    lines: tuple[Reported, ...]
    has_scans: bool


def read_lines(
    session: Session, raw: Sequence[RawLine], *, kind: LineKind, day: date, hospital: str, today: date
) -> ReadLines:
    """The lines; a code of a device says article, lot and serial number. One statement.

    day, hospital: of lines that name none. Raises Invalid with the faults of every line, at ``/rows/3/lot``,
    by its row in the text.
    """
    faults: list[Fault] = []
    scans = _scans(session, [one for one in raw if one.code and not one.lot], today, faults)
    found = []
    for one in raw:
        line = _read(scans.get(one.row, one), kind, day, hospital, faults)
        if line is not None:
            found.append(line)
    if faults:
        raise Invalid(faults=faults)
    return ReadLines(tuple(found), bool(scans))


def _scans(session: Session, raw: Sequence[RawLine], today: date, faults: list[Fault]) -> dict[int, RawLine]:
    """Lines whose code says the lot, by row; a code that cannot be read is a fault, unless it is a SKU."""
    if not raw:
        return {}
    found = {}
    for one, scan in zip(raw, scanned_all(session, [line.code for line in raw], today=today), strict=True):
        if isinstance(scan, Scanned) and scan.reading.lot:
            sku = scan.article.sku if scan.article else scan.reading.di
            packages = typed.field(typed.quantity, one.quantity or "1", "", [])
            quantity = one.quantity if packages is None else str(packages * scan.units)
            serial = scan.serial or one.serial
            found[one.row] = replace(one, code=sku, lot=scan.reading.lot, serial=serial, quantity=quantity)
        elif isinstance(scan, Invalid) and one.code.startswith(("(", "]", "01")):
            faults += [replace(fault, pointer=f"/rows/{one.row}/sku") for fault in scan.faults]
    return found


def _read(raw: RawLine, kind: LineKind, day: date, hospital: str, faults: list[Fault]) -> Reported | None:
    at, before = f"/rows/{raw.row}", len(faults)
    quantity = typed.field(typed.quantity, raw.quantity, f"{at}/quantity", faults)
    on = typed.field(typed.day, raw.day, f"{at}/day", faults) if raw.day else day
    for member, text in (
        ("sku", raw.code),
        ("lot", raw.lot),
        ("serial", raw.serial),
        ("hospital", raw.hospital),
        ("document", raw.document),
        ("line", raw.line),
    ):
        faults += _faults(f"{at}/{member}", text, _MOST.get(member, TEXT_MAX))
        if member in ("sku", "lot", "serial"):
            faults += rounded_faults(f"{at}/{member}", text)
    if len(faults) > before or quantity is None or on is None:
        return None
    place = raw.hospital or hospital
    return Reported(raw.document, raw.line, kind, on, raw.code, raw.lot, raw.serial, quantity, place, at)


def _faults(pointer: str, text: str, most: int) -> list[Fault]:
    if len(text) > most:
        message, fix = N_("At most %(max)s characters."), N_("Shorten it.")
        return [Fault(pointer, "too_long", message, fix, {"max": most})]
    if text.startswith(("=", "＝")):
        message, fix = N_("This cell holds a formula."), N_("Copy and paste its value.")
        return [Fault(pointer, "formula", message, fix)]
    return []
