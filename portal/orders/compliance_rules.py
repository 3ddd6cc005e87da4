"""What the law and the contract forbid a dealer to be sold or sent. Pure.

Decided when an order is placed, and again when its goods are picked and shipped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from portal.kernel.errors import N_, Fault


@dataclass(frozen=True, slots=True)
class Licence:
    """Dealer's licence or filing for a device class; no `category_codes` means all categories.

    `valid_to` is its last day, None for no end.
    """

    device_class: int
    category_codes: tuple[str, ...]
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Region a dealer may sell in, area or province. `valid_to` is exclusive, None for open end."""

    region_id: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Permissions:
    """On what a dealer's right to buy rests.

    `ship_to_path` is (area, province) of the delivery address, None when unknown.
    """

    dealer_state: str
    licences: tuple[Licence, ...]
    authorisations: tuple[Authorisation, ...]
    ship_to_path: tuple[int, ...] | None


class Regulated(Protocol):
    """What compliance needs to know of a product."""

    @property
    def sku(self) -> str: ...

    @property
    def device_class(self) -> int: ...

    @property
    def category_code(self) -> str: ...

    @property
    def registration_from(self) -> date: ...

    @property
    def registration_to(self) -> date | None: ...


def compliance(permissions: Permissions, products: Iterable[tuple[str, Regulated]], on: date) -> list[Fault]:
    """What the law and the contract forbid on a day, per line with the fix.

    Suspended dealer, region, licence, registration.

    products: (pointer of the line, product).
    """
    faults = []
    if permissions.dealer_state != "active":
        fix = N_("Ask your channel manager to lift the suspension.")
        faults.append(Fault("", "dealer_not_active", N_("This account cannot order at present."), fix))
    if permissions.ship_to_path is None:
        fix = N_("Choose one of your delivery addresses.")
        faults.append(Fault("/ship_to", "unknown_address", N_("There is no such delivery address."), fix))
    elif not _authorised(permissions, on):
        fix = N_("Choose an address in your contract region, or ask your channel manager.")
        faults.append(
            Fault(
                "/ship_to",
                "region_not_authorised",
                N_("The delivery address is outside your authorised region."),
                fix,
            )
        )
    for pointer, product in products:
        faults.extend(_product_compliance(permissions, pointer, product, on))
    return faults


def _authorised(permissions: Permissions, on: date) -> bool:
    path = permissions.ship_to_path or ()
    return any(
        a.region_id in path and a.valid_from <= on and (a.valid_to is None or on < a.valid_to)
        for a in permissions.authorisations
    )


def _product_compliance(permissions: Permissions, pointer: str, product: Regulated, on: date) -> list[Fault]:
    faults = []
    if not licensed(permissions.licences, product.device_class, product.category_code, on):
        message = N_("No licence in force for class %(device_class)s in this category (%(sku)s).")
        params = {"device_class": "I" * product.device_class, "sku": product.sku}
        faults.append(
            Fault(
                f"{pointer}/sku",
                "licence",
                message,
                N_("Renew or extend your licence and have it recorded."),
                params,
            )
        )
    if on < product.registration_from or (
        product.registration_to is not None and on > product.registration_to
    ):
        message = N_("The registration certificate of %(sku)s is not in force.")
        fix = N_("Remove the line until the registration is renewed.")
        faults.append(Fault(f"{pointer}/sku", "registration", message, fix, {"sku": product.sku}))
    return faults


def licensed(licences: Iterable[Licence], device_class: int, category_code: str, on: date) -> bool:
    """Class I needs none, II a filing, III a licence; in force on the day and covering the category."""
    if device_class == 1:
        return True
    return any(
        licence.device_class == device_class
        and licence.valid_from <= on
        and (licence.valid_to is None or on <= licence.valid_to)
        and (not licence.category_codes or category_code.startswith(licence.category_codes))
        for licence in licences
    )
