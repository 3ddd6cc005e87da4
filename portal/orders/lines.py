"""A line of an order that is understood and priced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.kernel import money
from portal.orders.rules import Demand
from portal.pricing.queries import Offer
from portal.pricing.stages import Price
from portal.promotions.discounts import Discount
from portal.promotions.engine import Given


@dataclass(frozen=True, slots=True)
class Source:
    """Units of a line that come from a warehouse."""

    warehouse_id: int
    warehouse: str
    units: int


@dataclass(frozen=True, slots=True)
class AssessedLine:
    """A line that is understood and priced.

    amount: ¥ after `discounts`, VAT included; `tax` is within. given: of a gift what earned it, else None.
    waiting: units that are not in stock and wait for goods, which can leave `promised_on`. elsewhere: units
    that come from other warehouses than the order's.
    """

    demand: Demand
    offer: Offer
    price: Price
    amount: Decimal
    tax: Decimal
    discounts: tuple[Discount, ...] = ()
    given: Given | None = None
    waiting: int = 0
    promised_on: date | None = None
    elsewhere: tuple[Source, ...] = ()

    @property
    def reserved(self) -> int:
        """Units that are taken from stock."""
        return self.demand.quantity - self.waiting

    @property
    def here(self) -> int:
        """Those of them that come from the order's warehouse."""
        return self.reserved - sum(source.units for source in self.elsewhere)

    @property
    def is_gift(self) -> bool:
        """Whether a promotion gives it away."""
        return self.given is not None

    @property
    def discount(self) -> Decimal:
        """¥ that promotions take off."""
        return sum((one.amount for one in self.discounts), money.ZERO)


def priced(demand: Demand, offer: Offer, price: Price) -> AssessedLine:
    """A line at its price before promotions."""
    amount = price.amount
    return AssessedLine(demand, offer, price, amount, money.tax_within(amount, offer.vat_rate))
