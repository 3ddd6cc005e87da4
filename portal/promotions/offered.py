"""Promotions as a dealer sees them: those that are meant for it, what it has reached and what it has had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.queries import DealerFacts
from portal.kernel.db import value_of
from portal.promotions.running import ADDRESSED
from portal.promotions.said import SAID_COLUMNS, SAID_TABLES, Said, lists_of

SHOWN_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedPromotion(Said):
    """A promotion that runs for a dealer, or will.

    registered_at: when it joined, None when it has not. reached: ¥ that count so far. spent: ¥ the dealer has
    had. orders: in how many of its orders. exhausted: nothing is left of the budget or of the dealer's limit.
    """

    registered_at: datetime | None
    reached: Decimal
    spent: Decimal
    orders: int
    exhausted: bool

    @property
    def participating(self) -> bool:
        """Whether its orders count: they always do where nobody has to join."""
        return not self.registration_required or self.registered_at is not None


def offered(session: Session, *, dealer: DealerFacts, at: datetime) -> list[OfferedPromotion]:
    """What runs for a dealer at a moment, or is published and to come; what ends first, first.

    At most `SHOWN_MAX`, in one statement.
    """
    rows = session.execute(
        _OFFERED,
        {
            "dealer_id": dealer.id,
            "tier": dealer.tier,
            "region_path": list(dealer.region_path),
            "at": at,
            "limit": SHOWN_MAX,
        },
    )
    return [value_of(OfferedPromotion, row, **lists_of(row)) for row in rows]


def running_promotions(session: Session, *, dealer: DealerFacts, at: datetime) -> list[OfferedPromotion]:
    """What runs for a dealer at a moment and still gives something, for the products it counts."""
    found = offered(session, dealer=dealer, at=at)
    return [one for one in found if one.phase == "running" and not one.exhausted]


_OFFERED = text(
    f"""
    SELECT {SAID_COLUMNS}, d.registered_at, coalesce(d.reached, 0) AS reached, coalesce(d.spent, 0) AS spent,
           (SELECT count(DISTINCT u.order_id)::int FROM promotion_use u
             WHERE u.promotion_id = p.id AND u.dealer_id = :dealer_id AND u.amount > 0
               AND u.cancelled < u.quantity) AS orders,
           coalesce(b.budget - b.spent <= 0, false) OR coalesce(p.per_dealer_cap - d.spent <= 0, false)
             AS exhausted
      FROM {SAID_TABLES}
      LEFT JOIN promotion_dealer d ON d.promotion_id = p.id AND d.dealer_id = :dealer_id
      LEFT JOIN promotion_budget b ON b.promotion_id = p.id
     WHERE p.published_at <= :at AND p.valid_to > :at AND p.valid_from < p.valid_to AND {ADDRESSED}
     ORDER BY p.valid_to, p.id LIMIT :limit
    """
)
