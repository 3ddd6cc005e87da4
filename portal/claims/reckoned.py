"""What a claim is worth by what the portal knows itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.claims import pay
from portal.claims.entry import ClaimEntry, ProtectedLine
from portal.claims.rules import CLAIMS_EXPENSES, ClaimKind
from portal.dealers.queries import DealerFacts, load_dealer
from portal.dealerstock.held_on import held_on
from portal.kernel import clock, money
from portal.kernel.errors import NotFound
from portal.pricing.queries import Offer, offers
from portal.rebates.earned import Earned, earned

_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class KnownCut:
    """What the portal knows of a product at a price cut. Prices: None where it had none."""

    sku: str
    held: int
    old_price: Decimal | None
    new_price: Decimal | None

    def worth(self, line: ProtectedLine) -> Decimal:
        """What the line is worth: no more units than were held, no deeper a cut than there was."""
        if self.old_price is None or self.new_price is None:
            return money.ZERO
        cut = min(line.old_price - line.new_price, self.old_price - self.new_price)
        units = min(line.quantity, self.held)
        return money.line_amount(cut, units) if cut > 0 and units > 0 else money.ZERO


def earned_in(session: Session, dealer_id: int, entry: ClaimEntry, today: date) -> Earned | None:
    """The period that is claimed; None where the dealer has earned nothing under such a name."""
    try:
        return earned(
            session,
            dealer_id=dealer_id,
            number=entry.programme.strip(),
            period=entry.period.strip(),
            today=today,
        )
    except NotFound:
        return None


def calculated(
    session: Session, *, dealer_id: int, entry: ClaimEntry, today: date, zone: ZoneInfo
) -> Decimal | None:
    """What the claim is worth now; None where nothing can be reckoned."""
    if entry.kind is ClaimKind.PERIOD:
        found = earned_in(session, dealer_id, entry, today)
        if found is None:
            return money.ZERO
        return max(pay.due(session, dealer_id=dealer_id, earned=found, today=today), money.ZERO)
    if entry.kind in CLAIMS_EXPENSES:
        return entry.invoiced
    if entry.kind is ClaimKind.PRICE_PROTECTION and entry.last_day is not None:
        known = known_cuts(session, dealer_id=dealer_id, entry=entry, today=today, zone=zone)
        return sum((known[line.sku].worth(line) for line in entry.lines), money.ZERO)
    return None


def known_cuts(
    session: Session, *, dealer_id: int, entry: ClaimEntry, today: date, zone: ZoneInfo
) -> dict[str, KnownCut]:
    """What the portal knows of the products of a claim on price protection, by SKU."""
    day = entry.last_day or today
    begins, ends = clock.start_of(day, zone), clock.start_of(day + timedelta(days=1), zone)
    dealer = _dealer(session, dealer_id, day, today)
    skus = sorted({line.sku for line in entry.lines})
    held = held_on(session, dealer_id=dealer_id, skus=skus, day=day, begins_at=begins)
    before = offers(session, dealer=dealer, skus=skus, at=begins - _MOMENT, today=today)
    after = offers(session, dealer=dealer, skus=skus, at=ends - _MOMENT, today=today)
    return {
        sku: KnownCut(sku, held.get(sku, 0), _price(before.get(sku), dealer), _price(after.get(sku), dealer))
        for sku in skus
    }


def _dealer(session: Session, dealer_id: int, day: date, today: date) -> DealerFacts:
    try:
        return load_dealer(session, dealer_id, day=day)
    except NotFound:  # in a region of somebody else's on that day
        return load_dealer(session, dealer_id, day=today)


def _price(offer: Offer | None, dealer: DealerFacts) -> Decimal | None:
    if offer is None or offer.list_price is None:
        return None
    return offer.price(offer.pack_multiple, dealer).unit_price
