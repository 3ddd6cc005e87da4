"""What the law and the contract forbid a dealer to be sold or sent. Pure.

Decided when an order is placed, and again when its goods are picked and shipped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

from portal.kernel.errors import N_, Fault


@dataclass(frozen=True, slots=True)
class Licence:
    """Dealer's licence or filing for a device class; no `category_codes` means all categories.

    `valid_to` is its last day, None for no end and while a renewal is asked for and undecided.
    """

    device_class: int
    category_codes: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Region a dealer may sell in, area or province. `valid_to` is exclusive, None for open end.

    No `category_codes` means every product line, no `hospitals` every hospital.
    """

    region_id: int
    valid_from: date
    valid_to: date | None
    category_codes: tuple[str, ...] = ()
    hospitals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permissions:
    """On what a dealer's right to buy rests.

    `ship_to_path` is (area, province) of the delivery address, None when unknown. hospital: code of the one
    the order is for, empty when it names none.
    """

    dealer_state: str
    licences: tuple[Licence, ...]
    authorisations: tuple[Authorisation, ...]
    ship_to_path: tuple[int, ...] | None
    hospital: str = ""


class Regulated(Protocol):
    """What compliance needs to know of a product."""

    @property
    def sku(self) -> str: ...

    @property
    def device_class(self) -> int: ...

    @property
    def category_code(self) -> str: ...

    @property
    def registration_no(self) -> str: ...

    @property
    def registration_from(self) -> date: ...

    @property
    def registration_to(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Proof:
    """What entitles a dealer to a product on a day; None is what there is not.

    licence: its number, empty for class I, which needs none. registered: by the certificate in force, or by
    the day on which the goods were made. authorisation: its region.
    """

    on: date
    licence: str | None
    registered: Literal["certificate", "production"] | None
    authorisation: int | None
    hospital: str

    def as_json(self) -> dict[str, Any]:
        """As an order line keeps it."""
        return {
            "on": self.on.isoformat(),
            "licence": self.licence,
            "registered": self.registered,
            "authorisation": self.authorisation,
            "hospital": self.hospital,
        }


def compliance(
    permissions: Permissions,
    products: Iterable[tuple[str, Regulated]],
    on: date,
    made_in_time: Collection[str] = (),
) -> list[Fault]:
    """What the law and the contract forbid on a day, per line with the fix.

    Suspended dealer, region, licence, registration.

    products: (pointer of the line, product). made_in_time: SKUs of which the goods that would be sent were
    made while the registration ran; those stay lawful.
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
        faults.extend(_product_compliance(permissions, pointer, product, on, product.sku in made_in_time))
    return faults


def proof(permissions: Permissions, product: Regulated, on: date, *, made_in_time: bool = False) -> Proof:
    """What of the dealer's papers covers a product on a day."""
    licence = _licence_for(permissions.licences, product.device_class, product.category_code, on)
    covering = [
        one
        for one in _authorised(permissions, on)
        if _is_for_line(one, product) and _is_for_hospital(one, permissions)
    ]
    return Proof(
        on,
        "" if product.device_class == 1 else (licence.number if licence else None),
        "certificate" if made_while_registered(product, on) else ("production" if made_in_time else None),
        covering[0].region_id if covering else None,
        permissions.hospital,
    )


def made_while_registered(product: Regulated, made_on: date) -> bool:
    """Whether the registration ran on the day the goods were made; what has no number never was."""
    return (
        product.registration_no != ""
        and product.registration_from <= made_on
        and (product.registration_to is None or made_on <= product.registration_to)
    )


def _authorised(permissions: Permissions, on: date) -> list[Authorisation]:
    """The authorisations in force for the delivery address."""
    path = permissions.ship_to_path or ()
    return [
        a
        for a in permissions.authorisations
        if a.region_id in path and a.valid_from <= on and (a.valid_to is None or on < a.valid_to)
    ]


def _is_for_line(authorisation: Authorisation, product: Regulated) -> bool:
    codes = authorisation.category_codes
    return not codes or product.category_code.startswith(codes)


def _is_for_hospital(authorisation: Authorisation, permissions: Permissions) -> bool:
    return not authorisation.hospitals or permissions.hospital in authorisation.hospitals


def _authorisation_faults(
    permissions: Permissions, pointer: str, product: Regulated, on: date
) -> list[Fault]:
    """Product line and hospital, where the region is authorised."""
    in_force = _authorised(permissions, on)
    if not in_force:
        return []
    for_line = [one for one in in_force if _is_for_line(one, product)]
    params = {"sku": product.sku}
    if not for_line:
        message = N_("%(sku)s belongs to a product line that you are not authorised for in this region.")
        fix = N_("Remove the line, or ask your channel manager for the product line.")
        return [Fault(f"{pointer}/sku", "line_not_authorised", message, fix, params)]
    if any(_is_for_hospital(one, permissions) for one in for_line):
        return []
    message = N_("You are authorised to sell %(sku)s to certain hospitals only.")
    fix = N_("Name one of the hospitals of your contract in the order.")
    return [Fault(f"{pointer}/sku", "hospital_not_authorised", message, fix, params)]


def _product_compliance(
    permissions: Permissions, pointer: str, product: Regulated, on: date, made_in_time: bool
) -> list[Fault]:
    faults = _authorisation_faults(permissions, pointer, product, on)
    if not licensed(permissions.licences, product.device_class, product.category_code, on):
        faults.append(_licence_fault(permissions.licences, pointer, product, on))
    if not made_in_time and not made_while_registered(product, on):
        faults.append(registration_fault(f"{pointer}/sku", product.sku))
    return faults


def _licence_fault(licences: Iterable[Licence], pointer: str, product: Regulated, on: date) -> Fault:
    """Which paper is in the way: the one that ended last, else one that is to begin, else a narrower one."""
    of_class = [one for one in licences if one.device_class == product.device_class]
    covering = [one for one in of_class if _covers(one, product.category_code)]
    params: dict[str, object] = {"device_class": "I" * product.device_class, "sku": product.sku}
    params["kind"] = "licence" if product.device_class == 3 else "filing"
    fix = N_("Renew or extend your licence and have it recorded.")
    message = N_("No licence in force for class %(device_class)s in this category (%(sku)s).")
    ended = [(one.valid_to, one.number) for one in covering if one.valid_to is not None and one.valid_to < on]
    if ended:
        day, paper = max(ended)
        params |= {"paper": paper, "ended_on": day.isoformat()}
        message = N_("%(paper)s for class %(device_class)s ended on %(ended_on)s (%(sku)s).")
    elif covering:
        first = min(covering, key=lambda one: one.valid_from)
        params |= {"paper": first.number, "begins_on": first.valid_from.isoformat()}
        message = N_("%(paper)s for class %(device_class)s begins on %(begins_on)s (%(sku)s).")
        fix = N_("Order again from that day on.")
    elif of_class:
        params["paper"] = max(of_class, key=lambda one: one.valid_from).number
        message = N_("%(paper)s for class %(device_class)s does not cover the category of %(sku)s.")
    return Fault(f"{pointer}/sku", "licence", message, fix, params)


def registration_fault(pointer: str, sku: str) -> Fault:
    """Neither is a certificate in force, nor were the goods made while it was."""
    message = N_("The registration certificate of %(sku)s is not in force.")
    fix = N_("Remove the line until the registration is renewed.")
    return Fault(pointer, "registration", message, fix, {"sku": sku})


def licensed(licences: Iterable[Licence], device_class: int, category_code: str, on: date) -> bool:
    """Class I needs none, II a filing, III a licence; in force on the day and covering the category."""
    if device_class == 1:
        return True
    return _licence_for(licences, device_class, category_code, on) is not None


def _licence_for(
    licences: Iterable[Licence], device_class: int, category_code: str, on: date
) -> Licence | None:
    for licence in licences:
        if (
            licence.device_class == device_class
            and licence.valid_from <= on
            and (licence.valid_to is None or on <= licence.valid_to)
            and _covers(licence, category_code)
        ):
            return licence
    return None


def _covers(licence: Licence, category_code: str) -> bool:
    return not licence.category_codes or category_code.startswith(licence.category_codes)
