"""What promotions took off each order: docs/promotions.md and the head of
docs/examples/prices_promotions.yaml.

Orders are taken one after another as they were placed, since budgets, limits and what a dealer has reached go
from one to the next; what a cancellation gave back is there again from its moment on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, text

from tests.recount.compared import Compared, asked, fen, running, streamed
from tests.recount.prices import Prices

_NOTHING = Decimal("0.00")

# Lines of all orders for which a promotion may have run, as they were placed; the gifts are looked at apart.
_LINES = """
    SELECT o.dealer_id, o.id AS order_id, o.number, o.placed_at, o.placed_at::date AS day, o.cancelled_at,
           l.line_no, l.product_id, l.quantity, l.cancelled, l.gift
      FROM sales_order o
      JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
     WHERE EXISTS (SELECT FROM promotion p
                    WHERE p.published_at IS NOT NULL AND o.placed_at >= p.valid_from
                      AND o.placed_at < coalesce(p.withdrawn_at, p.valid_to))
       AND NOT EXISTS (SELECT FROM return_request x
                        WHERE (x.dealer_id, x.replacement_no) = (o.dealer_id, o.number))
     ORDER BY o.placed_at, o.dealer_id, o.id, l.line_no
"""
_USES = "SELECT dealer_id, order_id, line_no, promotion_id, amount, counted FROM promotion_use"
_GIVEN_BACK = """
    SELECT o.dealer_id, o.id AS order_id, min(a.at) AS at
      FROM audit_event a JOIN sales_order o ON (o.dealer_id, o.number) = (a.dealer_id, a.subject)
     WHERE a.action = 'order:cancelled' GROUP BY 1, 2
"""
_DISCOUNTS = """
    SELECT o.number || ' line ' || l.line_no, coalesce(sum(u.amount) FILTER (WHERE NOT l.gift), 0), l.discount
      FROM order_line l
      JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
      LEFT JOIN promotion_use u ON (u.dealer_id, u.order_id, u.line_no) = (l.dealer_id, l.order_id, l.line_no)
     GROUP BY o.number, l.dealer_id, l.order_id, l.line_no
"""
# Of a use counts what was not cancelled: units go from the back, R(quantity − cancelled).
_LEFT = """
    WITH used AS (
      SELECT dealer_id, promotion_id, lot_units, cancelled, quantity,
             round(amount * (quantity - cancelled) / quantity, 2) AS amount,
             round(counted * (quantity - cancelled) / quantity, 2) AS counted
        FROM promotion_use)
"""
_OF_DEALERS = (
    _LEFT
    + """
    SELECT p.number || ' dealer ' || d.dealer_id,
           coalesce(sum(u.amount), 0) || ' ' || coalesce(sum(u.counted), 0), d.spent || ' ' || d.reached
      FROM promotion_dealer d
      JOIN promotion p ON p.id = d.promotion_id
      LEFT JOIN used u ON (u.dealer_id, u.promotion_id) = (d.dealer_id, d.promotion_id)
     GROUP BY p.number, d.dealer_id, d.promotion_id, d.spent, d.reached
"""
)
_OF_BUDGETS = (
    _LEFT
    + """
    SELECT p.number, coalesce(sum(u.amount), 0), b.spent
      FROM promotion_budget b
      JOIN promotion p ON p.id = b.promotion_id
      LEFT JOIN used u ON u.promotion_id = b.promotion_id
     GROUP BY p.number, b.spent
