"""What a technician reports of a visit, and whether two reports say the same. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.deliveries.rules import plain_name
from portal.files.rules import count_faults
from portal.kernel.errors import N_, Fault
from portal.kernel.lots import named_as
from portal.kernel.signature_rules import Strokes
from portal.repairs.rules import KEY_MAX, NAME_MAX, TEXT_MAX, CheckResult, Result
from portal.service.rules import FILES_MAX, plain_text, text_faults

USED_MAX = 200
"""Lots named in one report."""


@dataclass(frozen=True, slots=True)
class Used:
    """Units of a lot that went into the device. pointer: where they were entered."""

    sku: str
    lot_no: str
    quantity: int | None
    serials: tuple[str, ...] = ()
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """A report as it is entered. client_key: made by the form, the same when it is sent again.

    checks: result by id of the item. signature: strokes as text.
    """

    client_key: str
    result: str
    findings: str
    signed_name: str
    signature: str = ""
    checks: Mapping[int, str] | None = None
    used: Sequence[Used] = ()
    files: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CheckItem:
    """What is checked at a device."""

    id: int
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class LotForPart:
    """A lot from which a part may be taken: units of it that are free."""

    product_id: int
    sku: str
    lot_id: int
    lot_no: str
    expires_on: date | None
    free: int
    serial_controlled: bool


def fingerprint(entry: ReportEntry, visit: str) -> str:
    """Of everything that a report says of a visit: the same body again has the same."""
    said = (
        visit,
        entry.result,
        plain_text(entry.findings),
        plain_name(entry.signed_name),
        entry.signature.strip(),
        sorted((entry.checks or {}).items()),
        [(one.sku, one.lot_no, one.quantity, one.serials) for one in entry.used],
        list(entry.files),
    )
    return hashlib.blake2b(repr(said).encode(), digest_size=24).hexdigest()


def report_faults(entry: ReportEntry, items: Sequence[CheckItem], strokes: Strokes | None) -> list[Fault]:
    """Everything that is wrong with a report, but for its parts."""
    faults = text_faults("/findings", entry.findings, most=TEXT_MAX, in_lines=True)
    if not 0 < len(entry.client_key) <= KEY_MAX or not entry.client_key.isprintable():
        message, fix = N_("The key of the report is missing or too long."), N_("Load the page again.")
        faults.append(Fault("/client_key", "key", message, fix))
    if entry.result not in list(Result):
        message, fix = N_("Say what the test said."), N_("Choose one from the list.")
        faults.append(Fault("/result", "unknown_result", message, fix))
    name = plain_name(entry.signed_name)
    faults += text_faults("/signed_name", name, most=NAME_MAX)
    faults += count_faults(entry.files, most=FILES_MAX, fix=N_("Send the others with a message."))
    checks, known = entry.checks or {}, {one.id for one in items}
    for item in items:
        said = checks.get(item.id, "")
        if said not in list(CheckResult):
            message, fix = N_("This point of the check-list is open."), N_("Say what you found.")
            faults.append(Fault(f"/checks/{item.id}", "unchecked", message, fix))
        elif said == CheckResult.NOT_OK and entry.result == Result.PASSED:
            message = N_("A test with a point that is not in order has not passed.")
            faults.append(Fault(f"/checks/{item.id}", "not_in_order", message, N_("Correct one of both.")))
    for stranger in sorted(set(checks) - known):
        message, fix = N_("The check-list has no such point."), N_("Load the page again.")
        faults.append(Fault(f"/checks/{stranger}", "unknown_check", message, fix))
    return faults


def used_faults(used: Sequence[Used], lots: Sequence[LotForPart], held: Mapping[str, int]) -> list[Fault]:
    """What is wrong with the parts of a report. held: units that are reserved for the repair, by SKU."""
    faults, taken = list[Fault](), dict[str, int]()
    by_name = {(one.sku, one.lot_no): one for one in lots}
    if len(used) > USED_MAX:
        message, fix = N_("At most %(max)s lots in one report."), N_("Leave out what was not used.")
        return [Fault("/used", "too_many_lots", message, fix, {"max": USED_MAX})]
    seen: set[tuple[str, str]] = set()
    for one in used:
        name, quantity = named_as((one.sku, one.lot_no), by_name.keys()), one.quantity
        lot = by_name.get(name)
        if quantity is None or not 0 < quantity <= 9_999:
            message, fix = N_("This is no quantity."), N_("Enter how many units were used.")
            faults.append(Fault(f"{one.pointer}/quantity", "quantity_out_of_range", message, fix))
            continue
        if lot is None or name in seen:
            message, fix = N_("No units of this lot are held for this repair."), N_("Read the label again.")
            faults.append(Fault(f"{one.pointer}/lot", "lot_not_here", message, fix))
            continue
        seen.add(name)
        taken[one.sku] = taken.get(one.sku, 0) + quantity
        if quantity > lot.free:
            message, fix = N_("Of this lot %(free)s units are there."), N_("Read the label again.")
            faults.append(Fault(f"{one.pointer}/quantity", "lot_short", message, fix, {"free": lot.free}))
        elif taken[one.sku] > held.get(one.sku, 0):
            message = N_("For this repair %(held)s units are held.")
            fix = N_("Enter what was used of them; write another quote for more.")
            about = {"held": held.get(one.sku, 0)}
            faults.append(Fault(f"{one.pointer}/quantity", "more_than_held", message, fix, about))
    return faults


def first_expired_first(lots: Sequence[LotForPart], units: int) -> dict[int, int]:
    """Units by lot, out of lots in the order in which they expire."""
    picked = {}
    for lot in lots:
        take = min(lot.free, units)
        if take <= 0:
            continue
        picked[lot.lot_id] = take
        units -= take
    return picked
