"""What a promotion asks and gives, and whether it takes part in an order at all. Pure.

How promotions are applied, one after another, is in `portal.promotions.engine`; the order of application is
told to managers in docs/promotions.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What a promotion does."""

    PERCENT_OFF = "percent_off"
    AMOUNT_OFF = "amount_off"
    GIFT = "gift"
    BUNDLE = "bundle"
    CUMULATIVE = "cumulative"
    ORDER_AMOUNT_OFF = "order_amount_off"


class Reason(StrEnum):
    """Why a promotion does not act upon an order. The first that holds is told."""

    NOT_IN_FORCE = "not_in_force"
    NOT_ADDRESSED = "not_addressed"
    NOT_REGISTERED = "not_registered"
    NOT_FIRST_ORDER = "not_first_order"
    NO_GOODS = "no_goods"
    LINES_CLOSED = "lines_closed"
    MIN_QUANTITY = "min_quantity"
    MIN_AMOUNT = "min_amount"
    PERIOD_AMOUNT = "period_amount"
    ALREADY_GIVEN = "already_given"
    BUDGET_SPENT = "budget_spent"
    CAP_SPENT = "cap_spent"
    AT_FLOOR = "at_floor"


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot of short-dated goods that a clearance is bound to. available: units that can be sold of it."""

    sku: str
    lot: str
    available: int
    id: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """What an order has to have. Nothing said of the goods: all lines.

    skus: goods by SKU; of a bundle, what one set is made of. category: a code, goods below it count.
    min_quantity: units, min_amount: ¥ of the lines that are open to the promotion. period_amount: ¥ that a
    dealer reaches within the promotion's time, this order included.
    """

    skus: frozenset[str] = frozenset()
    category: str | None = None
    min_quantity: int | None = None
    min_amount: Decimal | None = None
    period_amount: Decimal | None = None
    first_order: bool = False
    lots: tuple[Lot, ...] = ()

    def covers(self, sku: str, category_code: str) -> bool:
        """Whether goods count."""
        if self.skus:
            return sku in self.skus
        return self.category is None or category_code.startswith(self.category)


@dataclass(frozen=True, slots=True)
class Gift:
    """`quantity` units of a product for every `for_each` units bought; None: once an order."""

    sku: str
    quantity: int
    for_each: int | None = None


@dataclass(frozen=True, slots=True)
class Reward:
    """What a promotion gives: exactly one of the three. percent: 5 means 5 %. amount: ¥, VAT included."""

    percent: Decimal | None = None
    amount: Decimal | None = None
    gift: Gift | None = None


@dataclass(frozen=True, slots=True)
class Promotion:
    """A published promotion as it stands for one dealer at one moment.

    priority: 1 goes first; among equals the earlier published. combinable: a promotion that is not takes only
    lines that no other has touched, and closes them to the others.
    budget_left, cap_left: ¥ that may still be given to all, and to this dealer; None is without limit.
    limited: whether all orders together may have no more of it than its budget or its lots.
    may_pass_floor: whether it may take a unit below the product's floor price.
    in_force, addressed, registered: whether it is its time, meant for the dealer, and the dealer takes part
    where that is asked. reached: ¥ the dealer has reached before this order.
    """

    number: str
    kind: Kind
    condition: Condition
    reward: Reward
    priority: int
    published_at: datetime
    combinable: bool = True
    budget_left: Decimal | None = None
    cap_left: Decimal | None = None
    limited: bool = False
    may_pass_floor: bool = False
    in_force: bool = True
    addressed: bool = True
    registered: bool = True
    reached: Decimal = Decimal("0.00")
    id: int = 0
    title_zh: str = ""
    title_en: str = ""

    @property
    def order(self) -> tuple[bool, int, datetime, int]:
        """Sort key: promotions on goods before those on the order, then by priority, then the older first."""
        return self.kind is Kind.ORDER_AMOUNT_OFF, self.priority, self.published_at, self.id

    @property
    def left(self) -> Decimal | None:
        """¥ that may still be given to this dealer; None is without limit."""
        limits = [limit for limit in (self.budget_left, self.cap_left) if limit is not None]
        return max(min(limits), Decimal("0.00")) if limits else None


@dataclass(frozen=True, slots=True)
class Buyer:
    """What promotions ask of whoever orders. prices: unit price of gifts, by SKU, as the dealer buys them."""

    first_order: bool = False
    prices: Mapping[str, Decimal] = field(default_factory=dict)


def excluded(promotion: Promotion, buyer: Buyer) -> Reason | None:
    """Why a promotion takes no part whatever is in the order; None when it may."""
    if not promotion.in_force:
        return Reason.NOT_IN_FORCE
    if not promotion.addressed:
        return Reason.NOT_ADDRESSED
    if not promotion.registered:
        return Reason.NOT_REGISTERED
    if promotion.condition.first_order and not buyer.first_order:
        return Reason.NOT_FIRST_ORDER
    return None


def gifts_earned(gift: Gift, units: int) -> int:
    """Units of a gift that `units` bought earn."""
    return gift.quantity * (units // gift.for_each if gift.for_each else 1)


def gifts_to_return(gift: Gift, given: int, kept: int, *, min_quantity: int | None = None) -> int:
    """Units of a gift that go back when `kept` of the units that earned it stay. Never more than `given`."""
    still = 0 if kept == 0 or kept < (min_quantity or 0) else gifts_earned(gift, kept)
    return max(0, given - still)
