"""What happens to an order after it was placed: picking, shipping, receipt, payment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from demo.past.orders import Instalment
from demo.world.business_days import after_working_days, is_working_day, local_date, moment, next_working_day
from demo.world.network import Dealer

CARRIERS = (("顺丰速运", "SF", 13), ("京东物流", "JD", 13), ("德邦快递", "DPK", 12), ("国药物流", "GY", 12))
WORKING_DAYS_TO_SHIP = (1, 1, 1, 2, 2, 3)
DAYS_IN_TRANSIT = (1, 1, 2, 2, 3, 4)
NEVER_CONFIRMED = 0.01  # receipts a dealer forgets to confirm
HELD = 0.06  # share of waiting orders on hold

PAY_DAYS = (5, 10, 15, 20, 25)  # days of the month on which dealers run payments
PAID_IN_TWO = 0.06
# How dealers pay: share of dealers, days after the due date, share of invoices still open long after.
HABITS = ((0.68, (-6, 2), 0.0), (0.26, (0, 18), 0.01), (0.06, (12, 55), 0.08))


@dataclass(frozen=True, slots=True)
class Course:
    """How far an order has come by now; moments are UTC and None until they come."""

    status: str
    picked_at: datetime | None
    shipped_at: datetime | None
    received_at: datetime | None
    carrier: str = ""
    tracking_no: str = ""


def follow(placed_at: datetime, now: datetime, chance: Random, *, may_be_held: bool = True) -> Course:
    """Pick, ship and receive an order; what would lie after `now` has not happened."""
    shipped_on = after_working_days(local_date(placed_at), chance.choice(WORKING_DAYS_TO_SHIP))
    shipped_at = moment(shipped_on, time(chance.randint(14, 18), chance.randint(0, 59)))
    picked_at = picking_time(local_date(placed_at), shipped_on, chance)
    received_on = shipped_on + timedelta(days=chance.choice(DAYS_IN_TRANSIT))
    received_at = moment(received_on, time(chance.randint(9, 17), chance.randint(0, 59)))
    forgotten = chance.random() < NEVER_CONFIRMED
    held = chance.random() < HELD and may_be_held
    name, prefix, digits = chance.choice(CARRIERS)
    tracking_no = f"{prefix}{chance.randrange(10 ** (digits - 1), 10**digits)}"
    if picked_at > now:
        return Course("on_hold" if held else "confirmed", None, None, None)
    if shipped_at > now:
        return Course("picking", picked_at, None, None)
    if received_at > now or forgotten:
        return Course("shipped", picked_at, shipped_at, None, name, tracking_no)
    return Course("received", picked_at, shipped_at, received_at, name, tracking_no)


def picking_time(placed_on: date, shipped_on: date, chance: Random) -> datetime:
    """The morning of the shipping day, or the evening before where the order was there by then."""
    day_before = shipped_on - timedelta(days=1)
    minute = chance.randint(0, 59)
    while not is_working_day(day_before):
        day_before -= timedelta(days=1)
    if day_before > placed_on and chance.random() < 0.5:
        return moment(day_before, time(18, minute))
    return moment(shipped_on, time(chance.randint(8, 12), minute))


def pay(
    dealer: Dealer, shipped_at: datetime, now: datetime, chance: Random, seed: int
) -> tuple[Instalment, ...]:
    """Payments of the invoice that shipping posted, up to now."""
    delay, left_open = payment_habit(dealer, seed)
    due = local_date(shipped_at) + timedelta(days=dealer.payment_terms_days)
    first = pay_day(due + timedelta(days=chance.randint(*delay)))
    halved = chance.random() < PAID_IN_TWO
    if chance.random() < left_open:
        return ()
    parts = [Instalment(first, 100)]
    if halved:
        parts = [Instalment(first, 50), Instalment(pay_day(first + timedelta(days=15)), 50)]
    return tuple(part for part in parts if part.on < local_date(now))


def payment_habit(dealer: Dealer, seed: int) -> tuple[tuple[int, int], float]:
    """Range of days after the due date and share of invoices left open, fixed for a dealer."""
    draw = Random(f"{seed}/habit/{dealer.index}").random()
    for share, delay, left_open in HABITS:
        if draw < share:
            return delay, left_open
        draw -= share
    return HABITS[0][1], HABITS[0][2]


def pay_day(earliest: date) -> date:
    """The first working day at or after one of `PAY_DAYS`, not before `earliest`."""
    day = earliest
    while day.day not in PAY_DAYS:
        day += timedelta(days=1)
    return next_working_day(day)
