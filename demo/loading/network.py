"""Regions, warehouses, and dealers with what their rights rest on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from itertools import zip_longest
from typing import Any

import psycopg

from demo.loading.keys import key, region_keys
from demo.loading.rows import put
from demo.scenario import Scenario
from demo.world.business_days import moment
from demo.world.network import Dealer
from demo.world.regions import AREAS, WAREHOUSES, read_provinces, serving_warehouses

_CLASSES = {"II": 2, "III": 3}

_DEALER = (
    "id",
    "code",
    "name_zh",
    "name_en",
    "credit_code",
    "city",
    "address",
    "contact_name",
    "contact_phone",
    "payment_terms_days",
    "created_at",
)


def load_network(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Where is sold, from where is delivered, and to whom."""
    put(connection, "region", ("id", "code", "name_zh", "name_en", "level", "parent_id"), _regions())
    put(
        connection,
        "warehouse",
        ("id", "code", "name_zh", "name_en", "region_id", "city", "address"),
        _warehouses(),
    )
    put(connection, "warehouse_service", ("region_id", "warehouse_id", "rank"), _services())
    _load_dealers(connection, scenario.dealers)


def _regions() -> Iterator[tuple[Any, ...]]:
    keys = region_keys()
    for code, (zh, en) in AREAS.items():
        yield keys[code], code, zh, en, 1, None
    for code, province in read_provinces().items():
        yield keys[code], code, province.name_zh, province.name_en, 2, keys[province.area]


def _warehouses() -> Iterator[tuple[Any, ...]]:
    keys = region_keys()
    for index, house in enumerate(WAREHOUSES):
        yield (
            key(index),
            house.code,
            house.name_zh,
            house.name_en,
            keys[house.province],
            house.city,
            house.address,
        )


def _services() -> Iterator[tuple[int, int, int]]:
    keys = region_keys()
    for code, province in read_provinces().items():
        for rank, index in enumerate(serving_warehouses(province.area), start=1):
            yield keys[code], key(index), rank


def _load_dealers(connection: psycopg.Connection, dealers: tuple[Dealer, ...]) -> None:
    keys = region_keys()
    put(connection, "dealer", _DEALER, map(_dealer, dealers))
    put(
        connection,
        "dealer_tier",
        ("dealer_id", "valid_from", "valid_to", "tier", "assigned_by"),
        _tiers(dealers),
    )
    columns = ("dealer_id", "region_id", "valid_from", "assigned_by")
    put(
        connection,
        "dealer_region",
        columns,
        ((key(d.index), keys[d.province], d.since, "system") for d in dealers),
    )
    columns = (
        "dealer_id",
        "code",
        "region_id",
        "city",
        "line",
        "contact_name",
        "contact_phone",
        "is_default",
    )
    put(connection, "dealer_address", columns, _addresses(dealers, keys))
    columns = ("dealer_id", "number", "device_class", "category_codes", "valid_from", "valid_to")
    put(connection, "dealer_licence", columns, _licences(dealers))
    columns = ("dealer_id", "region_id", "valid_from")
    put(connection, "dealer_authorisation", columns, _authorisations(dealers, keys))
    put(
        connection,
        "dealer_account",
        ("dealer_id", "credit_limit"),
        ((key(d.index), d.credit_limit) for d in dealers),
    )


def _dealer(dealer: Dealer) -> tuple[Any, ...]:
    return (
        key(dealer.index),
        dealer.code,
        dealer.name_zh,
        dealer.name_en,
        dealer.credit_code,
        dealer.city,
        dealer.address,
        dealer.contact,
        dealer.phone,
        dealer.payment_terms_days,
        moment(dealer.since, time(9)),
    )


def _tiers(dealers: tuple[Dealer, ...]) -> Iterator[tuple[Any, ...]]:
    for dealer in dealers:
        ends = [start for start, _ in dealer.tiers[1:]]
        for (start, tier), end in zip_longest(dealer.tiers, ends):
            yield key(dealer.index), start, end, tier, "system"


def _addresses(dealers: tuple[Dealer, ...], keys: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    for dealer in dealers:
        for number, place in enumerate(dealer.addresses):
            yield (
                key(dealer.index),
                place.code,
                keys[place.province],
                place.city,
                place.line,
                place.contact,
                place.phone,
                number == 0,
            )


def _licences(dealers: tuple[Dealer, ...]) -> Iterator[tuple[Any, ...]]:
    for dealer in dealers:
        for paper in dealer.licences:
            yield (
                key(dealer.index),
                paper.number,
                _CLASSES[paper.device_class],
                list(paper.categories),
                paper.valid_from,
                paper.valid_to,
            )


def _authorisations(dealers: tuple[Dealer, ...], keys: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    """The own province for every dealer; the whole sales area for the two upper tiers, from a year later."""
    for dealer in dealers:
        yield key(dealer.index), keys[dealer.province], dealer.since
        if dealer.tier in ("S", "A"):
            yield key(dealer.index), keys[dealer.area], dealer.since + timedelta(days=365)
