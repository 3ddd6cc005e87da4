"""What has to be right of a product before it is submitted, and before it comes into force. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from portal.catalogue.product_fields import FIELDS, FIXED, ProductFields
from portal.catalogue.registration_numbers import read_registration
from portal.catalogue.unit_rules import UNITS_BY_WORD
from portal.catalogue.vocabulary import Origin, PackageLevel, ProductState
from portal.kernel.errors import N_, Fault
from portal.kernel.searching import with_right_check_digit

SKU_MAX = 40
TEXT_MAX = 500  # characters of a field
UNITS_MAX = 1_000_000
COLDEST, WARMEST = Decimal(-200), Decimal(100)  # °C
REQUIRED = (
    "name_zh",
    "name_en",
    "udi_di",
    "category_code",
    "device_class",
    "origin",
    "maker",
    "maker_country",
    "registration_no",
    "registration_from",
    "unit",
    "pack_multiple",
    "storage_zh",
    "storage_en",
)
UNITS = frozenset(UNITS_BY_WORD.values())

_SKU = re.compile(r"[A-Z0-9][A-Z0-9.+/_-]*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_GTIN = re.compile(r"[0-9]{14}")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a product is judged against.

    before: what is in force, None for a new product. categories: codes that there are. taken: GTINs of other
    products and of their packages.
    """

    before: ProductFields | None
    categories: Collection[str]
    taken: Collection[str]
    today: date


def sku_faults(sku: str) -> list[Fault]:
    """What is wrong with the SKU of a new product."""
    if len(sku) <= SKU_MAX and _SKU.fullmatch(sku):
        return []
    message = N_("A SKU has letters, digits and - . + / _ only, and begins with a letter or a digit.")
    fix = N_("Write it with at most %(max)s characters.")
    return [Fault("/sku", "sku", message, fix, {"max": SKU_MAX})]


def product_faults(of: ProductFields, around: Surroundings) -> list[Fault]:
    """Everything that stands against a product, each at ``/<field>``."""
    missing = [name for name in REQUIRED if getattr(of, name) in ("", None)]
    faults = [
        Fault(f"/{name}", "required", N_("Nothing has been entered."), N_("Enter it.")) for name in missing
    ]
    for rules in (_texts, _kind, _numbers, _packaging, _certificate, _storage, _management):
        faults += (fault for fault in rules(of, around) if fault.pointer.strip("/") not in missing)
    return faults


def remarks(of: ProductFields) -> list[Fault]:
    """What is lawful but seldom meant, for whoever approves."""
    number = read_registration(of.registration_no)
    if number is None or of.device_class is None or number.device_class <= of.device_class:
        return []
    message = N_("The certificate is of a higher class than the product.")
    return [
        Fault("/device_class", "class_lowered", message, N_("Right only if the class was lowered since."))
    ]


def _texts(of: ProductFields, _around: Surroundings) -> Iterator[Fault]:
    for name in FIELDS:
        value = getattr(of, name)
        if not isinstance(value, str):
            continue
        if len(value) > TEXT_MAX:
            fix = N_("Shorten it.")
            yield Fault(f"/{name}", "text_max", N_("At most %(max)s characters."), fix, {"max": TEXT_MAX})
        elif not all(one.isprintable() or (one == "\n" and name == "keywords") for one in value):
            message, fix = N_("This contains characters that cannot be printed."), N_("Type it again.")
            yield Fault(f"/{name}", "unprintable", message, fix)


