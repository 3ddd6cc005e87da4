"""What buying a little more would bring, computed by the engine that will charge it. Pure.

`gain` is what the enlarged order would cost at the present net price of each unit, less what it will cost; of
a gift, its further units. A step that gains nothing is no hint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from portal.kernel import money
from portal.promotions.discounts import Goods
from portal.promotions.engine import Outcome, apply_promotions
from portal.promotions.rules import Buyer, Kind, Promotion, Reason

HINTS_MAX = 20
TRIED_MAX = 3
"""Lines tried for one promotion. Each trial runs the engine over the whole order, which may have a thousand
lines, so the number of trials does not grow with them.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A line as it would be priced in the quantity of its next price step. rule: whose price it is."""

    place: int
    goods: Goods
    rule: str
    less_each: Decimal


@dataclass(frozen=True, slots=True)
class Hint:
    """What to add, and what it brings.

    Either `quantity` more units of `sku`, or goods for `amount` (¥). rule: number of the policy or contract
    whose step it is, None for a promotion's. less_each: ¥ by which each unit gets cheaper, where each does.
    gift: further (SKU, units) given; gain: ¥.
    """

    rule: str | None = None
    promotion: Promotion | None = None
    sku: str | None = None
    quantity: int | None = None
    amount: Decimal | None = None
    less_each: Decimal | None = None
    gain: Decimal | None = None
    gift: tuple[str, int] | None = None


Reprice = Callable[[int, int], Goods]
"""A line, by its place, as it is priced in another quantity."""


@dataclass(frozen=True, slots=True)
class _Order:
    lines: Sequence[Goods]
    promotions: Sequence[Promotion]
    buyer: Buyer
    outcome: Outcome
    reprice: Reprice

    def with_more(self, place: int, goods: Goods) -> tuple[Outcome, Decimal]:
        """The order with a line enlarged, and what is gained by that."""
        lines = [*self.lines[:place], goods, *self.lines[place + 1 :]]
        outcome = apply_promotions(lines, self.promotions, self.buyer)
        present, quantity = self.outcome.amount(place), self.lines[place].quantity
        added = money.to_fen(present * (goods.quantity - quantity) / quantity)
        return outcome, self.outcome.total + added - outcome.total


def hints(
    outcome: Outcome,
    promotions: Sequence[Promotion],
    buyer: Buyer,
    steps: Iterable[Step],
    reprice: Reprice,
) -> list[Hint]:
    """Hints on an order, at most `HINTS_MAX`: next price steps of its lines, then what its promotions lack.

    steps: the next cheaper step of each line that has one, in whole packs.
    """
    order = _Order(outcome.lines, promotions, buyer, outcome, reprice)
    found: list[Hint] = []
    for hint in (*_of_prices(order, steps), *_of_promotions(order)):
        found.append(hint)
        if len(found) == HINTS_MAX:
            break
    return found


def whole_packs(units: int, pack: int) -> int:
    """The least number of units in whole packs that is at least `units`."""
    return -(-units // pack) * pack


def _of_prices(order: _Order, steps: Iterable[Step]) -> Iterator[Hint]:
    for step in islice(steps, HINTS_MAX):
        _, gain = order.with_more(step.place, step.goods)
        if gain > 0:
            more = step.goods.quantity - order.lines[step.place].quantity
            yield Hint(rule=step.rule, sku=step.goods.sku, quantity=more, less_each=step.less_each, gain=gain)


def _of_promotions(order: _Order) -> Iterator[Hint]:
    reasons = {promotion.number: reason for promotion, reason in order.outcome.not_applied}
    for promotion in sorted(order.promotions, key=lambda one: one.order):
        reason = reasons.get(promotion.number)
        hint = None
        if reason in (Reason.MIN_AMOUNT, Reason.PERIOD_AMOUNT):
            hint = _missing_amount(order, promotion)
        elif reason is Reason.MIN_QUANTITY or (reason is None and promotion.kind in (Kind.GIFT, Kind.BUNDLE)):
            hint = _missing_units(order, promotion)
        if hint is not None:
            yield hint


def _covered(order: _Order, promotion: Promotion) -> list[int]:
    covers = promotion.condition.covers
    return [place for place, line in enumerate(order.lines) if covers(line.sku, line.category_code)]


def _missing_amount(order: _Order, promotion: Promotion) -> Hint | None:
    condition, reward = promotion.condition, promotion.reward
    reached = sum((order.outcome.amount(place) for place in _covered(order, promotion)), money.ZERO)
    if condition.period_amount is not None and promotion.kind is Kind.CUMULATIVE:
        missing = condition.period_amount - promotion.reached - reached
    elif condition.min_amount is not None:
        missing = condition.min_amount - reached
    else:
        return None
    gain = reward.amount
    if promotion.kind is Kind.AMOUNT_OFF or reward.gift is not None:
        return None  # what it brings depends on what is added
    if gain is None:
        assert reward.percent is not None
        gain = money.to_fen((reached + missing) * reward.percent / 100)
    gain = gain if promotion.left is None else min(gain, promotion.left)
    if missing <= 0 or gain <= 0:
        return None
    return Hint(promotion=promotion, amount=missing, gain=gain)


def _missing_units(order: _Order, promotion: Promotion) -> Hint | None:
    """The line that reaches the next step with the fewest units, if more of it brings something."""
    candidates = sorted(_enlarged(order, promotion), key=lambda one: (one[1], one[0]))
    for place, more in candidates[:TRIED_MAX]:
        goods = order.reprice(place, order.lines[place].quantity + more)
        outcome, gain = order.with_more(place, goods)
        if promotion.kind is Kind.GIFT:
            gift = promotion.reward.gift
            assert gift is not None
            units = _given(outcome, promotion) - _given(order.outcome, promotion)
            if units > 0:
                return Hint(promotion=promotion, sku=goods.sku, quantity=more, gift=(gift.sku, units))
        elif _taken_off(outcome, promotion) > _taken_off(order.outcome, promotion) and gain > 0:
            each = None
            if promotion.kind in (Kind.PERCENT_OFF, Kind.AMOUNT_OFF):
                off = _taken_off_line(outcome, place, promotion)
                each = money.to_fen(off / goods.quantity)
            return Hint(promotion=promotion, sku=goods.sku, quantity=more, less_each=each, gain=gain)
    return None


def _enlarged(order: _Order, promotion: Promotion) -> Iterator[tuple[int, int]]:
    """Places of lines and the units each would have to grow by, in whole packs."""
    places = _covered(order, promotion)
    units = sum(order.lines[place].quantity for place in places)
    least = promotion.condition.min_quantity or 0
    gift = promotion.reward.gift
    if promotion.kind is Kind.BUNDLE:
        fewest = min((order.lines[place].quantity for place in places), default=0)
        places = [place for place in places if order.lines[place].quantity == fewest]
        missing = 1 if len(places) == 1 else 0
    elif gift is not None and gift.for_each is not None and units >= least:
        missing = gift.for_each - units % gift.for_each
    else:
        missing = least - units
    if missing > 0:
        for place in places:
            yield (
                place,
                whole_packs(order.lines[place].quantity + missing, order.lines[place].pack)
                - (order.lines[place].quantity),
            )


def _given(outcome: Outcome, promotion: Promotion) -> int:
    return sum(one.quantity for one in outcome.gifts if one.promotion.number == promotion.number)


def _taken_off(outcome: Outcome, promotion: Promotion) -> Decimal:
    places = range(len(outcome.lines))
    return sum((_taken_off_line(outcome, place, promotion) for place in places), money.ZERO)


def _taken_off_line(outcome: Outcome, place: int, promotion: Promotion) -> Decimal:
    found = (one.amount for one in outcome.discounts[place] if one.promotion.number == promotion.number)
    return sum(found, money.ZERO)
