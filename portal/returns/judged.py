"""What somebody says of units that came back becomes findings, one a line of the order, lot and result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal.kernel.errors import N_, Fault, Invalid
from portal.returns.locked import LockedLine, LockedReturn
from portal.returns.rules import Disposition, Finding, inspection_faults, note_faults
from portal.stock.serial_rules import plain_serials, serial_faults


@dataclass(frozen=True, slots=True)
class Judged:
    """What somebody says of units of a product and lot. `pointer` says where they do.

    line_no: the order line that they belong to, needed where the lot came back of several.
    """

    sku: str
    lot_no: str
    disposition: Disposition
    quantity: int
    pointer: str
    note: str = ""
    serials: tuple[str, ...] = ()
    line_no: int | None = None


def findings_of(found: LockedReturn, judged: Sequence[Judged]) -> list[Finding]:
    """What is said of each order line and lot. Raises Invalid with every fault."""
    findings: dict[tuple[int, int, Disposition], Finding] = {}
    faults: list[Fault] = []
    for one in judged:
        lines = [line for line in found.named(one.sku, one.lot_no, one.line_no) if line.received]
        if len(lines) != 1:
            faults.append(_which_line(one, lines))
            continue
        [line] = lines
        faults += note_faults(f"{one.pointer}/note", one.note)
        before = findings.get((*line.key, one.disposition), Finding(*line.key, one.disposition, 0, ""))
        findings[*line.key, one.disposition] = replace(
            before,
            quantity=before.quantity + one.quantity,
            pointer=one.pointer,
            note=one.note.strip() or before.note,
            serials=(*before.serials, *plain_serials(one.serials)),
        )
    faults += inspection_faults(list(findings.values()), found.received)
    faults += _serial_faults(found, list(findings.values()))
    if faults:
        raise Invalid(faults=faults)
    return [_with_serials(found, one) for one in findings.values()]


def _which_line(one: Judged, lines: Sequence[LockedLine]) -> Fault:
    """The units are of no line that came, or nobody can say of which: what is paid back depends on it."""
    if not lines:
        message, fix = N_("No %(sku)s of this lot came back."), N_("Judge only what was received.")
        return Fault(f"{one.pointer}/sku", "not_received", message, fix, {"sku": one.sku})
    message, fix = N_("%(sku)s of this lot came back of order lines %(lines)s."), N_("Name one of them.")
    about = {"sku": one.sku, "lines": ", ".join(str(line.line_no) for line in lines)}
    return Fault(f"{one.pointer}/line", "which_line", message, fix, about)


def _serial_faults(found: LockedReturn, findings: Sequence[Finding]) -> list[Fault]:
    """Where units came by their serial numbers and are judged apart, each says which."""
    faults = []
    for line in found.lines:
        mine = [one for one in findings if (one.line_no, one.lot_id) == line.key]
        named = [serial for one in mine for serial in one.serials]
        if named and not line.serials:
            pointer = f"{mine[0].pointer}/serials"
            faults += serial_faults(pointer, line.sku, named, units=len(named), controlled=False)
        if not line.serials or (len(mine) < 2 and not named):
            continue
        if sorted(named) != sorted(line.serials) or any(len(one.serials) != one.quantity for one in mine):
            message = N_("Units of %(sku)s are judged apart: say which serial numbers.")
            fix = N_("Name each serial number that came once.")
            faults.append(
                Fault(f"{mine[0].pointer}/serials", "serials_missing", message, fix, {"sku": line.sku})
            )
    return faults


def _with_serials(found: LockedReturn, one: Finding) -> Finding:
    [line] = [line for line in found.lines if line.key == (one.line_no, one.lot_id)]
    if one.serials or not line.serials:
        return one
    return replace(one, serials=line.serials)