def _kind(of: ProductFields, around: Surroundings) -> Iterator[Fault]:
    if of.category_code not in around.categories:
        message, fix = N_("There is no product line %(code)s."), N_("Choose one of the catalogue.")
        yield Fault("/category_code", "unknown_category", message, fix, {"code": of.category_code[:40]})
    if of.device_class is not None and of.device_class not in (1, 2, 3):
        yield Fault("/device_class", "device_class", N_("There is no such class."), N_("Enter 1, 2 or 3."))
    if of.origin not in list(Origin):
        message, fix = N_("There is no such origin."), N_("Choose domestic or imported.")
        yield Fault("/origin", "origin", message, fix)
    if not _COUNTRY.fullmatch(of.maker_country):
        message, fix = N_("This is no country code."), N_("Enter two capital letters, such as CN or DE.")
        yield Fault("/maker_country", "country", message, fix)
    elif (of.origin == Origin.DOMESTIC) != (of.maker_country == "CN"):
        message = N_("Origin and country of the maker contradict each other.")
        yield Fault("/origin", "origin_country", message, N_("Domestic is what is made in China (CN)."))
    if of.unit not in UNITS:
        message, fix = N_("The unit %(unit)s is not known."), N_("Choose a unit of the list.")
        yield Fault("/unit", "unknown_unit", message, fix, {"unit": of.unit[:20]})
    if of.state not in list(ProductState):
        yield Fault("/state", "state", N_("There is no such status."), N_("Choose one of the list."))


def _numbers(of: ProductFields, around: Surroundings) -> Iterator[Fault]:
    seen: set[str] = set()
    for name in ("udi_di", *(f"{level}_gtin" for level in PackageLevel)):
        gtin = getattr(of, name)
        if not gtin:
            continue
        if not _GTIN.fullmatch(gtin):
            fix = N_("Enter its 8, 12, 13 or 14 digits.")
            yield Fault(f"/{name}", "gtin", N_("This is no GTIN."), fix)
        elif with_right_check_digit(gtin) != gtin:
            message = N_("The check digit of GTIN %(number)s is wrong.")
            fix = N_("Scan it from the label: with these digits it would end in %(digit)s.")
            params = {"number": gtin, "digit": with_right_check_digit(gtin)[-1]}
            yield Fault(f"/{name}", "wrong_check_digit", message, fix, params)
        elif gtin in seen:
            message, fix = N_("This number appears twice."), N_("Each level has a number of its own.")
            yield Fault(f"/{name}", "gtin_twice", message, fix)
        elif gtin in around.taken:
            message = N_("Another product or its package has the number %(number)s.")
            yield Fault(f"/{name}", "gtin_taken", message, N_("Check it on the label."), {"number": gtin})
        seen.add(gtin)


def _packaging(of: ProductFields, _around: Surroundings) -> Iterator[Fault]:
    for level in PackageLevel:
        gtin, units = getattr(of, f"{level}_gtin"), getattr(of, f"{level}_units")
        if gtin and units is None:
            message = N_("How many units are in it is not told.")
            yield Fault(f"/{level}_units", "package_units", message, N_("Enter it, or remove the GTIN."))
        elif units is not None and not gtin:
            message = N_("The GTIN of this package is not told.")
            yield Fault(f"/{level}_gtin", "package_gtin", message, N_("Enter it, or remove the units."))
        elif units is not None and not 1 < units <= UNITS_MAX:
            message, fix = N_("A package has 2 to %(max)s units."), N_("Correct the number.")
            yield Fault(f"/{level}_units", "units", message, fix, {"max": UNITS_MAX})
    packages = of.packages()
    for smaller, larger in pairwise(packages):
        if larger.units <= smaller.units or larger.units % smaller.units:
            message = N_("%(units)s units are not whole packages of %(smaller)s.")
            params = {"units": larger.units, "smaller": smaller.units}
            fix = N_("Enter a multiple of the smaller package.")
            yield Fault(f"/{larger.level}_units", "package_multiple", message, fix, params)
    multiple = of.pack_multiple
    if multiple is not None and not 1 <= multiple <= UNITS_MAX:
        fix = N_("Enter 1 or more, at most %(max)s.")
        yield Fault(
            "/pack_multiple", "pack_multiple", N_("This is no order multiple."), fix, {"max": UNITS_MAX}
        )
    elif multiple and packages and multiple % packages[0].units and packages[0].units % multiple:
        message = N_("An order of %(multiple)s does not fit packages of %(units)s.")
        params = {"multiple": multiple, "units": packages[0].units}
        fix = N_("Enter whole packages, or a number that fills one evenly.")
        yield Fault("/pack_multiple", "pack_multiple", message, fix, params)