"""
)


@dataclass(slots=True)
class Line:
    """A line of an order under promotions: its units by what each of them costs at this moment."""

    no: int
    product: int
    bands: list[tuple[int, Decimal]]
    floor: Decimal
    off: Decimal = _NOTHING  # what shares of amounts took off, beside the units' prices
    touched: bool = False
    closed: bool = False

    @property
    def units(self) -> int:
        """How many units there are."""
        return sum(units for units, _ in self.bands)

    @property
    def amount(self) -> Decimal:
        """What the line costs at this moment."""
        return sum((units * price for units, price in self.bands), _NOTHING) - self.off

    def room(self) -> Decimal:
        """How much can be taken off before the floor is reached."""
        return max(self.amount - self.units * self.floor, _NOTHING)


@dataclass(slots=True)
class Standing:
    """What promotions have had of each other: spent in all and by dealer, reached, used of lots."""

    spent: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    of_dealer: dict[tuple[int, int], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    reached: dict[tuple[int, int], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    lots: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))


class Promotions:
    """The published promotions, in the order in which they are applied."""

    def __init__(self, rows: Connection, prices: Prices) -> None:
        self.prices = prices
        self._all = rows.execute(
            text(
                "SELECT *, coalesce(withdrawn_at, valid_to) AS ends FROM promotion"
                " WHERE published_at IS NOT NULL"
                " ORDER BY kind = 'order_amount_off', priority, published_at, id"
            )
        ).all()
        taking_part = rows.execute(
            text("SELECT dealer_id, promotion_id, registered_at, cap FROM promotion_dealer")
        ).all()
        self._registered = {(row.dealer_id, row.promotion_id): row.registered_at for row in taking_part}
        self._caps = {(row.dealer_id, row.promotion_id): row.cap for row in taking_part}
        self._lots = dict(
            rows.execute(
                text("SELECT promotion_id, array_agg(ARRAY[product_id, units]) FROM promotion_lot GROUP BY 1")
            ).all()
        )
        self._budgets = dict(rows.execute(text("SELECT promotion_id, budget FROM promotion_budget")).all())
        self._first = dict(
            rows.execute(text("SELECT dealer_id, min(placed_at) FROM sales_order GROUP BY 1")).all()
        )
        self._by_id = {promotion.id: promotion for promotion in self._all}
        self._packs = dict(rows.execute(text("SELECT id, pack_multiple FROM product")).all())
        self.standing = Standing()

    def apply(
        self, dealer: int, at: datetime, day: Any, lines: Sequence[Line]
    ) -> tuple[dict[tuple[int, int], tuple[Decimal, Decimal]], dict[int, int]]:
        """What each promotion takes off each line and what counts in it,
        by line and promotion; gifts earned."""
        uses: dict[tuple[int, int], tuple[Decimal, Decimal]] = {}
        earned: dict[int, int] = {}
        for promotion in self._all:
            if not self._is_for(promotion, dealer, at, day):
                continue
            fit = [
                line
                for line in lines
                if self._concerns(promotion, line.product)
                and not line.closed
                and (promotion.combinable or not line.touched)
            ]
            if not fit:
                continue
            key = (dealer, promotion.id)
            counted = {line.no: line.amount for line in fit} if promotion.kind == "cumulative" else {}
            given = self._given(promotion, dealer, fit) if self._met(promotion, fit) else {}
            for line in fit:
                if line.no in given or line.no in counted:
                    uses[line.no, promotion.id] = (
                        given.get(line.no, _NOTHING),
                        counted.get(line.no, _NOTHING),
                    )
            self.standing.spent[promotion.id] += sum(given.values(), _NOTHING)
            self.standing.of_dealer[key] += sum(given.values(), _NOTHING)
            self.standing.reached[key] += sum(counted.values(), _NOTHING)
            earning = []
            if promotion.kind == "gift" and self._met(promotion, fit):
                earning = fit if (units := self._earned(promotion, fit)) else []
                earned[promotion.id] = units
            for line in fit:
                if line.no in given or line in earning:
                    line.touched = True
                    line.closed |= not promotion.combinable
        return uses, earned

    def valued(self, dealer: int, promotion: int, units: int, at: datetime, day: Any) -> Decimal:
        """What units of a gift are worth: at the dealer's own price of the smallest quantity."""
        product = self._by_id[promotion].gift_product_id
        [(_, price)] = self.prices.bands(dealer, product, self._packs[product], at, day)[:1] or [
            (0, _NOTHING)
        ]
        return units * price

    def spend(self, dealer: int, promotion: int, amount: Decimal) -> None:
        """What was given as goods counts to the budget too."""
        self.standing.spent[promotion] += amount
        self.standing.of_dealer[dealer, promotion] += amount

    def set_of(self, promotion: int) -> int:
        """Units of a set of a gift."""
        return int(self._by_id[promotion].gift_quantity)

    @staticmethod
    def _earned(promotion: Any, fit: Sequence[Line]) -> int:
        sets = sum(line.units for line in fit) // promotion.gift_for_each if promotion.gift_for_each else 1
        return int(sets * promotion.gift_quantity)

    def _is_for(self, promotion: Any, dealer: int, at: datetime, day: Any) -> bool:
        prices = self.prices
        joined = self._registered.get((dealer, promotion.id))
        return (
            promotion.valid_from <= at < promotion.ends
            and (not promotion.dealer_ids or dealer in promotion.dealer_ids)
            and (not promotion.tiers or prices.tier(dealer, day) in promotion.tiers)
            and (
                not promotion.region_ids
                or any(prices.inside(prices.region(dealer, day), region) for region in promotion.region_ids)
            )
            and (not promotion.registration_required or (joined is not None and joined <= at))
            and (not promotion.first_order or self._first[dealer] >= at)
        )

    def _concerns(self, promotion: Any, product: int) -> bool:
        if promotion.product_ids:
            return product in promotion.product_ids
        return promotion.category_code is None or self.prices.within(
            self.prices.category[product], promotion.category_code
        )

    def _met(self, promotion: Any, fit: Sequence[Line]) -> bool:
        return (
            promotion.min_quantity is None or sum(line.units for line in fit) >= promotion.min_quantity
        ) and (promotion.min_amount is None or sum(line.amount for line in fit) >= promotion.min_amount)

    def _given(self, promotion: Any, dealer: int, fit: Sequence[Line]) -> dict[int, Decimal]:
        """What a promotion takes off by line, and the lines after it."""
        match promotion.kind:
            case "percent_off" | "amount_off":
                return self._off_units(promotion, dealer, fit)
            case "cumulative":
                reached = self.standing.reached[dealer, promotion.id] + sum(line.amount for line in fit)
                if reached < promotion.period_amount:
                    return {}
                if promotion.reward_percent is not None:
                    return self._off_units(promotion, dealer, fit)
                if self.standing.reached[dealer, promotion.id] >= promotion.period_amount:
                    return {}
                return self._split(
                    promotion, dealer, promotion.reward_amount, {line.no: line.amount for line in fit}, fit
                )
            case "order_amount_off":
                whole = sum((line.amount for line in fit), _NOTHING)
                amount = promotion.reward_amount
                if promotion.reward_percent is not None:
                    amount = fen(whole * promotion.reward_percent / 100)
                return self._split(
                    promotion, dealer, min(amount, whole), {line.no: line.amount for line in fit}, fit
                )
            case "bundle":
                return self._off_sets(promotion, dealer, fit)
        return {}

    def _off_units(self, promotion: Any, dealer: int, fit: Sequence[Line]) -> dict[int, Decimal]:
        bands_after: dict[int, list[tuple[int, Decimal]]] = {}
        uncut: dict[int, Decimal] = {}
        lot_units = self._lot_units(promotion)
        for line in fit:
            left = line.units if lot_units is None else min(line.units, lot_units.get(line.product, 0))
            after: list[tuple[int, Decimal]] = []
            for units, price in line.bands:
                taken = min(units, left)
                left -= taken
                after += [(taken, self._cheaper(promotion, line, price))] if taken else []
                after += [(units - taken, price)] if units > taken else []
            off = sum(n * p for n, p in line.bands) - sum(n * p for n, p in after)
            if off:
                uncut[line.no] = off
                bands_after[line.no] = after
        given = self._cut(promotion, dealer, uncut)
        for line in fit:
            if line.no in given:
                if given is uncut:
                    line.bands = bands_after[line.no]
                    if lot_units is not None:
                        self.standing.lots[promotion.id, line.product] += min(
                            line.units, lot_units.get(line.product, 0)
                        )
                else:
                    line.off += given[line.no]
        return given

    def _lot_units(self, promotion: Any) -> dict[int, int] | None:
        if promotion.id not in self._lots:
            return None
        left: dict[int, int] = defaultdict(int)
        for product, units in self._lots[promotion.id]:
            left[product] += units
        return {product: units - self.standing.lots[promotion.id, product] for product, units in left.items()}

    def _cheaper(self, promotion: Any, line: Line, price: Decimal) -> Decimal:
        if promotion.reward_percent is not None:
            after = fen(price * (100 - promotion.reward_percent) / 100)
        else:
            after = max(price - promotion.reward_amount, _NOTHING)
        floor = _NOTHING if promotion.may_pass_floor else line.floor
        return min(price, max(after, floor))

    def _off_sets(self, promotion: Any, dealer: int, fit: Sequence[Line]) -> dict[int, Decimal]:
        of_product = {line.product: line for line in fit}
        if set(promotion.product_ids) - set(of_product):
            return {}
        sets = min(line.units for line in of_product.values())
        in_sets = {line.no: self._first_units(line, sets) for line in of_product.values()}
        if promotion.reward_amount is not None:
            return self._split(promotion, dealer, sets * promotion.reward_amount, in_sets, fit)
        share = Fraction(promotion.reward_percent) / 100
        return self._split(promotion, dealer, fen(sum(map(Fraction, in_sets.values())) * share), in_sets, fit)

    @staticmethod
    def _first_units(line: Line, units: int) -> Decimal:
        whole, left = _NOTHING, units
        for count, price in line.bands:
            whole += min(count, left) * price
            left -= min(count, left)
        return whole

    def _split(
        self, promotion: Any, dealer: int, amount: Decimal, weights: dict[int, Decimal], fit: Sequence[Line]
    ) -> dict[int, Decimal]:
        room = {line.no: line.amount if promotion.may_pass_floor else line.room() for line in fit}
        amount = min(amount, sum(room.values(), _NOTHING))
        given = self._cut(promotion, dealer, _in_proportion(amount, weights, room))
        for line in fit:
            line.off += given.get(line.no, _NOTHING)
        return given

    def _cut(self, promotion: Any, dealer: int, uncut: dict[int, Decimal]) -> dict[int, Decimal]:
        whole = sum(uncut.values(), _NOTHING)
        left = whole
        if (budget := self._budgets.get(promotion.id)) is not None:
            left = min(left, budget - self.standing.spent[promotion.id])
        if (cap := self._caps.get((dealer, promotion.id), promotion.per_dealer_cap)) is not None:
            left = min(left, cap - self.standing.of_dealer[dealer, promotion.id])
        return uncut if left >= whole else _in_proportion(max(left, _NOTHING), uncut)


