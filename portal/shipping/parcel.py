"""What a parcel must say of itself before it leaves: carrier, tracking number, serials. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.kernel.errors import N_, Fault

CARRIER_MAX = 64
TRACKING_MAX = 64
SERIAL_MAX = 20  # GS1 application identifier 21

SerialKey = tuple[int, str]
"""Order line number and lot number."""

_TRACKING = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z ./_-]*[0-9A-Za-z])?")
_SERIAL = re.compile(r"[!-~]+")


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
    lines: Sequence[ParcelLine], serials: Mapping[SerialKey, Sequence[str]]
) -> tuple[dict[SerialKey, list[str]], list[Fault]]:
    """Serials by line and lot.

    For serial-controlled products only, one for every unit, none twice within a product.
    """
    known = {(line.line_no, line.lot_no): line for line in lines}
    cleaned: dict[SerialKey, list[str]] = {}
    faults: list[Fault] = []
    seen: set[tuple[str, str]] = set()
    for key, typed in serials.items():
        pointer = f"/serials/{key[0]}/{key[1]}"
        values = list(filter(None, map(_plain, typed)))
        line = known.get(key)
        fault = _serial_fault(line, key, values, seen, pointer)
        if fault is not None:
            faults.append(fault)
        elif line is not None and values:
            cleaned[key] = values
            seen.update((line.sku, value) for value in values)
    return cleaned, faults


def _serial_fault(
    line: ParcelLine | None, key: SerialKey, values: Sequence[str], seen: set[tuple[str, str]], pointer: str
) -> Fault | None:
    if line is None:
        message = N_("Line %(line)s with lot %(lot)s is not in this shipment.")
        return Fault(pointer, "unknown_line", message, params={"line": key[0], "lot": key[1]})
    if not values:
        return None
    if not line.serial_controlled:
        message, fix = (
            N_("%(sku)s has no serial numbers."),
            N_("Leave the serial numbers of this line empty."),
        )
        return Fault(pointer, "not_serial_controlled", message, fix, {"sku": line.sku})
    if any(len(value) > SERIAL_MAX or not _SERIAL.fullmatch(value) for value in values):
        message = N_("A serial number has 1 to %(max)s characters without blanks.")
        return Fault(pointer, "serial_malformed", message, N_("Scan it again."), {"max": SERIAL_MAX})
    if len(values) != line.quantity:
        message, fix = (
            N_("Serial numbers given for %(sku)s: %(given)s, needed: %(quantity)s."),
            N_("Scan one for every unit."),
        )
        return Fault(
            pointer,
            "serial_count",
            message,
            fix,
            {"given": len(values), "quantity": line.quantity, "sku": line.sku},
        )
    repeated = sorted(
        value for value, times in Counter(values).items() if times > 1 or (line.sku, value) in seen
    )
    if repeated:
        message, fix = (
            N_("Serial number %(serial)s appears twice."),
            N_("Every unit has its own: scan them again."),
        )
        return Fault(pointer, "serial_repeated", message, fix, {"serial": repeated[0]})
    return None


def _plain(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip()
