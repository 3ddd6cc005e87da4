"""What somebody typed, pasted or scanned, as lines of a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from portal.dealerstock.rules import CUSTOMER_MAX, TEXT_MAX, LineKind, Reported
from portal.dealerstock.sheet_rules import RawLine
from portal.kernel import typed
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.lots import lot_key
from portal.kernel.rounded import rounded_faults
from portal.kernel.searching import gtin_in
from portal.scanning.scan import Scanned, scanned_all


@dataclass(frozen=True, slots=True)
class ReadLines:
    """Lines that could be read. has_scans: whether one of them was a scanned code."""

    lines: tuple[Reported, ...]
    has_scans: bool


def read_lines(
    session: Session, raw: Sequence[RawLine], *, kind: LineKind, as_of: date, today: date
) -> ReadLines:
    """The lines, of one lot and day together; a code of a device says article and lot. One statement.

    Raises Invalid with the faults of every line, at ``/rows/3/lot``, by its row in the text.
    """
    faults: list[Fault] = []
    scans = _scans(session, [one for one in raw if one.code and not one.lot], today, faults)
    packages = _packages(session, [one for one in raw if one.lot and gtin_in(one.code)], today)
    added: dict[tuple[str, str, date, str], Reported] = {}
    for one in raw:
        named = scans.get(one.row) or packages.get(one.row, one)
        line = _read(named, kind, as_of, faults)
        if line is None:
            continue
        key = (line.sku, lot_key(line.lot), line.day, line.customer)
        before = added.get(key)
        added[key] = replace(line, quantity=line.quantity + before.quantity) if before else line
    if faults:
        raise Invalid(faults=faults)
    return ReadLines(tuple(added.values()), bool(scans))


def _scans(session: Session, raw: Sequence[RawLine], today: date, faults: list[Fault]) -> dict[int, RawLine]:
    """Lines whose code says the lot, by row; a code that cannot be read is a fault, unless it is a SKU."""
    if not raw:
        return {}
    found = {}
    for one, scan in zip(raw, scanned_all(session, [line.code for line in raw], today=today), strict=True):
        if isinstance(scan, Scanned) and scan.reading.lot:
            sku = scan.article.sku if scan.article else scan.reading.di
            found[one.row] = replace(_in_units(one, scan.units), code=sku, lot=scan.reading.lot)
        elif isinstance(scan, Invalid) and one.code.startswith(("(", "]", "01")):
            faults += [replace(fault, pointer=f"/rows/{one.row}/sku") for fault in scan.faults]
    return found


def _packages(session: Session, raw: Sequence[RawLine], today: date) -> dict[int, RawLine]:
    """Lines that count packages, by the number of these, as units of the product; by row."""
    found = {}
    scans = scanned_all(session, [line.code for line in raw], today=today) if raw else []
    for one, scan in zip(raw, scans, strict=True):
        if isinstance(scan, Scanned) and scan.article and scan.units > 1:
            found[one.row] = replace(_in_units(one, scan.units), code=scan.article.sku)
    return found


def _in_units(raw: RawLine, units: int) -> RawLine:
    """A quantity that cannot be read stays as it is, to be told so."""
    packages = typed.field(typed.quantity, raw.quantity, "", [])
    return raw if packages is None else replace(raw, quantity=str(packages * units))


def _read(raw: RawLine, kind: LineKind, as_of: date, faults: list[Fault]) -> Reported | None:
    at = f"/rows/{raw.row}"
    before = len(faults)
    quantity = typed.field(typed.quantity, raw.quantity, f"{at}/quantity", faults)
    day = typed.field(typed.day, raw.day, f"{at}/day", faults) if raw.day else as_of
    for member, text, most in (
        ("sku", raw.code, TEXT_MAX),
        ("lot", raw.lot, TEXT_MAX),
        ("customer", raw.customer, CUSTOMER_MAX),
    ):
        if len(text) > most:
            faults.append(_too_long(f"{at}/{member}", most))
        if text.startswith(("=", "＝")):
            message, fix = N_("This cell holds a formula."), N_("Copy and paste its value.")
            faults.append(Fault(f"{at}/{member}", "formula", message, fix))
        if member != "customer":
            faults += rounded_faults(f"{at}/{member}", text)
    if len(faults) > before or quantity is None or day is None:
        return None
    return Reported(raw.code, raw.lot, quantity, kind, day, raw.customer, at)


def _too_long(pointer: str, most: int) -> Fault:
    params = {"max": most}
    return Fault(pointer, "too_long", N_("At most %(max)s characters."), N_("Shorten it."), params)
