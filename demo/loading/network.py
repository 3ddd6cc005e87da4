"""Warehouses, and dealers with what their rights rest on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import zip_longest
from typing import Any

import psycopg

from demo.loading.keys import key, region_keys
from demo.loading.rows import put
from demo.scenario import Part, Scenario
from demo.world.business_days import moment
from demo.world.network import Dealer
from demo.world.regions import WAREHOUSES, read_provinces, serving_warehouses

_KINDS = {"II": "filing", "III": "licence"}
_DECIDED = ("decided_by", "decided_by_label", "decided_at")
_PAPER = (
    *("dealer_id", "number", "kind", "state", "paper_no", "category_codes", "valid_from", "valid_to"),
    *("filed_by", "filed_by_label", "filed_at", *_DECIDED),
)
_AUTHORISATION = (
    *("dealer_id", "number", "state", "region_id", "valid_from"),
    *("proposed_by", "proposed_by_label", "proposed_at", *_DECIDED),
)

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
    """From where is delivered, and to whom."""
    put(
        connection,
        "warehouse",
        ("id", "code", "name_zh", "name_en", "region_id", "city", "address"),
        _warehouses(),
    )
    put(connection, "warehouse_service", ("region_id", "warehouse_id", "rank"), _services())
    _load_dealers(connection, scenario.dealers)


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
    # What an order asks of both follows by their triggers.
    put(connection, "dealer_paper", _PAPER, _papers(dealers))
    put(connection, "authorisation", _AUTHORISATION, _authorisations(dealers, keys))
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


def _papers(dealers: tuple[Dealer, ...]) -> Iterator[tuple[Any, ...]]:
    """Entered from the records before the portal, on the day the dealer came."""
    for dealer in dealers:
        for nth, paper in enumerate(dealer.licences):
            at = moment(max(dealer.since, paper.valid_from), time(9))
            number = f"ZZ0000-{key(dealer.index):06d}{nth:03d}"
            kind, codes = _KINDS[paper.device_class], list(paper.categories)
            told = (number, kind, "accepted", paper.number, codes, paper.valid_from, paper.valid_to)
            yield (key(dealer.index), *told, *_entered(at))


def _authorisations(dealers: tuple[Dealer, ...], keys: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    """The own province for every dealer; the whole sales area for the two upper tiers, from a year later."""
    for dealer in dealers:
        own = [(keys[dealer.province], dealer.since)]
        if dealer.tier in ("S", "A"):
            own.append((keys[dealer.area], dealer.since + timedelta(days=365)))
        for nth, (region, since) in enumerate(own):
            number = f"SQ0000-{key(dealer.index):06d}{nth:03d}"
            yield (key(dealer.index), number, "in_force", region, since, *_entered(moment(since, time(9))))


def _entered(at: datetime) -> tuple[Any, ...]:
    return "import", "import", at, "system", "system", at


PART = Part("network", load=load_network)
