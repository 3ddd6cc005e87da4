"""On what terms orders are taken: what the portal is set to, and what an orderer accepts of the supply."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config import Settings


@dataclass(frozen=True, slots=True)
class OrderLimits:
    """Sizes beyond which an order is refused (settings).

    margin_days: days a lot must have before its expiry to be sold. replenishment_days: how long goods take
    that are neither in stock nor on their way. grace_days: days a debt may be overdue before it counts
    against an order.
    """

    lines_max: int
    quantity_max: int
    margin_days: int = 1
    replenishment_days: int = 30
    grace_days: int = 30


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What the portal is set to, for every order: limits of size, currency, the zone of its days."""

    limits: OrderLimits
    currency: str
    zone: ZoneInfo

    @classmethod
    def of(cls, settings: Settings) -> OrderTerms:
        """As the portal is set, whatever way an order comes."""
        limits = OrderLimits(
            settings.order_lines_max,
            settings.order_quantity_max,
            settings.saleable_days_before_expiry,
            settings.replenishment_days,
            settings.overdue_grace_days,
        )
        return cls(limits, settings.currency, settings.timezone)


@dataclass(frozen=True, slots=True)
class SupplyTerms:
    """What the orderer accepts where one warehouse does not have everything.

    warehouse: code of the one that is to serve, None for the nearest that can. split: other warehouses may
    serve what it lacks. backorder: what none has waits for goods.
    """

    warehouse: str | None = None
    split: bool = False
    backorder: bool = False


ONE_WAREHOUSE = SupplyTerms()
"""Unless an orderer says more: everything from the nearest that has it, or nothing."""
