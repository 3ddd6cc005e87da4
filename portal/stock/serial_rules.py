"""Serial numbers as they are kept, and where a unit that has one may be. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum

from portal.kernel.errors import N_, Fault
from portal.kernel.rounded import is_rounded, rounded_faults

SERIAL_MAX = 20  # GS1 application identifier 21

_SERIAL = re.compile(r"[!-~]+")


class SerialState(StrEnum):
    """Where a unit with a serial number is."""

    INSPECTING = "inspecting"
    SALEABLE = "saleable"
    QUARANTINED = "quarantined"
    IN_TRANSIT = "in_transit"
    SHIPPED = "shipped"
    SCRAPPED = "scrapped"


def plain_serials(typed: Iterable[str]) -> list[str]:
    """Serials as they are kept: trimmed, full-width characters made plain, empty ones dropped."""
    return [plain for value in typed if (plain := unicodedata.normalize("NFKC", value).strip())]


def serial_faults(
    pointer: str, sku: str, serials: Sequence[str], *, units: int, controlled: bool
) -> list[Fault]:
    """What is wrong with the plain serials of so many units: one for each, of a product that has them."""
    if not controlled:
        message, fix = N_("%(sku)s has no serial numbers."), N_("Leave its serial numbers empty.")
        return [Fault(pointer, "not_serial_controlled", message, fix, {"sku": sku})] if serials else []
    if any(len(value) > SERIAL_MAX or not _SERIAL.fullmatch(value) for value in serials):
        message = N_("A serial number has 1 to %(max)s characters without blanks.")
        return [Fault(pointer, "serial_malformed", message, N_("Scan it again."), {"max": SERIAL_MAX})]
    if rounded := next(filter(is_rounded, serials), ""):
        return rounded_faults(pointer, rounded)
    repeated = sorted(value for value, times in Counter(serials).items() if times > 1)
    if len(serials) != units:
        message = N_("Serial numbers given for %(sku)s: %(given)s, needed: %(quantity)s.")
        about = {"given": len(serials), "quantity": units, "sku": sku}
        return [Fault(pointer, "serial_count", message, N_("Scan one for every unit."), about)]
    return serial_twice(pointer, repeated[0]) if repeated else []


def serial_twice(pointer: str, serial: str) -> list[Fault]:
    """What is said of a serial that is named for two units."""
    message = N_("Serial number %(serial)s appears twice.")
    fix = N_("Every unit has its own: scan them again.")
    return [Fault(pointer, "serial_repeated", message, fix, {"serial": serial})]
