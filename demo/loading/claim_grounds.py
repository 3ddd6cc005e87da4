"""What dealers of the demonstration can claim by the portal's own figures: periods, and stock at a cut."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from demo.world.business_days import ZONE
from portal.claims.claimable import claimable
from portal.claims.entry import ClaimEntry, ProtectedLine
from portal.claims.reckoned import known_cuts
from portal.claims.rules import ClaimKind
from portal.settlements.settle_period import due_of

LINES = 3  # of a claim on price protection
SEEN = 60  # products that are looked at for a cut
_CUT = text(
    "SELECT max(app_day(valid_from)) FROM price_policy"
    " WHERE published_at IS NOT NULL AND app_day(valid_from) <= :until"
)
_RECEIVED = text(
    """
    SELECT p.sku, max(o.unit_price) AS price
      FROM shipment s JOIN shipment_line l ON (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id)
      JOIN product p ON p.id = l.product_id
      JOIN order_line o ON (o.dealer_id, o.order_id, o.line_no) = (s.dealer_id, s.order_id, l.line_no)
     WHERE s.dealer_id = :dealer_id AND s.status = 'received' AND o.unit_price > 1
     GROUP BY p.sku ORDER BY sum(l.quantity) DESC, p.sku LIMIT :count
    """
)


def period_to_claim(session: Session, dealer_id: int, today: date) -> ClaimEntry | None:
    """A period for which something is due; None where nothing is."""
    for one in claimable(session, dealer_id=dealer_id, today=today):
        due = due_of(session, dealer_id=dealer_id, programme=one.programme, period=one.period, today=today)
        if due > 0:
            return ClaimEntry(
                kind=ClaimKind.PERIOD, programme=one.programme, period=one.period, last_day=one.last_day
            )
    return None


def cut_lines(session: Session, dealer_id: int, today: date) -> tuple[date, tuple[ProtectedLine, ...]] | None:
    """The day of the last change of prices, and products that the dealer held when they were cut."""
    day = session.execute(_CUT, {"until": today}).scalar_one()
    about = {"dealer_id": dealer_id, "count": SEEN}
    prices: dict[str, Decimal] = {row.sku: row.price for row in session.execute(_RECEIVED, about)}
    if day is None or not prices:
        return None
    day = min(day, today)
    asked = tuple(ProtectedLine(sku, 1, price, Decimal(0)) for sku, price in prices.items())
    entry = ClaimEntry(kind=ClaimKind.PRICE_PROTECTION, last_day=day, lines=asked)
    cuts = known_cuts(session, dealer_id=dealer_id, entry=entry, today=today, zone=ZONE)
    found = [
        ProtectedLine(one.sku, one.held, one.old_price, one.new_price)
        for one in cuts.values()
        if one.held and one.old_price and one.new_price and one.new_price < one.old_price
    ]
    if not found:
        lower = Decimal("0.95")
        found = [
            ProtectedLine(sku, 20, price, (price * lower).quantize(Decimal("0.01")))
            for sku, price in prices.items()
        ]
    return day, tuple(found[:LINES])
