"""What is refused of the registry data, and why.

Every record is judged by all tests, so that the report counts each fault and not only the first one met.
A packaging level (inner pack, case) is no device of its own and is not counted here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from stdnum import ean

from demo.source.makers import usable_maker
from demo.source.naming import Generic, generic_for, read_words
from portal.catalogue.registry_text import tidy

EXAMPLES = 3
FURTHEST_YEARS_AHEAD = 10  # a certificate runs five years; one that ends later than this is a typing error

# EU class (devices, then in vitro diagnostics) → Chinese class. Implants are class III whatever the EU class.
DEVICE_CLASSES = {
    "EU_CLASS_I": "I",
    "EU_CLASS_IIA": "II",
    "EU_CLASS_IIB": "II",
    "EU_CLASS_III": "III",
    "EU_CLASS_A": "I",
    "EU_CLASS_B": "II",
    "EU_CLASS_C": "III",
    "EU_CLASS_D": "III",
}


class Fault(StrEnum):
    """Why a record is refused."""

    MISSING_GTIN = "missing GTIN"
    BAD_CHECK_DIGIT = "bad GTIN check digit or length"
    DUPLICATE_GTIN = "duplicate GTIN"
    PLACEHOLDER_NAME = "no name but placeholders"
    NO_MAKER = "no usable maker"
    UNKNOWN_CLASS = "unknown risk class"
    UNKNOWN_CATEGORY = "unknown category"
    ABSURD_DATE = "certificate with an absurd date"
    REVERSED_DATES = "certificate that ends before it begins"
    UNKNOWN_DEVICE = "certificate of an unknown device"


@dataclass
class Report:
    """Counts and the first few examples of every fault and note."""

    read: int = 0
    accepted: int = 0
    certificates_read: int = 0
    certificates_accepted: int = 0
    packages_read: int = 0
    packages_attached: int = 0
    faults: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    notes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    examples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def refuse(self, fault: Fault, example: str) -> None:
        """Count a fault of a record."""
        self.faults[fault] += 1
        self._remember(fault, example)

    def note(self, what: str, example: str) -> None:
        """Count something that was mended rather than refused."""
        self.notes[what] += 1
        self._remember(what, example)

    def _remember(self, what: str, example: str) -> None:
        if len(self.examples[what]) < EXAMPLES:
            self.examples[what].append(example)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A European certificate of a device. `valid_from` is None where the register leaves it out."""

    gtin: str
    number: str
    standard: str
    notified_body: str
    valid_from: date | None
    valid_to: date


def sound_items(
    rows: Iterable[dict[str, str]], generics: list[Generic], report: Report
) -> Iterator[tuple[dict[str, str], Generic]]:
    """The trade items that are devices and have no fault, with their generic names."""
    seen: set[str] = set()
    for row in rows:
        if row["unit"] != "BASE_UNIT_OR_EACH":
            report.packages_read += 1
            continue
        report.read += 1
        generic = generic_of(row, generics)
        faults = item_faults(row, generic, seen)
        seen.add(row["gtin"])
        for fault in faults:
            report.refuse(fault, describe(row))
        if not faults and generic:
            report.accepted += 1
            yield row, generic


def generic_of(row: dict[str, str], generics: list[Generic]) -> Generic | None:
    """Generic name by the first EMDN code of a row."""
    code = (row["emdn"].split() or [""])[0]
    words = " ".join((row["trade_name"], row["model_name"], row["additional_description"]))
    return generic_for(code, words, generics) if code else None


def item_faults(row: dict[str, str], generic: Generic | None, seen: set[str]) -> list[Fault]:
    """All faults of one trade item, in the order of the report."""
    gtin = row["gtin"].strip()
    faults = []
    if not gtin:
        faults.append(Fault.MISSING_GTIN)
    elif not valid_gtin(gtin):
        faults.append(Fault.BAD_CHECK_DIGIT)
    elif gtin in seen:
        faults.append(Fault.DUPLICATE_GTIN)
    if read_words(row) is None:
        faults.append(Fault.PLACEHOLDER_NAME)
    if not usable_maker(row["manufacturer"]):
        faults.append(Fault.NO_MAKER)
    if row["risk_class"] not in DEVICE_CLASSES:
        faults.append(Fault.UNKNOWN_CLASS)
    elif generic is None:
        # Without a class the generic name was not looked for in earnest: one fault is enough.
        faults.append(Fault.UNKNOWN_CATEGORY)
    return faults


def valid_gtin(gtin: str) -> bool:
    """Whether a text is a GTIN-14 with the right check digit."""
    return len(gtin) == 14 and gtin.isascii() and gtin.isdigit() and ean.is_valid(gtin)


def sound_certificates(
    rows: Iterable[dict[str, str]], gtins: set[str], report: Report, *, today: date
) -> list[Certificate]:
    """Certificates of known devices with believable dates; expired ones are kept, they are history."""
    certificates = []
    for row in rows:
        report.certificates_read += 1
        fault = certificate_fault(row, today)
        if fault:
            report.refuse(
                fault, f"{row['gtin']} {row['certificate_no']}: {row['valid_from']}…{row['valid_to']}"
            )
        elif row["gtin"] not in gtins:
            report.refuse(Fault.UNKNOWN_DEVICE, f"{row['gtin']} {row['certificate_no']}")
        else:
            report.certificates_accepted += 1
            certificates.append(read_certificate(row))
    return certificates


def certificate_fault(row: dict[str, str], today: date) -> Fault | None:
    """What is wrong with a certificate's dates."""
    try:
        certificate = read_certificate(row)
    except ValueError:
        return Fault.ABSURD_DATE
    earliest, latest = 1990, today.year + FURTHEST_YEARS_AHEAD
    years = [day.year for day in (certificate.valid_from, certificate.valid_to) if day]
    if any(not earliest <= year <= latest for year in years):
        return Fault.ABSURD_DATE
    if certificate.valid_from and certificate.valid_to < certificate.valid_from:
        return Fault.REVERSED_DATES
    return None


def read_certificate(row: dict[str, str]) -> Certificate:
    """A certificate row. Raises ValueError for a date that is none."""
    valid_from = date.fromisoformat(row["valid_from"]) if row["valid_from"] else None
    return Certificate(
        row["gtin"],
        tidy(row["certificate_no"]),
        row["standard"],
        tidy(row["notified_body"]),
        valid_from,
        date.fromisoformat(row["valid_to"]),
    )


def describe(row: dict[str, str]) -> str:
    """A record in one line for the report."""
    name = tidy(row["trade_name"]) or tidy(row["model_name"]) or "(no name)"
    return f"{row['gtin'] or '(none)'} {tidy(row['manufacturer']) or '(no maker)'}: {name[:60]}"
