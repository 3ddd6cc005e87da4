"""What a product will cost a dealer: the next change that is published already."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.queries import DealerFacts
from portal.pricing.queries import Offer, offers
from portal.pricing.stages import Price

MOMENTS_MAX = 4


class ComingPrice(NamedTuple):
    """From `at` on a pack costs this."""

    at: datetime
    price: Price


def coming_price(
    session: Session, *, dealer: DealerFacts, offer: Offer, at: datetime, today: date
) -> ComingPrice | None:
    """The first moment after `at` from which the price of a pack, or of larger quantities, is another.

    Looks at the next `MOMENTS_MAX` at which anything that may concern the product begins or ends.
    """
    if offer.list_price is None:
        return None
    now = offer.price(offer.pack_multiple, dealer)
    parameters = {
        "product_id": offer.id,
        "category_code": offer.category_code,
        "dealer_id": dealer.id,
        "tier": dealer.tier,
        "region_path": list(dealer.region_path),
        "at": at,
        "most": MOMENTS_MAX,
    }
    for moment in session.execute(_MOMENTS, parameters).scalars():
        then = offers(session, dealer=dealer, skus=[offer.sku], at=moment, today=today)[offer.sku]
        if then.list_price is None:
            return None
        price = then.price(offer.pack_multiple, dealer)
        if (price.unit_price, price.breaks) != (now.unit_price, now.breaks):
            return ComingPrice(moment, price)
    return None


_MOMENTS = text(
    """
    SELECT moment FROM (
      SELECT unnest(ARRAY[y.valid_from, y.valid_to]) AS moment
        FROM price_policy y JOIN price_rule r ON r.policy_id = y.id
       WHERE y.published_at <= :at AND (y.valid_from > :at OR y.valid_to > :at)
         AND (r.product_id = :product_id
              OR (r.product_id IS NULL
                  AND (r.category_code IS NULL OR starts_with(:category_code, r.category_code))))
         AND (r.dealer_id = :dealer_id
              OR (r.dealer_id IS NULL AND (r.tier IS NULL OR r.tier = :tier)
                  AND (r.region_id IS NULL OR r.region_id = ANY (CAST(:region_path AS bigint[])))))
      UNION
      SELECT l.valid_from FROM list_price l WHERE l.product_id = :product_id AND l.valid_from > :at) m
     WHERE moment > :at ORDER BY moment LIMIT :most
    """
)
