"""The demo catalogue: real devices from EUDAMED, cleaned, named in Chinese and English, with demo prices."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from demo.source.cleaning import DEVICE_CLASSES, Certificate, Report, sound_certificates, sound_items
from demo.source.makers import Maker, read_makers
from demo.source.naming import (
    BOX,
    DATA,
    UNITS,
    Category,
    Generic,
    chinese_name,
    english_name,
    read_categories,
    read_generics,
    read_words,
)
from demo.source.prices import list_price
from demo.source.registration import Family, Registration, register
from portal.catalogue.registry_text import tidy
from portal.catalogue.storage_conditions import Storage, describe

SKU_LENGTH = 20
# A full pack binds the order quantity of cheap goods; dear ones are sold by the piece from an opened case.
DEAREST_PACK = Decimal(5_000)
# Makers number single urine bags too; the company keeps serial numbers of what is worth being found again.
SERIALS_FROM = Decimal(500)


@dataclass(frozen=True, slots=True)
class Package:
    """A packaging level: `quantity` sales units (directly) in a package with its own GTIN."""

    gtin: str
    level: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Device:
    """A product of the demo catalogue.

    `list_price` is CNY including VAT for one `unit_zh` of `pieces` pieces.
    """

    sku: str
    udi_di: str
    name_zh: str
    name_en: str
    generic_zh: str
    generic_en: str
    model: str
    specification: str
    maker: Maker
    device_class: str
    category: str
    emdn: str
    catalogue: str
    registration: Registration
    certificates: tuple[Certificate, ...]
    lot_controlled: bool
    serial_controlled: bool
    expiry_controlled: bool
    implantable: bool
    sterile: bool
    storage: Storage
    unit_zh: str
    unit_en: str
    pieces: int
    pack_multiple: int
    packages: tuple[Package, ...]
    list_price: Decimal
    on_market: bool

    @property
    def family(self) -> str:
        """Devices of one maker under one generic name."""
        return f"{self.maker.name}/{self.generic_zh}"

    def orderable(self, day: date) -> bool:
        """Whether it is on the market and its registration in force on `day`."""
        return self.on_market and self.registration.in_force(day)


class Given(NamedTuple):
    """What a device has from elsewhere than its own row."""

    sku: str
    maker: Maker
    registration: Registration
    certificates: tuple[Certificate, ...]
    packages: tuple[Package, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the cleaning let through, and its report."""

    devices: tuple[Device, ...]
    categories: dict[str, Category]
    report: Report


def read_catalogue(*, today: date, seed: int = 1) -> Catalogue:
    """Clean the shipped extract into devices. The same day and seed give the same catalogue."""
    report = Report()
    rows = list(read_rows("trade_items"))
    sound = list(sound_items(rows, read_generics(), report))
    makers = read_makers(row for row, _ in sound)
    registrations = register(
        (family_of(row, generic) for row, generic in sound), makers, today=today, seed=seed
    )
    gtins = {row["gtin"] for row, _ in sound}
    packages = read_packages(gtins, report)
    certificates: dict[str, list[Certificate]] = defaultdict(list)
    for certificate in sound_certificates(read_rows("certificates"), gtins, report, today=today):
        certificates[certificate.gtin].append(certificate)
    skus = assign_skus([row for row, _ in sound], makers)
    devices = []
    for row, generic in sound:
        gtin = row["gtin"]
        given = Given(
            skus[gtin],
            makers[row["manufacturer"]],
            registrations[family_of(row, generic)],
            tuple(certificates[gtin]),
            tuple(packages[gtin]),
        )
        devices.append(build_device(row, generic, given, seed))
        note_mendings(row, report)
    return Catalogue(tuple(devices), used_categories(devices, read_categories()), report)


