"""Promotions upon the priced lines of an order: which apply, in which order, what each takes off. Pure.

1. Promotions on goods come first, by priority, of equals the earlier published; each works on the price that
   the one before left, rounded per unit after each. Promotions on the order follow, on the amounts left.
2. A condition counts the lines that are still open to the promotion, at the prices of that moment. One whose
   condition is not met changes nothing and closes nothing.
3. What is left of the budget and of the dealer's cap cuts a discount; a gift is cut to whole sets.
4. An amount for several lines is split in proportion, each share half-up; what is over or missing goes to
   the largest line, of equals the first.

So a line is never negative, and the sum of the lines is the total.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from portal.kernel import money
from portal.kernel.money import ZERO
from portal.promotions.discounts import DISCOUNTS, Discount, Goods, Line, split
from portal.promotions.rules import Buyer, Gift, Kind, Promotion, Reason, excluded, gifts_earned


class Counted(NamedTuple):
    """What a cumulative promotion counts of one line: ¥ as it stood when its turn came."""

    promotion: Promotion
    place: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Given:
    """Units of a product that a promotion gives away.

    value: ¥ at the dealer's own price, what counts against budget and cap. earned_by: places of the lines
    whose units earned it; amounts: ¥ of each as its condition counted it.
    """

    promotion: Promotion
    gift: Gift
    quantity: int
    value: Decimal
    earned_by: tuple[int, ...]
    amounts: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """An order after its promotions.

    discounts: of each line, in the order in which they were applied. counted: what cumulative promotions
    count of it. not_applied: why each of the others did nothing.
    """

    lines: tuple[Goods, ...]
    discounts: tuple[tuple[Discount, ...], ...]
    gifts: tuple[Given, ...]
    counted: tuple[Counted, ...]
    not_applied: tuple[tuple[Promotion, Reason], ...]

    def amount(self, place: int) -> Decimal:
        """¥ of a line after its discounts."""
        return self.lines[place].amount - sum((found.amount for found in self.discounts[place]), ZERO)

    @property
    def draws_on_limits(self) -> bool:
        """Whether anything is taken of what all orders together may have no more of than there is."""
        discounts = [one.promotion for line in self.discounts for one in line]
        given = [one.promotion for one in self.gifts]
        counted = [one.promotion for one in self.counted]
        return any(promotion.limited for promotion in (*discounts, *given, *counted))

    @property
    def total(self) -> Decimal:
        """¥ of all lines."""
        return sum((self.amount(place) for place in range(len(self.lines))), ZERO)

    @property
    def discount_total(self) -> Decimal:
        """¥ that all promotions take off."""
        return sum((found.amount for line in self.discounts for found in line), ZERO)


@dataclass(slots=True)
class _Run:
    lines: list[Line]
    buyer: Buyer
    gifts: list[Given] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    not_applied: list[tuple[Promotion, Reason]] = field(default_factory=list)


def apply_promotions(lines: Sequence[Goods], promotions: Iterable[Promotion], buyer: Buyer) -> Outcome:
    """Apply every promotion that takes part, in their order."""
    run = _Run([Line(i, goods, list(goods.pieces), goods.amount) for i, goods in enumerate(lines)], buyer)
    for promotion in sorted(promotions, key=lambda one: one.order):
        reason = excluded(promotion, buyer) or _apply(run, promotion)
        if reason is not None:
            run.not_applied.append((promotion, reason))
    return Outcome(
        tuple(lines),
        tuple(tuple(line.discounts) for line in run.lines),
        tuple(run.gifts),
        tuple(run.counted),
        tuple(run.not_applied),
    )


def _apply(run: _Run, promotion: Promotion) -> Reason | None:
    """Apply one promotion to what is open to it, or say why it does nothing."""
    covered = [
        line for line in run.lines if promotion.condition.covers(line.goods.sku, line.goods.category_code)
    ]
    if not covered:
        return Reason.NO_GOODS
    lines = [line for line in covered if not line.closed and (promotion.combinable or not line.touched)]
    if not lines:
        return Reason.LINES_CLOSED
    reason = _unmet(promotion, lines)
    if promotion.kind is Kind.CUMULATIVE:
        run.counted += [Counted(promotion, line.place, line.amount) for line in lines]
    if reason is not None:
        return reason
    reason = _give(run, promotion, lines) if promotion.kind is Kind.GIFT else _take_off(promotion, lines)
    if reason is None and not promotion.combinable:
        for line in lines:
            line.closed = line.closed or line.touched
    return reason


def _unmet(promotion: Promotion, lines: Sequence[Line]) -> Reason | None:
    """The part of the condition that the open lines do not meet."""
    condition = promotion.condition
    amount = sum((line.amount for line in lines), ZERO)
    if sum(line.goods.quantity for line in lines) < (condition.min_quantity or 0):
        return Reason.MIN_QUANTITY
    if amount < (condition.min_amount or ZERO):
        return Reason.MIN_AMOUNT
    if condition.period_amount is not None:
        if promotion.reached + amount < condition.period_amount:
            return Reason.PERIOD_AMOUNT
        if promotion.reward.amount is not None and promotion.reached >= condition.period_amount:
            return Reason.ALREADY_GIVEN  # with the order that reached it
    return None


def _take_off(promotion: Promotion, lines: Sequence[Line]) -> Reason | None:
    uncut = [found for found in DISCOUNTS[promotion.kind](promotion, lines) if found.amount > 0]
    total = sum((found.amount for found in uncut), ZERO)
    if not total:
        return Reason.MIN_QUANTITY if promotion.kind is Kind.BUNDLE else Reason.AT_FLOOR
    left = promotion.left
    if left is None or total <= left:
        for line, amount, pieces in uncut:
            line.take_off(promotion, amount, pieces)
        return None
    if not left:
        return _spent(promotion)
    shares = split(left, [found.amount for found in uncut], [found.amount for found in uncut])
    for (line, _, _), share in zip(uncut, shares, strict=True):
        if share:
            line.take_off(promotion, share)
    return None


def _spent(promotion: Promotion) -> Reason:
    return Reason.CAP_SPENT if promotion.cap_left == promotion.left else Reason.BUDGET_SPENT


def _give(run: _Run, promotion: Promotion, lines: Sequence[Line]) -> Reason | None:
    """Gifts for the units of the open lines, cut to the whole sets that budget and cap leave."""
    gift = promotion.reward.gift
    assert gift is not None
    units = sum(line.goods.quantity for line in lines)
    quantity = gifts_earned(gift, units)
    if not quantity:
        return Reason.MIN_QUANTITY
    price = run.buyer.prices.get(gift.sku, ZERO)
    left = promotion.left
    if left is not None and price * quantity > left:
        quantity = gift.quantity * int(left // (price * gift.quantity))
        if not quantity:
            return _spent(promotion)
    for line in lines:
        line.gifts = True
    places, amounts = tuple(line.place for line in lines), tuple(line.amount for line in lines)
    run.gifts.append(Given(promotion, gift, quantity, money.line_amount(price, quantity), places, amounts))
    return None
