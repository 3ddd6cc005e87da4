"""What a parcel must say of itself before it leaves: carrier, tracking number, serials. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.kernel.errors import N_, Fault
from portal.kernel.lots import named_as
from portal.stock.serial_rules import plain_serials, serial_faults, serial_twice

CARRIER_MAX = 64
TRACKING_MAX = 64

SerialKey = tuple[int, str]
"""Order line number and lot number."""

_TRACKING = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z ./_-]*[0-9A-Za-z])?")


@dataclass(frozen=True, slots=True)
class Waybill:
    """Carrier and tracking number as they are kept: trimmed, full-width characters made plain."""

    carrier: str
    tracking_no: str


@dataclass(frozen=True, slots=True)
class ParcelLine:
    """Units of one lot in a parcel."""

    line_no: int
    lot_no: str
    sku: str
    quantity: int
    serial_controlled: bool


def checked_waybill(carrier: str, tracking_no: str) -> tuple[Waybill, list[Fault]]:
    """Clean what was typed and name what is wrong with it."""
    cleaned = Waybill(_plain(carrier), _plain(tracking_no))
    faults = []
    if not cleaned.carrier or len(cleaned.carrier) > CARRIER_MAX or not cleaned.carrier.isprintable():
        message, fix = N_("A carrier has 1 to %(max)s printable characters."), N_("Enter the carrier's name.")
        faults.append(Fault("/carrier", "carrier", message, fix, {"max": CARRIER_MAX}))
    if len(cleaned.tracking_no) > TRACKING_MAX or not _TRACKING.fullmatch(cleaned.tracking_no):
        message = N_("A tracking number has 1 to %(max)s letters and digits.")
        faults.append(
            Fault(
                "/tracking_no", "tracking_no", message, N_("Copy it from the waybill."), {"max": TRACKING_MAX}
            )
        )
    return cleaned, faults


def checked_serials(
    lines: Sequence[ParcelLine],
    named: Mapping[SerialKey, Sequence[str]],
    passed: Mapping[SerialKey, Sequence[str]],
) -> tuple[dict[SerialKey, list[str]], list[Fault]]:
    """Serials by line and lot: those named, else those that passed the outbound review.

    For serial-controlled products only, one for every unit, none twice within a product, none left out that
    passed.
    """
    known = {(line.line_no, line.lot_no): line for line in lines}
    cleaned: dict[SerialKey, list[str]] = {}
    faults: list[Fault] = []
    seen: set[tuple[str, str]] = set()
    named = _as_packed(named, known)
    for key in dict.fromkeys((*named, *passed)):
        pointer = f"/serials/{key[0]}/{key[1]}"
        reviewed = passed.get(key, ())
        values = plain_serials(named.get(key, ())) or list(reviewed)
        line = known.get(key)
        fault = _serial_fault(line, key, values, seen, pointer) or _left_out(reviewed, values, pointer)
        if fault is not None:
            faults.append(fault)
        elif line is not None and values:
            cleaned[key] = values
            seen.update((line.sku, value) for value in values)
    return cleaned, faults


def _as_packed(
    named: Mapping[SerialKey, Sequence[str]], known: Mapping[SerialKey, ParcelLine]
) -> dict[SerialKey, list[str]]:
    """Serials by lots as they are written in the parcel; those of two spellings of a lot are all meant."""
    found: dict[SerialKey, list[str]] = {}
    for name, serials in named.items():
        found.setdefault(named_as(name, known.keys()), []).extend(serials)
    return found


def _serial_fault(
    line: ParcelLine | None, key: SerialKey, values: Sequence[str], seen: set[tuple[str, str]], pointer: str
) -> Fault | None:
    if line is None:
        message = N_("Line %(line)s with lot %(lot)s is not in this shipment.")
        return Fault(pointer, "unknown_line", message, params={"line": key[0], "lot": key[1]})
    if not values:
        return None
    wrong = serial_faults(
        pointer, line.sku, values, units=line.quantity, controlled=line.serial_controlled
    ) or [fault for value in values if (line.sku, value) in seen for fault in serial_twice(pointer, value)]
    return wrong[0] if wrong else None


def _left_out(reviewed: Sequence[str], values: Sequence[str], pointer: str) -> Fault | None:
    missing = next((one for one in reviewed if one not in values), None)
    if missing is None:
        return None
    message = N_("The unit with serial number %(serial)s passed the outbound review and is not named.")
    fix = N_("Name the units that lie in the shipment, those reviewed among them.")
    return Fault(pointer, "serial_left_out", message, fix, {"serial": missing})


def _plain(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip()
