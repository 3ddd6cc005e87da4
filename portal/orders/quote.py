"""Prices for a list of products at a moment, with receipts; nothing but prices is checked.

Promotions count as they run, gifts whether or not a warehouse has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.dealers.queries import DealerFacts
from portal.kernel import clock, money
from portal.kernel.errors import Invalid
from portal.orders import rules
from portal.orders.lines import AssessedLine, priced
from portal.orders.offered import offered
from portal.orders.promoted import Promoted, gift_line, promote
from portal.orders.rules import Wanted
from portal.orders.terms import OrderTerms


@dataclass(frozen=True, slots=True)
class Quote:
    """Prices of all lines at one moment, gifts behind them; VAT-inclusive `total` with the `tax` within."""

    at: datetime
    lines: tuple[AssessedLine, ...]
    total: Decimal
    tax: Decimal
    promoted: Promoted


def quote(
    session: Session,
    *,
    dealer: DealerFacts,
    wanted: Sequence[Wanted],
    at: datetime,
    terms: OrderTerms,
) -> Quote:
    """What the portal answers at `at`, past or future, with what is left of promotions now.

    Raises Invalid with all faults.
    """
    demands, faults = rules.demands(
        wanted, lines_max=terms.limits.lines_max, quantity_max=terms.limits.quantity_max
    )
    today = clock.business_date(at, terms.zone)
    known, in_force, _ = offered(
        session,
        dealer=dealer,
        skus=[demand.sku for demand in demands],
        at=at,
        today=today,
        margin_days=terms.limits.margin_days,
    )
    faults += [fault for demand in demands for fault in rules.product_faults(demand, known.get(demand.sku))]
    if faults:
        raise Invalid(faults=faults)
    lines = [priced(one, known[one.sku], known[one.sku].price(one.quantity, dealer)) for one in demands]
    promoted = promote(session, dealer=dealer, lines=lines, at=at, today=today, in_force=in_force)
    gifts = [
        gift_line(given, promoted.gifts[given.gift.sku], f"/gifts/{place}")
        for place, given in enumerate(promoted.outcome.gifts)
    ]
    tax = sum((line.tax for line in promoted.lines), money.ZERO)
    return Quote(at, (*promoted.lines, *gifts), promoted.outcome.total, tax, promoted)
