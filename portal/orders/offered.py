"""What an order's products cost the dealer, and whether promotions are in force: one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.queries import DealerFacts
from portal.pricing.queries import OFFER_COLUMNS, Offer, offer_parameters, offers_from
from portal.promotions.fragments import any_in_force


class Offered(NamedTuple):
    """Offers by SKU; unknown SKUs are absent. promotions_run: whether any may concern the order."""

    offers: dict[str, Offer]
    promotions_run: bool


def offered(
    session: Session,
    *,
    dealer: DealerFacts,
    skus: Sequence[str],
    at: datetime,
    today: date,
    margin_days: int,
) -> Offered:
    """Offers for any number of products, as `portal.pricing.queries.offers`.

    That promotions run is asked behind the price gate, in a statement of its own: the one that waited for the
    gate still sees what was before.
    """
    parameters = {**offer_parameters(dealer, at, today, margin_days), "skus": list(skus)}
    rows = session.execute(_OFFERED, parameters).all()
    return Offered(
        {offer.sku: offer for offer in offers_from(rows)}, any(row.promotions_run for row in rows[:1])
    )


_OFFERED = text(
    f"""
    SELECT {OFFER_COLUMNS}, {any_in_force(":at")} AS promotions_run
      FROM product p WHERE p.sku = ANY (:skus)
    """
)
