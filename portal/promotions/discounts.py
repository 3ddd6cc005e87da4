"""What each kind of promotion would take off the lines that are open to it, before any limit. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from portal.kernel import money
from portal.kernel.money import ZERO
from portal.promotions.rules import Kind, Promotion


class Piece(NamedTuple):
    """Units of a line that cost the same."""

    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Goods:
    """A line as it is priced before promotions. floor: lowest unit price, None without one."""

    sku: str
    category_code: str
    quantity: int
    pieces: tuple[Piece, ...]
    pack: int = 1
    floor: Decimal | None = None

    @property
    def amount(self) -> Decimal:
        """¥ of the line, VAT included."""
        return sum((money.line_amount(price, quantity) for quantity, price in self.pieces), ZERO)


class Discount(NamedTuple):
    """What one promotion takes off a line: ¥, VAT included."""

    promotion: Promotion
    amount: Decimal


@dataclass(slots=True)
class Line:
    """A line on its way. lump: ¥ that were taken off as an amount, not per unit."""

    place: int
    goods: Goods
    pieces: list[Piece]
    amount: Decimal
    closed: bool = False
    discounts: list[Discount] = field(default_factory=list)
    gifts: bool = False

    @property
    def touched(self) -> bool:
        return bool(self.discounts) or self.gifts

    def take_off(self, promotion: Promotion, amount: Decimal, pieces: list[Piece] | None = None) -> None:
        """Take an amount off. pieces: the units at their new prices, where it is a discount per unit."""
        self.discounts.append(Discount(promotion, amount))
        self.amount -= amount
        self.pieces = pieces or [Piece(self.goods.quantity, money.to_fen(self.amount / self.goods.quantity))]

    def lowest(self, promotion: Promotion) -> Decimal:
        """The unit price below which the promotion may not take the line."""
        return ZERO if promotion.may_pass_floor or self.goods.floor is None else self.goods.floor


class Uncut(NamedTuple):
    """What a promotion would take off one line, and the line's units at their new prices (None: a lump)."""

    line: Line
    amount: Decimal
    pieces: list[Piece] | None


def _per_unit(promotion: Promotion, lines: Sequence[Line]) -> list[Uncut]:
    """A percentage or an amount off each unit; bound to lots, off as many units as they have."""
    available: dict[str, int] = {}
    for lot in promotion.condition.lots:
        available[lot.sku] = available.get(lot.sku, 0) + lot.available
    found = []
    for line in lines:
        units = line.goods.quantity
        if promotion.condition.lots:
            units = min(units, available.get(line.goods.sku, 0))
        if units:
            found.append(_cheaper(promotion, line, units))
    return found


def _cheaper(promotion: Promotion, line: Line, units: int) -> Uncut:
    """The first `units` of a line at the promotion's price."""
    pieces: list[Piece] = []
    amount = ZERO
    for quantity, price in line.pieces:
        taken = min(units, quantity)
        units -= taken
        new = min(price, max(_unit_price(promotion, price), line.lowest(promotion)))
        amount += (price - new) * taken
        pieces += [Piece(many, each) for many, each in ((taken, new), (quantity - taken, price)) if many]
    return Uncut(line, min(amount, line.amount), pieces)


def _unit_price(promotion: Promotion, price: Decimal) -> Decimal:
    if promotion.reward.percent is not None:
        return money.discounted(price, promotion.reward.percent)
    assert promotion.reward.amount is not None  # a reward has one of the two, or a gift
    return max(ZERO, money.to_fen(price - promotion.reward.amount))


def _bundle(promotion: Promotion, lines: Sequence[Line]) -> list[Uncut]:
    """An amount (or a percentage) off each complete set, by the prices of the units in the set."""
    by_sku = {line.goods.sku: line for line in lines}
    if promotion.condition.skus - by_sku.keys():
        return []
    sets = min(line.goods.quantity for line in lines)
    prices = [_dearest(line, sets) for line in lines]
    whole = sum(prices, ZERO)
    if promotion.reward.percent is not None:
        amount = money.to_fen(whole * promotion.reward.percent / 100)
    else:
        assert promotion.reward.amount is not None
        amount = promotion.reward.amount * sets
    return _lump(promotion, lines, min(amount, whole), prices)


def _dearest(line: Line, units: int) -> Decimal:
    """¥ of the first `units` of a line."""
    amount = ZERO
    for quantity, price in line.pieces:
        taken = min(units, quantity)
        amount, units = amount + price * taken, units - taken
    return amount


def _cumulative(promotion: Promotion, lines: Sequence[Line]) -> list[Uncut]:
    if promotion.reward.percent is not None:
        return _per_unit(promotion, lines)
    return _on_the_order(promotion, lines)


def _on_the_order(promotion: Promotion, lines: Sequence[Line]) -> list[Uncut]:
    """An amount (or a percentage) off what the lines come to, by their amounts."""
    amounts = [line.amount for line in lines]
    whole = sum(amounts, ZERO)
    if promotion.reward.percent is not None:
        amount = money.to_fen(whole * promotion.reward.percent / 100)
    else:
        assert promotion.reward.amount is not None
        amount = promotion.reward.amount
    return _lump(promotion, lines, min(amount, whole), amounts)


def _lump(
    promotion: Promotion, lines: Sequence[Line], amount: Decimal, weights: Sequence[Decimal]
) -> list[Uncut]:
    """An amount split over lines, each taking no more than its floor leaves."""
    room = [max(ZERO, line.amount - line.lowest(promotion) * line.goods.quantity) for line in lines]
    shares = split(min(amount, sum(room, ZERO)), weights, room)
    return [Uncut(line, share, None) for line, share in zip(lines, shares, strict=True)]


DISCOUNTS: Mapping[Kind, Callable[[Promotion, Sequence[Line]], list[Uncut]]] = {
    Kind.PERCENT_OFF: _per_unit,
    Kind.AMOUNT_OFF: _per_unit,
    Kind.BUNDLE: _bundle,
    Kind.CUMULATIVE: _cumulative,
    Kind.ORDER_AMOUNT_OFF: _on_the_order,
}


def split(amount: Decimal, weights: Sequence[Decimal], room: Sequence[Decimal]) -> list[Decimal]:
    """Split an amount in proportion to `weights`: each share half-up to the fen, none beyond its `room`.

    What is over or missing goes to the largest weight, of equals the first, and on to the next where that has
    no room. `amount` is at most the sum of `room`.
    """
    whole = sum(weights, ZERO)
    if not whole or not amount:
        return [ZERO for _ in weights]
    shares = [
        min(money.to_fen(amount * weight / whole), most) for weight, most in zip(weights, room, strict=True)
    ]
    missing = amount - sum(shares, ZERO)
    for place in sorted(range(len(shares)), key=lambda one: (-weights[one], one)):
        moved = max(-shares[place], min(missing, room[place] - shares[place]))
        shares[place] += moved
        missing -= moved
    return shares
