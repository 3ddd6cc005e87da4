"""How a parcel is packed: packages with their contents, and the number a package bears. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.kernel.errors import N_, Fault

PACKAGES_MAX = 200
WEIGHT_MAX_G = 2_000_000  # two tonnes, more than a pallet carries

LineKey = tuple[int, str]
"""Order line number and lot number."""


class PackageKind(StrEnum):
    """The level of packaging of a package."""

    EACH = "each"
    INNER = "inner"
    CASE = "case"
    PALLET = "pallet"


@dataclass(frozen=True, slots=True)
class PackageWanted:
    """A package as somebody packed it: units by line and lot. `pointer` says where they did."""

    kind: PackageKind
    weight_g: int | None
    units: Mapping[LineKey, int]
    pointer: str


def packing_faults(parcel: Mapping[LineKey, int], packages: Sequence[PackageWanted]) -> list[Fault]:
    """What is wrong with packing a parcel (units by line and lot) so: every unit in exactly one package."""
    if not 1 <= len(packages) <= PACKAGES_MAX:
        message, fix = N_("A shipment has 1 to %(max)s packages."), N_("Ship the rest as another shipment.")
        return [Fault("/packages", "packages", message, fix, {"max": PACKAGES_MAX})]
    return [*_of_packages(packages), *_of_units(parcel, packages)]


def _of_packages(packages: Sequence[PackageWanted]) -> Iterator[Fault]:
    for package in packages:
        if not any(package.units.values()):
            message, fix = N_("This package is empty."), N_("Enter what is in it, or use fewer packages.")
            yield Fault(package.pointer, "package_empty", message, fix)
        if any(units < 0 for units in package.units.values()):
            message, fix = N_("A quantity is not below 0."), N_("Enter 0 or leave it empty.")
            yield Fault(package.pointer, "quantity_negative", message, fix)
        if package.weight_g is not None and not 1 <= package.weight_g <= WEIGHT_MAX_G:
            message, fix = N_("A weight is from 1 g to 2,000 kg."), N_("Enter kilograms, or leave it empty.")
            yield Fault(f"{package.pointer}/weight", "weight", message, fix)


def _of_units(parcel: Mapping[LineKey, int], packages: Sequence[PackageWanted]) -> Iterator[Fault]:
    packed: Counter[LineKey] = Counter()
    for package in packages:
        packed.update(package.units)
    for key in sorted({*parcel, *packed}):
        if packed[key] != parcel.get(key, 0):
            message = N_("Packed of line %(line)s, lot %(lot)s: %(packed)s, in the shipment: %(units)s.")
            fix = N_("Every unit lies in exactly one package.")
            about = {"line": key[0], "lot": key[1], "packed": packed[key], "units": parcel.get(key, 0)}
            yield Fault(f"/lines/{key[0]}/{key[1]}", "packed_otherwise", message, fix, about)


def split_evenly(parcel: Mapping[LineKey, int], packages: int) -> list[dict[LineKey, int]]:
    """A proposal: the units in their order over so many packages, as evenly as whole units go."""
    total, place, box = sum(parcel.values()), 0, 0
    ends = [-(-number * total // packages) for number in range(1, packages + 1)]
    boxes: list[dict[LineKey, int]] = [{} for _ in range(packages)]
    for key, units in parcel.items():
        end = place + units
        while place < end:
            while ends[box] <= place:
                box += 1
            boxes[box][key] = min(end, ends[box]) - place
            place = min(end, ends[box])
    return boxes


def sscc(company_prefix: str, serial: int) -> str:
    """The serial shipping container code (18 digits) of the `serial`-th package; the extension digit is 0.

    company_prefix: of GS1, 4 to 12 digits. Serials begin anew when their digits are used up.
    """
    room = 16 - len(company_prefix)
    body = f"0{company_prefix}{serial % 10**room:0{room}d}"
    return body + check_digit(body)


def check_digit(body: str) -> str:
    """The check digit of GS1 behind `body`: weights 3 and 1 from the right."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)