def recount(rows: Connection) -> Iterator[Compared]:
    """Each use of a promotion, the units of gifts, discounts of lines, what was spent and reached."""
    yield from asked(rows, "discount of a line", _DISCOUNTS)
    yield from asked(rows, "spent and reached by a dealer", _OF_DEALERS)
    yield from asked(rows, "spent of a budget", _OF_BUDGETS)
    prices = Prices(rows)
    promotions = Promotions(rows, prices)
    uses: dict[tuple[int, int], dict[tuple[int, int], tuple[Decimal, Decimal]]] = defaultdict(dict)
    for use in streamed(rows, _USES):
        uses[use.dealer_id, use.order_id][use.line_no, use.promotion_id] = (use.amount, use.counted)
    given_back = {(row.dealer_id, row.order_id): row.at for row in rows.execute(text(_GIVEN_BACK))}
    waiting: list[tuple[datetime, int, dict[Any, Any], dict[int, Any]]] = []
    for (dealer, order), group in groupby(streamed(rows, _LINES), lambda row: (row.dealer_id, row.order_id)):
        lines = list(group)
        head = lines[0]
        _give_back(promotions.standing, waiting, head.placed_at)
        bought = [
            Line(
                line.line_no,
                line.product_id,
                prices.bands(dealer, line.product_id, line.quantity, line.placed_at, line.day),
                prices.floor(line.product_id, line.placed_at),
            )
            for line in lines
            if not line.gift
        ]
        meant, earned = promotions.apply(dealer, head.placed_at, head.day, bought)
        kept = uses.pop((dealer, order), {})
        gifts = {line.line_no: line.quantity for line in lines if line.gift}
        for key in sorted(meant.keys() | {key for key in kept if key[0] not in gifts}):
            yield Compared(
                "promotion on a line",
                f"{head.number} line {key[0]} promotion {key[1]}",
                meant.get(key),
                kept.get(key),
            )
        for (no, promotion), (amount, _) in kept.items():
            if no in gifts:  # a warehouse that lacks some gives whole sets of what is earned
                worth = promotions.valued(dealer, promotion, gifts[no], head.placed_at, head.day)
                whole_sets = gifts[no] % promotions.set_of(promotion) == 0
                yield Compared(
                    "gift",
                    f"{head.number} line {no} promotion {promotion}",
                    (worth, True, True),
                    (amount, gifts[no] <= earned.get(promotion, 0), whole_sets),
                )
                promotions.spend(dealer, promotion, amount)
        if (dealer, order) in given_back:
            quantities = {line.line_no: (line.quantity, line.cancelled) for line in lines}
            waiting.append((given_back[dealer, order], dealer, kept, quantities))
    for (_, order), kept in uses.items():
        for key, use in kept.items():
            yield Compared(
                "promotion on a line", f"order {order} line {key[0]} promotion {key[1]}", None, use
            )


