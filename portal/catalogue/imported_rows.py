"""Rows of a file of products, read: our own template, or an extract of EUDAMED or GUDID. Pure.

A register tells what it knows in its own way: texts in twenty languages behind ``en:`` and ``zh:``,
placeholders for what nobody entered, °F beside °C. What it does not know, such as the Chinese certificate,
stays empty and is entered by quality before the draft is submitted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from portal.catalogue.product_input import read_gtin
from portal.catalogue.registry_text import best_text, by_language, is_code, is_placeholder, tidy
from portal.catalogue.storage_conditions import Bounds, believed, describe, temperature_sentence
from portal.catalogue.vocabulary import ChangeSource, Origin
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.rounded import is_rounded, rounded_faults
from portal.kernel.searching import folded, with_right_check_digit
from portal.kernel.spreadsheet import MERGED, TOO_LONG, Table, cell_name, place_of

SKU = "sku"
_NAMES = {SKU, "specification", "registration_no", "inner_gtin", "case_gtin", "pallet_gtin"}
_EUDAMED = frozenset({"gtin", "manufacturer", "production_identifiers", "storage_handling"})
_GUDID = frozenset({"primaryDI", "companyName", "deviceDescription", "storageHandling"})
# Bounded, as every pattern over a cell of a file: what may go on for ever is sought for ever.
_STORED = re.compile(r"Storage Environment Temperature: low=([^;|]{0,60}); high=([^;|]{0,60});")
_SPECIAL, _SPECIFIED = "Special Storage Condition, Specify:", "special="
_LIMIT = re.compile(r"(-?\d+(?:\.\d+)?) Degrees (Celsius|Fahrenheit)")


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """A row as the file has it. sku: empty where the GTIN tells the product.

    texts: of fields, as people write them. faults: why it cannot be taken.
    """

    row: int
    sku: str
    texts: Mapping[str, str]
    faults: tuple[Fault, ...] = ()


class ImportedFile(NamedTuple):
    """Every row of a file, and what kind of file it is."""

    source: ChangeSource
    rows: tuple[ImportedRow, ...]


@dataclass
class _Cells:
    """The cells of a row by the names of their columns.

    wrong: what is wrong with cells of the file. faults: of those that were read.
    """

    row: int
    texts: Sequence[str]
    places: Mapping[str, int]
    wrong: Mapping[str, Fault]
    faults: dict[str, Fault] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        place = self.places.get(name, len(self.texts))
        if fault := self.wrong.get(cell_name(self.row, place)):
            self.faults[name] = fault
        return self.texts[place].strip() if place < len(self.texts) else ""


def read_products(table: Table, heads: Mapping[str, str]) -> ImportedFile:
    """The rows of a file. heads: what a head of our template may say, folded, and its field.

    Raises Invalid for a file that is none of the three.
    """
    if len(table.rows) < 2:
        message, fix = N_("The file is empty."), N_("Fill in the template, a product a row.")
        raise Invalid(faults=[Fault("/file", "empty_table", message, fix)])
    named = {head.strip().lstrip("\ufeff"): place for place, head in enumerate(table.rows[0][1])}
    for known, source, read in (
        (_EUDAMED, ChangeSource.EUDAMED, _eudamed),
        (_GUDID, ChangeSource.GUDID, _gudid),
    ):
        if known <= named.keys():
            # A register writes a text in twenty languages: it may be long.
            wrong = _wrong(fault for fault in table.faults if fault.code != TOO_LONG)
            cells = [_Cells(row, texts, named, wrong) for row, texts in _rows(table)]
            return ImportedFile(source, tuple(_once([_of_register(read(one), one) for one in cells])))
    return ImportedFile(ChangeSource.SHEET, tuple(_once(list(_own(table, heads)))))


def _rows(table: Table) -> list[tuple[int, list[str]]]:
    """The rows below the head, those of which only faults are left too.

    Raises Invalid for a head that holds no plain values: nobody could tell what stands below.
    """
    head = table.rows[0][0]
    below: dict[int, list[str]] = {}
    for fault in table.faults:
        place = place_of(fault)
        if place and place[0] > head:
            below[place[0]] = []
        elif fault.code not in (TOO_LONG, MERGED):
            raise Invalid(faults=[_of_cell(fault, "/file")])
    return sorted((below | dict(table.rows[1:])).items())


def _wrong(faults: Iterable[Fault]) -> dict[str, Fault]:
    return {fault.pointer.strip("/"): fault for fault in faults}


def _of_register(row: ImportedRow, cells: _Cells) -> ImportedRow:
    """Its columns have no fields of ours: a fault names the cell."""
    told = (_of_cell(fault, "/") for fault in cells.faults.values())
    return replace(row, faults=(*told, *row.faults))


def _of_cell(fault: Fault, pointer: str) -> Fault:
    message = N_("Cell %(cell)s holds a formula, an error or a long text.")
    params = {"cell": fault.pointer.strip("/")}
    return Fault(pointer, "cell_no_value", message, N_("Copy and paste the values."), params)


def _own(table: Table, heads: Mapping[str, str]) -> Iterator[ImportedRow]:
    places: dict[str, int] = {}
    for place, head in enumerate(table.rows[0][1]):
        if name := heads.get(folded(head).strip()):
            places.setdefault(name, place)
    for name in (SKU, "udi_di"):
        if name not in places:
            message, fix = N_("The column %(name)s is missing."), N_("Take the heads of the template.")
            raise Invalid(faults=[Fault("/file", "missing_column", message, fix, {"name": name})])
    wrong = _wrong(table.faults)
    for row, texts in _rows(table):
        cells = _Cells(row, texts, places, wrong)
        told = {name: cells[name] for name in places}
        faults = [replace(fault, pointer=f"/{name}") for name, fault in cells.faults.items()]
        for name in _NAMES & told.keys():
            faults += rounded_faults(f"/{name}", told[name])
        sku = told.pop(SKU)
        yield ImportedRow(row, sku, told, (*faults, *_number_faults(told["udi_di"])))


def _eudamed(cells: _Cells) -> ImportedRow:
    name = best_text(cells["trade_name"])[0] or best_text(cells["model_name"])[0]
    controls = cells["production_identifiers"].split()
    storage = describe(cells["storage_handling"])
    maker = tidy(cells["manufacturer"])
    country = cells["manufacturer_srn"][:2].upper()
    texts = {
        "udi_di": cells["gtin"],
        "name_en": name,
        "name_zh": _chinese(cells["trade_name"]) or _chinese(cells["model_name"]),
        "specification": _code(cells["reference_no"]),
        "category_code": (cells["emdn"].split() or [""])[0],
        **_of_maker(maker, country if country.isalpha() and country != "XI" else ""),
        **_managed("BATCH_NUMBER" in controls, "SERIAL_NUMBER" in controls, "EXPIRATION_DATE" in controls),
        "implantable": _yes(cells["implantable"].upper() == "TRUE"),
        "storage_zh": storage.zh,
        "storage_en": storage.en,
        "storage_min": "" if storage.lower is None else str(storage.lower),
        "storage_max": "" if storage.upper is None else str(storage.upper),
    }
    faults = [*_number_faults(cells["gtin"]), *_name_faults(name)]
    if cells["unit"] not in ("", "BASE_UNIT_OR_EACH"):
        message, fix = N_("This is a package, no product."), N_("Enter it with the product that is in it.")
        faults = [Fault("/udi_di", "package", message, fix)]
    return ImportedRow(cells.row, "", texts, tuple(faults))


def _gudid(cells: _Cells) -> ImportedRow:
    brand, description = tidy(cells["brandName"]), tidy(cells["deviceDescription"])
    name = " ".join(one for one in (brand, description) if not is_placeholder(one))
    bounds, special = _stored(cells["storageHandling"])
    zh, en = ("", "")
    if bounds != Bounds(None, None):
        en, zh = temperature_sentence(bounds)
    lower, upper = believed(bounds.lower), believed(bounds.upper)
    number = cells["catalogNumber"] or cells["versionModelNumber"]
    texts = {
        "udi_di": cells["primaryDI"],
        "name_en": name,
        "specification": _code(number),
        **_of_maker(tidy(cells["companyName"]), ""),
        **_managed(
            cells["lotBatch"] == "true", cells["serialNumber"] == "true", cells["expirationDate"] == "true"
        ),
        "sterile": _yes(cells["deviceSterile"] == "true"),
        "storage_zh": zh,
        "storage_en": "; ".join(one for one in (en, special) if one),
        "storage_min": "" if lower is None else str(lower),
        "storage_max": "" if upper is None else str(upper),
    }
    faults = (*_number_faults(cells["primaryDI"]), *_name_faults(name))
    return ImportedRow(cells.row, "", texts, faults)


def _stored(text: str) -> tuple[Bounds, str]:
    """Limits in °C, those written in °C before those in °F, and what is said in words."""
    found = [(_limit(low), _limit(high)) for low, high in _STORED.findall(text)]
    celsius = [one for one in found if all(limit is None or limit[1] for limit in one)]
    chosen = next((one for one in (*celsius, *found) if any(one)), (None, None))
    low, high = (None if limit is None else limit[0] for limit in chosen)
    if low is not None and high is not None and low > high:
        low, high = None, None
    special = next((tidy(one) for one in _specials(text) if not is_placeholder(one)), "")
    return Bounds(low, high), special


def _specials(text: str) -> Iterator[str]:
    """What is specified of special conditions, in the order in which they are told."""
    for part in text.split("|"):
        told = part.partition(_SPECIAL)[2]
        if _SPECIFIED in told:
            yield told.rpartition(_SPECIFIED)[2]


def _limit(text: str) -> tuple[float, bool] | None:
    """Degrees Celsius, and whether they were written so."""
    found = _LIMIT.search(text)
    if found is None:
        return None
    degrees = Decimal(found[1])
    if found[2] == "Celsius":
        return float(degrees), True
    return float(round((degrees - 32) * 5 / 9, 1)), False


def _of_maker(maker: str, country: str) -> dict[str, str]:
    origin = "" if not country else (Origin.DOMESTIC if country == "CN" else Origin.IMPORTED)
    return {"maker": "" if is_placeholder(maker) else maker, "maker_country": country, "origin": origin}


def _managed(lot: bool, serial: bool, expiry: bool) -> dict[str, str]:
    """What expires is kept apart by lot even where the maker numbers no batch."""
    return {
        "lot_controlled": _yes(lot or expiry),
        "serial_controlled": _yes(serial),
        "expiry_controlled": _yes(expiry),
    }


def _yes(flag: bool) -> str:
    return "1" if flag else ""


def _code(text: str) -> str:
    """A reference of the maker, which may be of digits alone."""
    plain = tidy(text)
    return plain if is_code(plain) else ""


def _chinese(text: str) -> str:
    words = by_language(text).get("zh", "")
    return "" if is_placeholder(words) else words


def _number_faults(text: str) -> list[Fault]:
    if is_rounded(text):
        return rounded_faults("/udi_di", text)
    gtin = read_gtin(text)
    if not gtin:
        message, fix = N_("The GTIN is missing."), N_("Enter the UDI-DI of the label.")
        return [Fault("/udi_di", "required", message, fix)]
    if len(gtin) != 14 or not gtin.isdigit():
        return [Fault("/udi_di", "gtin", N_("This is no GTIN."), N_("Enter its 8, 12, 13 or 14 digits."))]
    right = with_right_check_digit(gtin)
    if right != gtin:
        message = N_("The check digit of GTIN %(number)s is wrong.")
        fix = N_("Scan it from the label: with these digits it would end in %(digit)s.")
        return [Fault("/udi_di", "wrong_check_digit", message, fix, {"number": gtin, "digit": right[-1]})]
    return []


def _name_faults(name: str) -> list[Fault]:
    if name:
        return []
    message, fix = N_("The register tells no name, only a placeholder."), N_("Enter the product by hand.")
    return [Fault("/name_en", "placeholder", message, fix)]


def _once(rows: Sequence[ImportedRow]) -> Iterator[ImportedRow]:
    """A product stands in a file once: what comes again is refused, and names the first row."""
    seen: dict[str, int] = {}
    for one in rows:
        key = one.sku.upper() or read_gtin(one.texts.get("udi_di", ""))
        first = seen.setdefault(key, one.row)
        if key and first != one.row:
            message, fix = N_("Row %(row)s names the same product."), N_("Keep one of them.")
            twice = Fault("/udi_di", "tie", message, fix, {"row": first})
            yield ImportedRow(one.row, one.sku, one.texts, (*one.faults, twice))
        else:
            yield one
