"""Prices for a list of products at a moment, with receipts; nothing but prices is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.dealers.queries import DealerFacts
from portal.kernel import clock, money
from portal.kernel.errors import Invalid
from portal.orders import rules
from portal.orders.assess import OrderLimits
from portal.orders.rules import Wanted
from portal.pricing.queries import Offer, offers
from portal.pricing.stages import Price


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """One product, priced. `tax` is within `amount`."""

    offer: Offer
    quantity: int
    price: Price
    amount: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """Prices of all lines at one moment; VAT-inclusive `total` with the `tax` within."""

    at: datetime
    lines: tuple[QuotedLine, ...]
    total: Decimal
    tax: Decimal


def quote(
    session: Session,
    *,
    dealer: DealerFacts,
    wanted: Sequence[Wanted],
    at: datetime,
    limits: OrderLimits,
    zone: ZoneInfo,
) -> Quote:
    """What the portal answers at `at`, past or future, for the dealer as it is graded then.

    Raises Invalid with all faults.
    """
    demands, faults = rules.demands(wanted, lines_max=limits.lines_max, quantity_max=limits.quantity_max)
    today = clock.business_date(at, zone)
    known = offers(
        session,
        dealer=dealer,
        skus=[demand.sku for demand in demands],
        at=at,
        today=today,
        margin_days=limits.margin_days,
    )
    faults += [fault for demand in demands for fault in rules.product_faults(demand, known.get(demand.sku))]
    if faults:
        raise Invalid(faults=faults)
    lines = tuple(_line(dealer, known[demand.sku], demand.quantity) for demand in demands)
    total = sum((line.amount for line in lines), money.ZERO)
    return Quote(at, lines, total, sum((line.tax for line in lines), money.ZERO))


def _line(dealer: DealerFacts, offer: Offer, quantity: int) -> QuotedLine:
    price = offer.price(quantity, dealer)
    amount, tax = rules.line_money(price.unit_price, quantity, offer.vat_rate)
    return QuotedLine(offer, quantity, price, amount, tax)