def build_device(row: dict[str, str], generic: Generic, given: Given, seed: int) -> Device:
    """One device from a sound row and what was found for it."""
    words = read_words(row)
    assert words is not None, "a row without a name is refused before"
    emdn = first_emdn(row)
    pieces = int(row["device_count"] or 1)
    unit = BOX if pieces > 1 else generic.unit
    controls = row["production_identifiers"].split()
    pack = given.packages[0].quantity if given.packages else 1
    price = list_price(row["gtin"], f"{given.maker.name}/{generic.name_zh}", generic.price, pieces, seed)
    return Device(
        sku=given.sku,
        udi_di=row["gtin"],
        name_zh=chinese_name(words, generic, pieces),
        name_en=english_name(words, generic),
        generic_zh=generic.name_zh,
        generic_en=generic.name_en,
        model=words.model,
        specification=words.specification,
        maker=given.maker,
        device_class=device_class(row),
        category=emdn[:5],
        emdn=emdn,
        catalogue=generic.catalogue,
        registration=given.registration,
        certificates=given.certificates,
        # What expires is kept apart by lot even where the maker numbers no batch.
        lot_controlled="BATCH_NUMBER" in controls or "EXPIRATION_DATE" in controls,
        serial_controlled="SERIAL_NUMBER" in controls and price >= SERIALS_FROM,
        expiry_controlled="EXPIRATION_DATE" in controls,
        implantable=row["implantable"] == "TRUE",
        sterile=row["sterile"] == "UNSPECIFIED",  # the flattening writes so when the method is not told
        storage=describe(row["storage_handling"]),
        unit_zh=unit,
        unit_en=UNITS[unit],
        pieces=pieces,
        pack_multiple=pack if price * pack <= DEAREST_PACK else 1,
        packages=given.packages,
        list_price=price,
        on_market=row["status"] != "NO_LONGER_PLACED_ON_MARKET",
    )


def note_mendings(row: dict[str, str], report: Report) -> None:
    """Count what was passed over in a row that was accepted."""
    words = read_words(row)
    notes = list(words.notes) if words else []
    if len(row["emdn"].split()) > 1:
        notes.append("several EMDN codes, the first one taken")
    for note in notes:
        report.note(note, f"{row['gtin']} {tidy(row['manufacturer'])}: {words.name[:60] if words else ''}")


def first_emdn(row: dict[str, str]) -> str:
    """The leading category code of a row."""
    return row["emdn"].split()[0]


def device_class(row: dict[str, str]) -> str:
    """Chinese class of a row; implants are class III."""
    return "III" if row["implantable"] == "TRUE" else DEVICE_CLASSES[row["risk_class"]]


def family_of(row: dict[str, str], generic: Generic) -> Family:
    """The registration family a row belongs to."""
    return Family(row["manufacturer"], generic.name_zh, device_class(row), generic.catalogue)


def assign_skus(rows: list[dict[str, str]], makers: dict[str, Maker]) -> dict[str, str]:
    """An article number by GTIN: maker's prefix and its reference, with GTIN digits where that is not
    unique.
    """
    plain = {row["gtin"]: f"{makers[row['manufacturer']].prefix}-{article_code(row)}" for row in rows}
    uses = Counter(plain.values())
    return {
        gtin: sku if uses[sku] == 1 else f"{sku[: SKU_LENGTH - 7].rstrip('-')}-{gtin[7:13]}"
        for gtin, sku in plain.items()
    }


def article_code(row: dict[str, str]) -> str:
    """The maker's reference as capitals, digits and hyphens; the item digits of the GTIN where there is
    none.
    """
    words = read_words(row)
    model = words.model if words else ""
    code = re.sub(r"[×*]", "X", model.upper()).replace("+", "P")
    code = re.sub(r"[^A-Z0-9]+", "-", code).strip("-")
    return code if 2 <= len(code) <= SKU_LENGTH - 5 else row["gtin"][7:13]


def read_packages(gtins: set[str], report: Report) -> dict[str, list[Package]]:
    """Packaging levels by device, the innermost first. Links whose device was refused are left out."""
    links = {row["child_gtin"]: row for row in read_rows("packaging_links")}
    packages: dict[str, list[Package]] = defaultdict(list)
    for gtin in sorted(gtins):
        child = gtin
        while child in links:
            link = links[child]
            level = "case" if link["parent_unit"] == "CASE" else "inner"
            packages[gtin].append(Package(link["parent_gtin"], level, int(link["quantity"])))
            child = link["parent_gtin"]
            report.packages_attached += 1
    return packages


def used_categories(devices: Iterable[Device], categories: dict[str, Category]) -> dict[str, Category]:
    """The categories of these devices with their ancestors, in order of code."""
    codes = {device.category[:length] for device in devices for length in (1, 3, 5)}
    return {code: categories[code] for code in sorted(codes)}


def read_rows(name: str) -> Iterator[dict[str, str]]:
    """Rows of a shipped table."""
    with gzip.open(DATA / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
