"""The promotions upon an order: discounts on its lines, gifts as lines of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.dealers.queries import DealerFacts
from portal.kernel import money
from portal.orders.lines import AssessedLine
from portal.orders.offered import InForce
from portal.orders.queries import has_ordered
from portal.orders.rules import Demand
from portal.pricing.queries import Offer, offers
from portal.pricing.receipts import GIFT, PROMOTION
from portal.pricing.stages import Band, Price
from portal.promotions.discounts import Discount, Goods, Piece
from portal.promotions.engine import Given, Outcome, apply_promotions
from portal.promotions.hints import Hint, Step, hints, whole_packs
from portal.promotions.rules import Buyer, Promotion
from portal.promotions.running import running
from portal.promotions.use import Use, uses


@dataclass(frozen=True, slots=True)
class Promoted:
    """An order's lines after its promotions.

    lines: those that were ordered, as they stood in the order. gifts: offers of what is given, by SKU.
    """

    dealer: DealerFacts
    lines: tuple[AssessedLine, ...]
    outcome: Outcome
    promotions: tuple[Promotion, ...]
    buyer: Buyer
    gifts: Mapping[str, Offer]
    floors: Mapping[str, Decimal]

    def giving(self, gifts: Iterable[Given]) -> Promoted:
        """The same with the gifts that the order really gets; they stand behind its lines, in this order."""
        return replace(self, outcome=replace(self.outcome, gifts=tuple(gifts)))

    def uses(self) -> list[Use]:
        """What the lines of the order have of promotions."""
        after = len(self.lines) + 1
        return uses(self.outcome, {place: after + place for place in range(len(self.outcome.gifts))})

    def hints(self) -> list[Hint]:
        """What buying a little more would bring."""
        return hints(self.outcome, self.promotions, self.buyer, self._steps(), self._reprice)

    def _reprice(self, place: int, quantity: int) -> Goods:
        offer = self.lines[place].offer
        return _goods(offer, offer.price(quantity, self.dealer), quantity, self.floors)

    def _steps(self) -> Iterator[Step]:
        """Made one by one: no more are asked for than are shown."""
        return (step for place in range(len(self.lines)) if (step := self._next_step(place)) is not None)

    def _next_step(self, place: int) -> Step | None:
        """The next quantity, in whole packs, from which a unit of the line is cheaper."""
        line = self.lines[place]
        for step in line.price.breaks_beyond(line.demand.quantity):
            more = whole_packs(step.min_quantity, line.offer.pack_multiple)
            then = line.offer.price(more, self.dealer)
            if then.unit_price < line.price.unit_price:
                goods = _goods(line.offer, then, more, self.floors)
                return Step(place, goods, then.policy or "", line.price.unit_price - then.unit_price)
        return None


def promote(
    session: Session,
    *,
    dealer: DealerFacts,
    lines: Sequence[AssessedLine],
    at: datetime,
    today: date,
    in_force: InForce,
    lock: bool = False,
    margin_days: int = 1,
) -> Promoted:
    """Apply what runs for the dealer to priced lines.

    lock: hold budgets and lots until the commit. Only an order that takes of them waits for others that do:
    what another takes meanwhile leaves less, and an order that takes nothing of more takes nothing of less.
    """
    known = {line.offer.sku: line.offer for line in lines}

    def applied(promotions: Iterable[Promotion]) -> Promoted:
        concerned = [one for one in promotions if _concerns(one, lines)]
        missing = {one.reward.gift.sku for one in concerned if one.reward.gift is not None} - known.keys()
        if missing:
            known.update(
                offers(
                    session, dealer=dealer, skus=sorted(missing), at=at, today=today, margin_days=margin_days
                )
            )
        first = any(one.condition.first_order for one in concerned) and not has_ordered(session, dealer.id)
        return _promoted(dealer, lines, concerned, known, in_force.floors, first=first)

    found = applied(in_force.promotions)
    if lock and found.outcome.draws_on_limits:
        found = applied(
            running(session, dealer=dealer, at=at, skus=[line.offer.sku for line in lines], lock=True)
        )
    return found


def _promoted(
    dealer: DealerFacts,
    lines: Sequence[AssessedLine],
    promotions: Sequence[Promotion],
    known: Mapping[str, Offer],
    lowest: Mapping[str, Decimal],
    *,
    first: bool,
) -> Promoted:
    """The lines after the promotions that concern them. known: offers of all goods and gifts."""
    given = {one.reward.gift.sku for one in promotions if one.reward.gift is not None}
    gifts = {sku: known[sku] for sku in given if sku in known and known[sku].list_price is not None}
    buyer = Buyer(first, {sku: offer.price(1, dealer).unit_price for sku, offer in gifts.items()})
    goods = [_goods(line.offer, line.price, line.demand.quantity, lowest) for line in lines]
    outcome = apply_promotions(goods, [one for one in promotions if _can_be_given(one, gifts)], buyer)
    priced = tuple(_after(line, outcome, place) for place, line in enumerate(lines))
    return Promoted(dealer, priced, outcome, tuple(promotions), buyer, gifts, lowest)


def _concerns(promotion: Promotion, lines: Sequence[AssessedLine]) -> bool:
    return any(promotion.condition.covers(line.offer.sku, line.offer.category_code) for line in lines)


def _can_be_given(promotion: Promotion, gifts: Mapping[str, Offer]) -> bool:
    gift = promotion.reward.gift
    return gift is None or (gift.sku in gifts and gifts[gift.sku].state == "active")


def _goods(offer: Offer, price: Price, quantity: int, lowest: Mapping[str, Decimal]) -> Goods:
    pieces = tuple([Piece(band.quantity, band.unit_price) for band in price.bands])
    return Goods(offer.sku, offer.category_code, quantity, pieces, offer.pack_multiple, lowest.get(offer.sku))


def _after(line: AssessedLine, outcome: Outcome, place: int) -> AssessedLine:
    """A line with its discounts, each a step of its receipt."""
    discounts = outcome.discounts[place]
    if not discounts:
        return line
    amount = outcome.amount(place)
    steps = tuple(discount_step(one, line.price.unit_price) for one in discounts)
    return replace(
        line,
        price=replace(line.price, receipt=(*line.price.receipt, *steps)),
        discounts=discounts,
        amount=amount,
        tax=money.tax_within(amount, line.offer.vat_rate),
    )


def discount_step(one: Discount, unit_price: Decimal) -> dict[str, object]:
    """What a discount adds to the receipt of its line."""
    reward = one.promotion.reward
    value = reward.percent if reward.percent is not None else reward.amount
    assert value is not None  # only gifts have neither, and they take nothing off
    effect: dict[str, object] = {
        "kind": PROMOTION,
        "promotion": str(one.promotion.kind),
        "reward": "percent" if reward.percent is not None else "amount",
        "value": money.as_text(value),
        "discount": money.as_text(one.amount),
    }
    return _step(one.promotion, effect, unit_price)


def gift_line(given: Given, offer: Offer, pointer: str) -> AssessedLine:
    """A gift as a line of the order: it costs nothing, and its receipt says what earned it."""
    assert offer.list_price is not None
    gift, condition = given.gift, given.promotion.condition
    effect: dict[str, object] = {
        "kind": GIFT,
        "quantity": gift.quantity,
        "for_each": gift.for_each,
        "min_quantity": condition.min_quantity,
        "earned_by": [place + 1 for place in given.earned_by],
        "value": money.as_text(given.value),
    }
    if condition.min_amount is not None:
        effect["min_amount"] = money.as_text(condition.min_amount)
        effect["amounts"] = [money.as_text(amount) for amount in given.amounts]
    start: dict[str, object] = {
        "rule": "list",
        "policy": None,
        "version": None,
        "effect": None,
        "unit_price": money.as_text(offer.list_price),
    }
    receipt = (start, _step(given.promotion, effect, money.ZERO))
    bands = (Band(given.quantity, money.ZERO, None),)
    price = Price(money.ZERO, offer.list_price, (), None, None, receipt, bands)
    return AssessedLine(
        Demand(offer.sku, given.quantity, pointer), offer, price, money.ZERO, money.ZERO, (), given
    )


def _step(promotion: Promotion, effect: dict[str, object], unit_price: Decimal) -> dict[str, object]:
    return {
        "rule": PROMOTION,
        "policy": promotion.number,
        "version": 1,
        "effect": effect,
        "unit_price": money.as_text(unit_price),
    }
