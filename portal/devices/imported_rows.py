"""Rows of a file of installed devices, read: texts by the names of their columns, then values. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.devices.rules import HospitalLevel, Installation, Place, day_faults, installation_faults
from portal.kernel import typed
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.lots import lot_faults, plain_lot
from portal.kernel.rounded import rounded_faults
from portal.kernel.searching import folded
from portal.kernel.spreadsheet import ROWS_MAX, Table, place_of
from portal.stock.serial_rules import SERIAL_MAX, plain_serials

FIELDS = {
    "dealer": N_("Dealer code"),
    "sku": N_("SKU"),
    "serial": N_("Serial number"),
    "lot": N_("Lot"),
    "produced_on": N_("Produced on"),
    "expires_on": N_("Expires on"),
    "shipment": N_("Shipment"),
    "shipped_on": N_("Shipped on"),
    "hospital": N_("Hospital"),
    "level": N_("Level of the hospital"),
    "city": N_("City"),
    "department": N_("Department"),
    "installed_on": N_("Installed on"),
    "installed_by": N_("Installed by"),
    "accepted_on": N_("Accepted on"),
    "accepted_by": N_("Accepted by"),
    "contract_no": N_("Service contract"),
    "contract_from": N_("Contract from"),
    "contract_to": N_("Contract to"),
}
"""The columns and their heads."""
NEEDED = ("dealer", "sku", "serial")
NAMES = ("dealer", "sku", "serial", "lot", "shipment", "contract_no")
"""Columns of numbers that are names: of those that Excel rounded nobody can tell what they were."""
SHIPMENT_MAX = 40
CONTRACT_MAX = 60
DAYS = (
    "produced_on",
    "expires_on",
    "shipped_on",
    "installed_on",
    "accepted_on",
    "contract_from",
    "contract_to",
)
_LEVELS = {
    "三甲": "3a",
    "三级甲等": "3a",
    "三乙": "3b",
    "三级乙等": "3b",
    "三级": "3",
    "二甲": "2a",
    "二级甲等": "2a",
    "二乙": "2b",
    "二级乙等": "2b",
    "二级": "2",
    "一级": "1",
    "其他": "other",
}


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row as the file has it."""

    row: int
    texts: Mapping[str, str]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A row as it was understood."""

    row: int
    dealer: str
    sku: str
    serial: str
    lot: str
    shipment: str
    place: Place
    installed_by: str
    accepted_by: str
    contract_no: str
    days: Mapping[str, date | None]
    faults: tuple[Fault, ...] = ()


def rows_of_table(table: Table, heads: Mapping[str, str]) -> list[FileRow]:
    """The rows of a file. heads: what a head may say, folded, and its column.

    Raises Invalid for a file without rows, without a column that is needed, or with a head that is no text.
    """
    if len(table.rows) < 2:
        raise _refused("empty_table", N_("The file is empty."), N_("Fill in the template, a device a row."))
    if len(table.rows) > ROWS_MAX:
        raise _refused("rows_max", N_("A file has at most %(max)s rows."), N_("Divide it."), max=ROWS_MAX - 1)
    head, texts = table.rows[0]
    places: dict[str, int] = {}
    for place, said in enumerate(texts):
        if name := heads.get(folded(said.lstrip("\ufeff")).strip()):
            places.setdefault(name, place)
    for name in NEEDED:
        if name not in places:
            message, fix = N_("The column %(name)s is missing."), N_("Take the heads of the template.")
            raise _refused("missing_column", message, fix, name=FIELDS[name])
    wrong: dict[int, list[Fault]] = {}
    for fault in table.faults:
        at = place_of(fault)
        if at and at[0] > head:
            wrong.setdefault(at[0], []).append(fault)
    found = []
    for number, cells in table.rows[1:]:
        told = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        faults = tuple(replace(one, pointer=f"/{_cell_name(one, places)}") for one in wrong.get(number, ()))
        found.append(FileRow(number, told, faults))
    return found


def _cell_name(fault: Fault, places: Mapping[str, int]) -> str:
    at = place_of(fault)
    return next((name for name, place in places.items() if at and place == at[1]), "row")


def _refused(code: str, message: str, fix: str, **params: object) -> Invalid:
    return Invalid(faults=[Fault("/file", code, message, fix, params)])


def entry_of(row: FileRow, *, today: date) -> DeviceEntry:
    """What a row says, with everything that is wrong with it by itself."""
    faults = list(row.faults)
    days = {name: _day(row.texts.get(name, ""), name, faults) for name in DAYS}
    told = {name: row.texts.get(name, "").strip() for name in FIELDS}
    told["lot"] = plain_lot(told["lot"])
    place = Place(told["hospital"], _level(told["level"], faults), told["city"], told["department"])
    serials = plain_serials([told["serial"]])
    serial = serials[0] if serials else ""
    faults += _identity_faults(told, serial)
    faults += _place_faults(told, place, days, today)
    for name in ("produced_on", "shipped_on"):
        faults += day_faults(f"/{name}", days[name], not_before=None, today=today)
    contract = (told["contract_no"], days["contract_from"], days["contract_to"])
    if any(contract) and not all(contract):
        message = N_("A contract has a number, a first and a last day.")
        faults.append(Fault("/contract_no", "half_contract", message, N_("Enter all three, or none.")))
    elif contract[1] and contract[2] and contract[2] < contract[1]:
        message, fix = N_("It ends before it begins."), N_("Check both days.")
        faults.append(Fault("/contract_to", "ends_before", message, fix))
    return DeviceEntry(
        row.row,
        told["dealer"],
        told["sku"],
        serial,
        told["lot"],
        told["shipment"],
        place,
        told["installed_by"],
        told["accepted_by"],
        told["contract_no"],
        days,
        tuple(faults),
    )


def _identity_faults(told: Mapping[str, str], serial: str) -> list[Fault]:
    faults = [
        Fault(f"/{name}", "required", N_("Nothing has been entered."), N_("Fill this in."))
        for name in NEEDED
        if not told[name]
    ]
    for name in NAMES:
        faults += rounded_faults(f"/{name}", told[name])
    faults += lot_faults("/lot", told["lot"])
    for name, most in (("shipment", SHIPMENT_MAX), ("contract_no", CONTRACT_MAX)):
        if len(told[name]) > most:
            message, fix = N_("At most %(max)s characters."), N_("Shorten it.")
            faults.append(Fault(f"/{name}", "too_long", message, fix, {"max": most}))
    if serial and (len(serial) > SERIAL_MAX or not all("!" <= sign <= "~" for sign in serial)):
        message = N_("A serial number has 1 to %(max)s characters without blanks.")
        faults.append(
            Fault("/serial", "serial_malformed", message, N_("Scan it again."), {"max": SERIAL_MAX})
        )
    return faults


def _place_faults(
    told: Mapping[str, str], place: Place, days: Mapping[str, date | None], today: date
) -> list[Fault]:
    """A row that tells of an installation tells all that a report does."""
    if not any((place.hospital, place.department, days["installed_on"], told["installed_by"])):
        return []
    said = Installation(
        place, days["installed_on"], told["installed_by"] or "-", days["accepted_on"], told["accepted_by"]
    )
    return installation_faults(said, shipped_on=days["shipped_on"], today=today)


def _level(said: str, faults: list[Fault]) -> str:
    plain = folded(said).strip().removesuffix("医院")
    if plain in list(HospitalLevel):
        return plain
    if plain in _LEVELS:
        return _LEVELS[plain]
    message, fix = N_("There is no such level."), N_("Write it as hospitals do, or leave it empty.")
    faults.append(Fault("/level", "unknown_level", message, fix))
    return ""


def _day(said: str, name: str, faults: list[Fault]) -> date | None:
    return typed.field(typed.sheet_day, said, f"/{name}", faults) if said.strip() else None


def named_twice(entries: Sequence[DeviceEntry]) -> dict[int, int]:
    """Rows that name a unit which an earlier row names, and that row."""
    first: dict[tuple[str, str], int] = {}
    twice = {}
    for one in entries:
        before = first.setdefault((one.sku, one.serial), one.row)
        if before != one.row:
            twice[one.row] = before
    return twice
