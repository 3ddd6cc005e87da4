"""What an order's products cost the dealer, the promotions that run, and what judges it: one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealers.queries import DealerFacts
from portal.orders.standing import STANDING_COLUMNS, Standing, standing_from, standing_parameters
from portal.pricing.queries import (
    FLOORS,
    OFFER_COLUMNS,
    Offer,
    floors_from,
    offer_parameters,
    offers_from,
)
from portal.promotions.rules import Promotion
from portal.promotions.running import RUNNING, running_from


class InForce(NamedTuple):
    """The promotions that may concern an order, and the floors of its products, by SKU.

    What is left of the promotions is what was when they were read: nothing is held.
    """

    promotions: Sequence[Promotion] = ()
    floors: Mapping[str, Decimal] = MappingProxyType({})


class Offered(NamedTuple):
    """Offers by SKU; unknown SKUs are absent. standing: empty unless it was asked for."""

    offers: dict[str, Offer]
    in_force: InForce
    standing: Standing


def offered(
    session: Session,
    *,
    dealer: DealerFacts,
    skus: Sequence[str],
    at: datetime,
    today: date,
    margin_days: int,
    grace_days: int | None = None,
) -> Offered:
    """Offers for any number of products, as `portal.pricing.queries.offers`.

    What runs is read behind the price gate, in a statement of its own: the one that waited for the gate still
    sees what was before.

    grace_days: asks for the dealer's standing too, with debts that have been due for longer.
    """
    parameters = {**offer_parameters(dealer, at, today, margin_days), "skus": list(skus)}
    if grace_days is not None:
        parameters |= standing_parameters(today, grace_days)
    rows = session.execute(_offered(grace_days is not None), parameters).all()
    return Offered(
        {offer.sku: offer for offer in offers_from(rows)},
        InForce(running_from(rows[0].running), floors_from(rows[0].floors)) if rows else InForce(),
        Standing() if grace_days is None else standing_from(rows),
    )


@cache
def _offered(with_standing: bool) -> TextClause:
    standing = f", {STANDING_COLUMNS}" if with_standing else ""
    return text(
        f"""
        SELECT {OFFER_COLUMNS}, {_once(RUNNING)} AS running, {_once(FLOORS)} AS floors{standing}
          FROM product p WHERE p.sku = ANY (:skus)
        """
    )


def _once(sql: str) -> str:
    """What is the same for all products, told by the first row: an order may have a thousand lines."""
    return f"CASE WHEN row_number() OVER () = 1 THEN {sql} END"