def _give_back(standing: Standing, waiting: list[Any], now: datetime) -> None:
    """What was cancelled by now is there again."""
    for entry in [one for one in waiting if one[0] <= now]:
        waiting.remove(entry)
        _, dealer, meant, quantities = entry
        for (line, promotion), (amount, counted) in meant.items():
            quantity, cancelled = quantities[line]
            back = amount - running(amount, quantity - cancelled, quantity)
            standing.spent[promotion] -= back
            standing.of_dealer[dealer, promotion] -= back
            standing.reached[dealer, promotion] -= counted - running(counted, quantity - cancelled, quantity)


def _in_proportion(
    amount: Decimal, weights: dict[int, Decimal], room: dict[int, Decimal] | None = None
) -> dict[int, Decimal]:
    """Each share half-up, none beyond its room; what is over or missing goes to the largest,
      of equals the first,
    and on to the next where that has no room.
    """
    whole = sum(map(Fraction, weights.values()))
    if not whole or not amount:
        return {}
    most = room or weights
    shares = {
        key: min(fen(Fraction(amount) * Fraction(weight) / whole), most[key])
        for key, weight in weights.items()
    }
    missing = amount - sum(shares.values(), _NOTHING)
    for key in sorted(weights, key=lambda key: -weights[key]):
        moved = max(-shares[key], min(missing, most[key] - shares[key]))
        shares[key] += moved
        missing -= moved
    return {key: share for key, share in shares.items() if share}
