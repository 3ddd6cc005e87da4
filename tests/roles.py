"""What the members of the cast are made of: plain values that know their ids before the database does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import portal.capabilities  # noqa: F401 - who holds which rights
from portal.identity.rules import Role, rights_of
from portal.kernel.actor import Actor
from portal.kernel.registry import registry


@dataclass(frozen=True)
class Region:
    """A sales area (without `parent`) or a province."""

    id: int
    code: str
    name_zh: str
    name_en: str
    parent: Region | None = None


@dataclass(frozen=True)
class Person:
    """Somebody who signs in with `cast.PASSWORD`.

    `regions` None: no dealer's person, and sees all of them.
    """

    id: int
    email: str
    display_name: str
    roles: tuple[Role, ...]
    dealer_id: int | None = None
    regions: tuple[Region, ...] | None = ()
    locale: str = "zh"

    @property
    def region_ids(self) -> tuple[int, ...]:
        """Ids of `regions`; empty for everywhere."""
        return tuple(region.id for region in self.regions or ())

    def actor(self) -> Actor:
        """As a verb wants to know who acts."""
        roles = frozenset(map(str, self.roles))
        return Actor(
            label=self.display_name,
            rights=rights_of(roles, registry().rights),
            user_id=self.id,
            dealer_id=self.dealer_id,
            region_ids=None if self.regions is None else self.region_ids,
            roles=roles,
            locale=self.locale,
        )


@dataclass(frozen=True)
class System:
    """A program that calls the API with `cast.SECRET`."""

    id: int
    client_id: str
    name: str
    scopes: tuple[str, ...]
    dealer_id: int | None = None

    def actor(self) -> Actor:
        """As a verb wants to know who acts."""
        everywhere = None if self.dealer_id is None else ()
        return Actor(
            label=self.name,
            rights=frozenset(self.scopes),
            client_id=self.id,
            dealer_id=self.dealer_id,
            region_ids=everywhere,
        )


@dataclass(frozen=True)
class Licence:
    """Right of a dealer to deal in devices of a class."""

    number: str
    device_class: int
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class Dealer:
    """A dealer with its people. It may sell in its own province and the area around it."""

    id: int
    code: str
    name_zh: str
    name_en: str
    credit_code: str
    region: Region
    tier: str
    city: str
    credit_limit: Decimal
    licences: tuple[Licence, ...]
    buyer: Person
    finance: Person
    boss: Person
    service: Person
    system: System
    payment_terms_days: int = 30

    @property
    def people(self) -> tuple[Person, ...]:
        """All who sign in for this dealer. `boss` has the role of the dealer's owner."""
        return (self.buyer, self.finance, self.boss, self.service)


@dataclass(frozen=True)
class Product:
    """A device. `price` is its list price including VAT, None for none."""

    id: int
    sku: str
    name_zh: str
    name_en: str
    udi_di: str
    device_class: int
    category_code: str
    price: Decimal | None
    specification: str = ""
    unit: str = "盒"
    pack_multiple: int = 1
    registration_to: date | None = date(2099, 12, 31)
    lot_controlled: bool = True
    serial_controlled: bool = False
    expiry_controlled: bool = True
    implantable: bool = False
    state: str = "active"


@dataclass(frozen=True)
class Warehouse:
    """A regional warehouse and the provinces it serves, each with its rank (1 is asked first)."""

    id: int
    code: str
    name_zh: str
    name_en: str
    region: Region
    city: str
    serves: dict[Region, int] = field(hash=False)


@dataclass(frozen=True)
class Lot:
    """A production lot and where its units lie. `units` maps a warehouse to a number."""

    id: int
    product: Product
    lot_no: str
    expires_on: date | None
    units: dict[Warehouse, int] = field(hash=False)
    state: str = "saleable"
