"""What an order's products cost the dealer, whether promotions run, and what judges it: one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealers.queries import DealerFacts
from portal.orders.standing import STANDING_COLUMNS, Standing, standing_from, standing_parameters
from portal.pricing.queries import OFFER_COLUMNS, Offer, offer_parameters, offers_from
from portal.promotions.fragments import any_in_force


class Offered(NamedTuple):
    """Offers by SKU; unknown SKUs are absent. promotions_run: whether any may concern the order.

    standing: empty unless it was asked for.
    """

    offers: dict[str, Offer]
    promotions_run: bool
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

    That promotions run is asked behind the price gate, in a statement of its own: the one that waited for the
    gate still sees what was before.

    grace_days: asks for the dealer's standing too, with debts that have been due for longer.
    """
    parameters = {**offer_parameters(dealer, at, today, margin_days), "skus": list(skus)}
    if grace_days is not None:
        parameters |= standing_parameters(today, grace_days)
    rows = session.execute(_offered(grace_days is not None), parameters).all()
    return Offered(
        {offer.sku: offer for offer in offers_from(rows)},
        any(row.promotions_run for row in rows[:1]),
        Standing() if grace_days is None else standing_from(rows),
    )


@cache
def _offered(with_standing: bool) -> TextClause:
    standing = f", {STANDING_COLUMNS}" if with_standing else ""
    return text(
        f"""
        SELECT {OFFER_COLUMNS}, {any_in_force(":at")} AS promotions_run{standing}
          FROM product p WHERE p.sku = ANY (:skus)
        """
    )
