"""From when to when a device is under warranty, by dated rules and service contracts. Pure.

Months are counted as 民法典 201 and 202 do: the day on which a term begins does not count, and it ends with
the corresponding day of its last month, or with that month's last day where there is none.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.kernel.errors import N_, Fault
from portal.kernel.typed import YEARS

MONTHS_MAX = 240


class WarrantyBasis(StrEnum):
    """What begins a warranty."""

    SHIPMENT = "shipment"
    INSTALLATION = "installation"


class WarrantyStand(StrEnum):
    """How a device stands on a day."""

    COVERED = "covered"
    CONTRACT = "contract"
    EXPIRED = "expired"
    PENDING = "pending"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WarrantyRule:
    """A rule in force from a day, for a product, for a product line and those below it, or for all.

    months: 0 for no warranty. latest_months: an installation begins it at the latest so long after shipment.
    """

    id: int
    product_id: int | None
    category_code: str | None
    months: int
    starts: WarrantyBasis
    latest_months: int
    valid_from: date


@dataclass(frozen=True, slots=True)
class Warranty:
    """First and last day, both None where nothing is known or nothing is owed."""

    first: date | None = None
    last: date | None = None


NO_WARRANTY = Warranty()


def months_after(day: date, months: int) -> date:
    """The corresponding day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year >= YEARS.stop:
        return date(YEARS.stop - 1, 12, 31)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def rule_for(
    rules: Iterable[WarrantyRule], *, product_id: int, category_code: str, on: date
) -> WarrantyRule | None:
    """The rule that holds for a device that began on a day: the closest one, and of those the newest."""
    fitting = [rule for rule in rules if rule.valid_from <= on and _fits(rule, product_id, category_code)]
    return max(fitting, key=lambda rule: (_closeness(rule), rule.valid_from, rule.id), default=None)


def _fits(rule: WarrantyRule, product_id: int, category_code: str) -> bool:
    if rule.product_id is not None:
        return rule.product_id == product_id
    return category_code.startswith(rule.category_code or "")


def _closeness(rule: WarrantyRule) -> tuple[bool, int]:
    return rule.product_id is not None, len(rule.category_code or "")


def warranty_of(rule: WarrantyRule | None, *, shipped_on: date | None, installed_on: date | None) -> Warranty:
    """The warranty of a device by its rule.

    One that begins with the installation begins, until somebody installs it, with the latest day that the
    rule allows: it can only become earlier.
    """
    if rule is None or rule.months == 0:
        return NO_WARRANTY
    latest = None if shipped_on is None else months_after(shipped_on, rule.latest_months)
    if rule.starts is WarrantyBasis.SHIPMENT:
        first = shipped_on or installed_on
    else:
        first = min((day for day in (installed_on, latest) if day is not None), default=None)
    return NO_WARRANTY if first is None else Warranty(first, months_after(first, rule.months))


def begun_on(shipped_on: date | None, installed_on: date | None) -> date | None:
    """The day whose rules hold for a device: that of its shipment, where it is known."""
    return shipped_on or installed_on


def stand_of(warranty: Warranty, contract_to: date | None, *, on: date) -> WarrantyStand:
    """How a device stands on a day: under warranty, by a contract, not any more."""
    if warranty.first and warranty.last and warranty.first <= on <= warranty.last:
        return WarrantyStand.COVERED
    if contract_to and on <= contract_to:
        return WarrantyStand.CONTRACT
    if warranty.first and on < warranty.first:
        return WarrantyStand.PENDING
    return WarrantyStand.EXPIRED if warranty.last or contract_to else WarrantyStand.UNKNOWN


def rule_faults(months: int | None, latest_months: int | None, starts: str) -> list[Fault]:
    """What is wrong with a rule as somebody enters it."""
    faults = []
    for pointer, value in (("/months", months), ("/latest_months", latest_months)):
        if value is not None and not 0 <= value <= MONTHS_MAX:
            message, fix = N_("Between 0 and %(max)s months."), N_("Enter a number of months.")
            faults.append(Fault(pointer, "months_out_of_range", message, fix, {"max": MONTHS_MAX}))
    if starts not in list(WarrantyBasis):
        message, fix = N_("Say what begins the warranty."), N_("Choose shipment or installation.")
        faults.append(Fault("/starts", "unknown_basis", message, fix))
    return faults
