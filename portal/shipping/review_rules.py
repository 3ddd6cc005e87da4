"""The outbound review: what may be found, and whether a check fits the parcel it is of. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from portal.kernel.errors import N_, Conflict, Fault
from portal.kernel.lots import spelled
from portal.stock.serial_rules import plain_serials, serial_faults, serial_twice

NOTE_MAX = 500


class Outcome(StrEnum):
    """What the outbound review found of some units."""

    PASSED = "passed"
    DAMAGED = "damaged"
    BAD_LABEL = "bad_label"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class PackedUnits:
    """Units of one lot for one order line in a parcel, of which `passed` are reviewed, by these serials."""

    line_no: int
    lot_id: int
    product_id: int
    lot_no: str
    expires_on: date | None
    sku: str
    quantity: int
    passed: int
    serials: tuple[str, ...]
    serial_controlled: bool

    @property
    def left(self) -> int:
        """Units that nobody has reviewed yet."""
        return self.quantity - self.passed


@dataclass(frozen=True, slots=True)
class Check:
    """What a person says of some units. udi: the code that was scanned. `pointer` says where they did.

    left: how many of them were still to be reviewed on the page they look at, None where there is none.
    """

    line_no: int
    lot_no: str
    quantity: int
    outcome: Outcome = Outcome.PASSED
    serials: tuple[str, ...] = ()
    udi: str = ""
    note: str = ""
    pointer: str = ""
    left: int | None = None


def checked(
    units: Sequence[PackedUnits], checks: Sequence[Check]
) -> tuple[list[tuple[PackedUnits, Check]], list[Fault]]:
    """Each check with the units it is of, serials made plain; and everything that is wrong with them."""
    known = {(unit.line_no, unit.lot_no): unit for unit in units}
    found: list[tuple[PackedUnits, Check]] = []
    faults: list[Fault] = []
    for said in checks:
        check = replace(said, serials=tuple(plain_serials(said.serials)), note=said.note.strip())
        unit = known.get((check.line_no, check.lot_no))
        if unit is None:
            message = N_("Line %(line)s with lot %(lot)s is not in this shipment.")
            about = {"line": check.line_no, "lot": check.lot_no}
            faults.append(Fault(check.pointer, "unknown_line", message, N_("Look at the list."), about))
            continue
        wrong = list(_wrong(unit, check))
        faults += wrong
        if not wrong:
            found.append((unit, check))
            known[unit.line_no, unit.lot_no] = _after(unit, check)
    return found, faults


def _after(unit: PackedUnits, check: Check) -> PackedUnits:
    if check.outcome is not Outcome.PASSED:
        return replace(unit, quantity=unit.quantity - check.quantity)
    return replace(unit, passed=unit.passed + check.quantity, serials=(*unit.serials, *check.serials))


def _wrong(unit: PackedUnits, check: Check) -> Iterator[Fault]:
    about = {"lot": unit.lot_no, "sku": unit.sku, "left": unit.left}
    if unit.left == 0:
        message = N_("All units of %(sku)s, lot %(lot)s, are reviewed already.")
        yield Fault(f"{check.pointer}/quantity", "reviewed", message, N_("Go on with the next."), about)
        return
    if not 1 <= check.quantity <= unit.left:
        message = N_("%(left)s of %(sku)s, lot %(lot)s, are still to be reviewed.")
        fix = N_("Count again: enter a whole number from 1 to %(left)s.")
        yield Fault(f"{check.pointer}/quantity", "quantity_out_of_range", message, fix, about)
        return
    if check.outcome is not Outcome.PASSED and not check.note:
        message, fix = N_("A finding needs words."), N_("Say what is wrong with the units.")
        yield Fault(f"{check.pointer}/note", "note_missing", message, fix)
    if len(check.note) > NOTE_MAX:
        message, fix = N_("A note has at most %(max)s characters."), N_("Shorten it.")
        yield Fault(f"{check.pointer}/note", "note_too_long", message, fix, {"max": NOTE_MAX})
    pointer = f"{check.pointer}/serials"
    yield from serial_faults(
        pointer, unit.sku, check.serials, units=check.quantity, controlled=unit.serial_controlled
    )
    for serial in check.serials:
        if serial in unit.serials:
            yield from serial_twice(pointer, serial)


def require_seen(seen: int | None, left: int | None) -> None:
    """Raise Conflict where other units are left to be reviewed than a person saw who says what they found.

    So what is sent again over a bad line neither passes nor sets apart a second time.
    """
    if seen is not None and seen != left:
        raise Conflict(
            "reviewed_meanwhile",
            N_("This is not what the page showed: %(left)s of these units are still to be reviewed."),
            fix=N_("Look at what is recorded before you go on: you may have sent this already."),
            left=left,
        )


def units_of_code(
    units: Sequence[PackedUnits], *, sku: str | None, lot: str | None, expiry: date | None
) -> PackedUnits | Fault:
    """Which units of a parcel a code is of, or why it is of none. sku: None for what is not in the range.

    A code without a lot is of the only lot of its product in the parcel.
    """
    of_product = [unit for unit in units if unit.sku == sku]
    if not of_product:
        message, fix = N_("This product is not in the shipment."), N_("Put it back where it was.")
        return Fault("/code", "not_in_parcel", message, fix)
    lots = {unit.lot_no for unit in of_product}
    lot = lot if lot is None else spelled(lot, lots) or lot
    if lot is not None and lot not in lots:
        message = N_("The label says lot %(lot)s; in the shipment belongs lot %(expected)s.")
        fix = N_("Exchange the units, or pick again.")
        return Fault("/code", "wrong_lot", message, fix, {"lot": lot, "expected": ", ".join(sorted(lots))})
    if lot is None and len(lots) > 1:
        message, fix = (
            N_("The code names no lot, and the shipment has several."),
            N_("Scan the code with the lot."),
        )
        return Fault("/code", "lot_unclear", message, fix)
    meant = [unit for unit in of_product if lot in (None, unit.lot_no)]
    if expiry is not None and expiry != meant[0].expires_on:
        message = N_("The label says expiry %(label)s, the lot has %(day)s.")
        fix = N_("Set the units apart as badly labelled, or ask quality.")
        known = meant[0].expires_on
        about = {"label": expiry.isoformat(), "day": known.isoformat() if known else "–"}
        return Fault("/code", "wrong_expiry", message, fix, about)
    return next((unit for unit in meant if unit.left), meant[0])
