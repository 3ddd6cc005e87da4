"""Seven months of past orders: the rhythm of a real wholesaler, played by the demo dealers on the demo
devices.

Each purchase of the source becomes an order: its month is moved so that the last month of the source is the
current one, its customer becomes a dealer, each item the device of the same rank of popularity. Credits
within a day of the purchase that touch a good part of it cancel the order, all others become returns.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random

from demo.past.fulfilment import follow, pay
from demo.past.orders import RETURN_REASONS, Line, Order, Return
from demo.past.quantities import ordered_quantity
from demo.past.rhythm import Purchase, month_of, read_purchases
from demo.source.catalogue import Device
from demo.world.business_days import MONTHS, local_date, moment, month_start, office_time, working_days
from demo.world.network import FIXED, Dealer
from demo.world.policies import BEST_SELLERS

CHANNELS = (("portal", 0.86), ("api", 0.10), ("staff", 0.04))
CANCELLED_WITHIN = timedelta(days=1)
CANCELLED_SHARE = 0.25  # of the lines
# Small dealers do not buy a tomograph: highest list price (CNY) of a device by tier.
DEAREST_DEVICE = {"S": 500_000, "A": 200_000, "B": 40_000, "C": 15_000}
_REASONS = tuple(RETURN_REASONS)


def build_history(
    devices: Sequence[Device],
    ranking: Sequence[int],
    dealers: Sequence[Dealer],
    *,
    now: datetime,
    seed: int = 1,
) -> list[Order]:
    """All orders up to `now` (UTC) in order of time.

    `ranking` holds indices into `devices`, the best seller first.
    """
    purchases = read_purchases(seed)
    dealer_of = assign_customers(purchases, dealers)
    items = 1 + max(max(purchase.lines) for purchase in purchases)
    calendar = Calendar(purchases, now)
    player = _Player(devices, ranking, items, calendar, now, seed)
    placed = sorted((calendar.moved(purchase.at), index) for index, purchase in enumerate(purchases))
    numbers: Counter[int] = Counter()
    orders = []
    for at, index in placed:
        if at > now:
            break
        purchase = purchases[index]
        dealer = dealers[dealer_of[purchase.customer]]
        numbers[dealer.index] += 1
        order = player.play(purchase, dealer, at, f"PO{at:%y%m}-{numbers[dealer.index]:04d}")
        if order:
            orders.append(order)
    return orders


def assign_customers(purchases: Sequence[Purchase], dealers: Sequence[Dealer]) -> dict[int, int]:
    """Dealer of each source customer, so that orders fall to dealers in proportion to their volume.

    The busiest customer comes first, each goes to the dealer furthest below its share.
    """
    counts = Counter(purchase.customer for purchase in purchases)
    heap = [(0.0, dealer.index) for dealer in dealers]
    heapq.heapify(heap)
    volumes = {dealer.index: dealer.volume for dealer in dealers}
    assigned: Counter[int] = Counter()
    dealer_of = {}
    for customer, orders in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])):
        _, index = heapq.heappop(heap)
        dealer_of[customer] = index
        assigned[index] += orders
        heapq.heappush(heap, (assigned[index] / volumes[index], index))
    return dealer_of


class Calendar:
    """Moves moments of the source into the demo's months, trading day by trading day.

    The working days of a demo month stand for the trading days of its source month in order, so that weeks
    keep their shape whatever weekday a month begins on.
    """

    def __init__(self, purchases: Sequence[Purchase], now: datetime) -> None:
        self._days: dict[date, date] = {}
        trading = sorted({purchase.at.date() for purchase in purchases})
        for month in range(MONTHS):
            source = [day for day in trading if month_of(day) == month]
            target = working_days(month_start(local_date(now), month - MONTHS + 1))
            for position, day in enumerate(source):
                self._days[day] = target[position * len(target) // len(source)]

    def moved(self, at: datetime) -> datetime:
        """The UTC moment that stands for a local one of the source, within office hours."""
        day = at.date()
        while day not in self._days:
            day -= timedelta(days=1)
        return moment(self._days[day], office_time(at.hour * 60 + at.minute))


class _Player:
    """Turns one purchase after another into orders."""

    def __init__(
        self,
        devices: Sequence[Device],
        ranking: Sequence[int],
        items: int,
        calendar: Calendar,
        now: datetime,
        seed: int,
    ) -> None:
        self._devices = devices
        self._ranking = ranking
        self._items = items
        self._calendar = calendar
        self._now = now
        self._seed = seed
        self._scaled = frozenset(ranking[:BEST_SELLERS])

    def play(self, purchase: Purchase, dealer: Dealer, at: datetime, number: str) -> Order | None:
        """The order, or None if the dealer may deal in nothing of it."""
        chance = Random(f"{self._seed}/order/{dealer.index}/{number}")
        device_of = self._devices_for(purchase, dealer, local_date(at))
        quantities = self._quantities(purchase, device_of, dealer.tier)
        if not quantities:
            return None
        lines = tuple(Line(device, quantity) for device, quantity in quantities.items())
        cancelled_at = self._cancelled_at(purchase, at, chance)
        # Who tries the demonstration out orders as one of these two, and should not meet an exhausted credit
        # first.
        course = follow(at, self._now, chance, may_be_held=dealer.index not in FIXED)
        returns = (
            ()
            if cancelled_at
            else tuple(self._returns(purchase, device_of, lines, course.received_at, chance))
        )
        paid = (
            ()
            if cancelled_at or not course.shipped_at
            else pay(dealer, course.shipped_at, self._now, chance, self._seed)
        )
        return Order(
            dealer=dealer.index,
            purchase_order_no=number,
            channel=chance.choices([name for name, _ in CHANNELS], [share for _, share in CHANNELS])[0],
            placed_at=at,
            warehouse=dealer.warehouses[0],
            address=chance.randrange(len(dealer.addresses)),
            lines=lines,
            status="cancelled" if cancelled_at else course.status,
            picked_at=None if cancelled_at else course.picked_at,
            shipped_at=None if cancelled_at else course.shipped_at,
            received_at=None if cancelled_at else course.received_at,
            cancelled_at=cancelled_at,
            carrier="" if cancelled_at else course.carrier,
            tracking_no="" if cancelled_at else course.tracking_no,
            returns=returns,
            payments=paid,
        )

    def _devices_for(self, purchase: Purchase, dealer: Dealer, day: date) -> dict[int, int]:
        """Device of each item: same rank of popularity, or the next one the dealer's papers and means
        allow.
        """
        return {
            item: self._allowed(item * len(self._ranking) // self._items, dealer, day)
            for item in purchase.lines
        }

    def _allowed(self, rank: int, dealer: Dealer, day: date) -> int:
        for step in range(len(self._ranking)):
            index = self._ranking[(rank + step) % len(self._ranking)]
            device = self._devices[index]
            if device.list_price > DEAREST_DEVICE[dealer.tier]:
                continue
            if dealer.may_deal(device.device_class, device.category, day):
                return index
        raise ValueError(f"dealer {dealer.code} may deal in nothing")

    def _quantities(self, purchase: Purchase, device_of: dict[int, int], tier: str) -> dict[int, int]:
        """Units by device, in the order of the source's lines; items that meet in one device add up."""
        source: dict[int, int] = {}
        for item, quantity in purchase.lines.items():
            source[device_of[item]] = source.get(device_of[item], 0) + quantity
        return {
            index: ordered_quantity(quantity, self._devices[index], tier, scaled=index in self._scaled)
            for index, quantity in source.items()
        }

    def _cancelled_at(self, purchase: Purchase, at: datetime, chance: Random) -> datetime | None:
        """When the order was called off: some minutes later, before anything was picked."""
        early = {credit.item for credit in purchase.credits if credit.at - purchase.at <= CANCELLED_WITHIN}
        if len(early) < CANCELLED_SHARE * len(purchase.lines) or not early:
            return None
        return min(at + timedelta(minutes=chance.randint(4, 55)), self._now)

    def _returns(
        self,
        purchase: Purchase,
        device_of: dict[int, int],
        lines: tuple[Line, ...],
        received_at: datetime | None,
        chance: Random,
    ) -> Iterator[Return]:
        """Credits as returns of whole packs, the same share of a line as in the source, not before the day
        after receipt.
        """
        if received_at is None:
            return
        line_of = {line.device: number for number, line in enumerate(lines, start=1)}
        left = {line.device: line.quantity for line in lines}
        for credit in purchase.credits:
            device = device_of[credit.item]
            pack = self._devices[device].pack_multiple
            share = credit.quantity / purchase.lines[credit.item]
            quantity = min(
                left[device], max(1, round(share * lines[line_of[device] - 1].quantity / pack)) * pack
            )
            at = max(self._calendar.moved(credit.at), received_at + timedelta(days=1))
            if quantity > 0 and at <= self._now:
                left[device] -= quantity
                yield Return(line_of[device], quantity, at, chance.choice(_REASONS))