def _certificate(of: ProductFields, around: Surroundings) -> Iterator[Fault]:
    number = read_registration(of.registration_no)
    starts, ends, asked = of.registration_from, of.registration_to, of.registration_renewal_asked_on
    if number is None:
        message = N_("This is no number of a registration certificate or a filing.")
        fix = N_("Copy it from the certificate, such as %(registration)s or %(filing)s.")
        params = {"registration": "国械注准20233140001", "filing": "浙杭械备20230001"}
        yield Fault("/registration_no", "registration_no", message, fix, params)
    else:
        if of.origin in list(Origin) and number.origin != of.origin:
            message, fix = N_("The number tells another origin."), N_("Correct the number or the origin.")
            yield Fault("/registration_no", "registration_origin", message, fix)
        if of.device_class is not None and number.device_class < of.device_class:
            message = N_("The number is of class %(number)s, the product of class %(product)s.")
            classes = {"number": number.device_class, "product": of.device_class}
            fix = N_("Correct the number or the class: a higher class has a new number.")
            yield Fault("/registration_no", "registration_class", message, fix, classes)
        if starts and number.year > starts.year:
            message, fix = (
                N_("The number is younger than the certificate."),
                N_("Compare both with the paper."),
            )
            yield Fault("/registration_from", "registration_year", message, fix)
    if ends is None and of.device_class in (2, 3):
        message, fix = N_("A certificate of class II or III has an end."), N_("Enter its last day.")
        yield Fault("/registration_to", "registration_end", message, fix)
    if starts and ends and ends <= starts:
        message, fix = N_("It ends before it begins."), N_("Compare both days with the certificate.")
        yield Fault("/registration_to", "registration_dates", message, fix)
    if asked and (ends is None or asked > ends or (starts and asked < starts)):
        message = N_("A renewal is asked for while the certificate runs.")
        yield Fault("/registration_renewal_asked_on", "renewal", message, N_("Enter that day, or nothing."))
    elif asked and asked > around.today:
        message, fix = N_("This day has not come yet."), N_("Enter the day on which it was asked for.")
        yield Fault("/registration_renewal_asked_on", "future", message, fix)
    if ends and ends < around.today and asked is None and of.state == ProductState.ACTIVE:
        message = N_("The certificate has ended.")
        fix = N_(
            "Enter the renewed one, the day its renewal was asked for, or take the product out of the range."
        )
        yield Fault("/registration_to", "registration_ended", message, fix)


def _storage(of: ProductFields, _around: Surroundings) -> Iterator[Fault]:
    for name in ("storage_min", "storage_max"):
        degrees = getattr(of, name)
        if degrees is not None and not COLDEST <= degrees <= WARMEST:
            message, fix = N_("No device is stored at this temperature."), N_("Enter degrees Celsius.")
            yield Fault(f"/{name}", "temperature", message, fix)
    if of.storage_min is not None and of.storage_max is not None and of.storage_min > of.storage_max:
        message, fix = N_("The lower limit is above the upper one."), N_("Correct one of them.")
        yield Fault("/storage_min", "storage", message, fix)


def _management(of: ProductFields, around: Surroundings) -> Iterator[Fault]:
    if around.before:
        for name in FIXED:
            if getattr(around.before, name) != getattr(of, name):
                message = N_("Stock, prices and records already count and trace by it.")
                fix = N_("Enter the goods as a new product under another SKU.")
                yield Fault(f"/{name}", "fixed", message, fix)
        return
    if of.device_class in (2, 3) and not (of.lot_controlled or of.serial_controlled):
        message = N_("Devices of class II and III are managed by lot or serial number.")
        yield Fault("/lot_controlled", "untraced", message, N_("Choose one of them, or both."))
    if of.expiry_controlled and not of.lot_controlled:
        message = N_("What expires is kept apart by lot.")
        yield Fault("/lot_controlled", "expiry_without_lot", message, N_("Choose both."))
