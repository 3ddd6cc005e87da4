"""The past as facts in temporary tables: what was ordered, what it cost, what came of it. Documents are
derived from them.

A fact table has keys that are already final, so that everything after it is a join.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg

from demo.loading.keys import key
from demo.loading.lots import LotKeys
from demo.loading.prices import PriceBook
from demo.loading.promoted import PromotionBook
from demo.loading.promotions import USE, USES
from demo.loading.rows import fill
from demo.past.orders import RETURN_REASONS, Order
from demo.scenario import Scenario
from demo.source.catalogue import Device
from demo.source.prices import TAX_RATES
from demo.world.business_days import ZONE, local_date
from portal.kernel import money
from portal.ledger.rules import Part, Taken, Whole, part_of
from portal.orders.promoted import discount_step
from portal.promotions.discounts import Goods, Piece
from portal.promotions.use import Use

_TABLES = """
CREATE TEMPORARY TABLE past_order (
  id bigint, dealer_id bigint, status text, channel text, purchase_order_no text, warehouse_id bigint,
  address_code text, placed_at timestamptz, picked_at timestamptz, shipped_at timestamptz,
  received_at timestamptz, cancelled_at timestamptz,
  carrier text, tracking_no text, total numeric(16,2), tax numeric(16,2));
CREATE TEMPORARY TABLE past_line (
  order_id bigint, line_no smallint, product_id bigint, lot_id bigint, quantity integer,
  list_price numeric(14,2), unit_price numeric(14,2), tax_rate numeric(5,4), discount numeric(16,2),
  amount numeric(16,2), tax numeric(16,2), receipt jsonb);
CREATE TEMPORARY TABLE past_return (
  order_id bigint, line_no smallint, at timestamptz, quantity integer, discount numeric(16,2),
  amount numeric(16,2), tax numeric(16,2), reason text);
CREATE TEMPORARY TABLE past_payment (order_id bigint, received_on date, amount numeric(16,2));
"""
_ORDER = (
    "id",
    "dealer_id",
    "status",
    "channel",
    "purchase_order_no",
    "warehouse_id",
    "address_code",
    "placed_at",
    "picked_at",
    "shipped_at",
    "received_at",
    "cancelled_at",
    "carrier",
    "tracking_no",
    "total",
    "tax",
)
_LINE = (
    "order_id",
    "line_no",
    "product_id",
    "lot_id",
    "quantity",
    "list_price",
    "unit_price",
    "tax_rate",
    "discount",
    "amount",
    "tax",
    "receipt",
)
_RETURN = ("order_id", "line_no", "at", "quantity", "discount", "amount", "tax", "reason")
_PAYMENT = ("order_id", "received_on", "amount")


@dataclass(frozen=True, slots=True)
class _Line:
    """A priced line. The part of it that is money has the form in which the ledger takes it."""

    device: int
    whole: Whole
    unit_price: Decimal
    tax_rate: Decimal
    receipt: str


@dataclass(slots=True)
class _Gathered:
    """What is known of the orders once their lines are priced."""

    orders: list[tuple[Any, ...]] = field(default_factory=list)
    returns: list[tuple[Any, ...]] = field(default_factory=list)
    payments: list[tuple[Any, ...]] = field(default_factory=list)
    uses: list[tuple[Any, ...]] = field(default_factory=list)


def load_facts(connection: psycopg.Connection, scenario: Scenario, lots: LotKeys) -> None:
    """Price every past line and copy the facts."""
    connection.execute(_TABLES)
    connection.execute(USES)
    gathered = _Gathered()
    fill(connection, "past_line", _LINE, _lines(scenario, lots, gathered))
    fill(connection, "past_order", _ORDER, gathered.orders)
    fill(connection, "past_return", _RETURN, gathered.returns)
    fill(connection, "past_payment", _PAYMENT, gathered.payments)
    fill(connection, "past_use", USE, gathered.uses)
    for table in ("past_line", "past_order", "past_return", "past_payment", "past_use"):
        connection.execute(f"ANALYZE {table}")


def _lines(scenario: Scenario, lots: LotKeys, gathered: _Gathered) -> Iterator[tuple[Any, ...]]:
    book, promotions = PriceBook(scenario), PromotionBook(scenario)
    for index, order in enumerate(scenario.orders):
        number = key(index)
        lines, taken = _priced(order, book, promotions, scenario.devices)
        gathered.uses += ((number, use.line_no, use.promotion_id, use.amount, use.counted) for use in taken)
        _gather(number, order, lines, gathered)
        taken_on = order.shipped_at or (order.cancelled_at and order.placed_at)
        for line_no, line in enumerate(lines, start=1):
            lot = lots.shipped(line.device, local_date(taken_on)) if taken_on else None
            whole = line.whole
            list_price = scenario.devices[line.device].list_price
            yield (
                number,
                line_no,
                key(line.device),
                lot,
                whole.quantity,
                list_price,
                line.unit_price,
                line.tax_rate,
                whole.discount,
                whole.amount,
                whole.tax,
                line.receipt,
            )


def _priced(
    order: Order, book: PriceBook, promotions: PromotionBook, devices: Sequence[Device]
) -> tuple[list[_Line], list[Use]]:
    """The lines at their prices, less what promotions took off, and what they took."""
    rate, at = _tax_rate(order.placed_at), order.placed_at
    quotes = [book.quote(order.dealer, line.device, line.quantity, at) for line in order.lines]
    goods = [
        Goods(
            devices[line.device].sku,
            devices[line.device].category,
            line.quantity,
            (Piece(line.quantity, quoted.unit_price),),
        )
        for line, quoted in zip(order.lines, quotes, strict=True)
    ]
    outcome, taken = promotions.apply(order.dealer, goods, at, cancelled=order.cancelled_at is not None)
    lines = []
    for place, (line, quoted) in enumerate(zip(order.lines, quotes, strict=True)):
        amount, discounts = outcome.amount(place), outcome.discounts[place]
        discount = sum((one.amount for one in discounts), money.ZERO)
        whole = Whole(line.quantity, amount, money.tax_within(amount, rate), discount)
        steps = [discount_step(one, quoted.unit_price) for one in discounts]
        receipt = json.dumps([*json.loads(quoted.receipt), *steps]) if steps else quoted.receipt
        lines.append(_Line(line.device, whole, quoted.unit_price, rate, receipt))
    return lines, taken


def _tax_rate(at: datetime) -> Decimal:
    day = at.astimezone(ZONE).date()
    return next(rate for since, rate in reversed(TAX_RATES) if since <= day)


def _gather(number: int, order: Order, lines: list[_Line], gathered: _Gathered) -> None:
    total = sum((line.whole.amount for line in lines), money.ZERO)
    tax = sum((line.whole.tax for line in lines), money.ZERO)
    gathered.orders.append(
        (
            number,
            key(order.dealer),
            order.status,
            order.channel,
            order.purchase_order_no,
            key(order.warehouse),
            f"A{order.address + 1}",
            order.placed_at,
            order.picked_at,
            order.shipped_at,
            order.received_at,
            order.cancelled_at,
            order.carrier,
            order.tracking_no,
            total,
            tax,
        )
    )
    credits = []
    for line_no, at, part, reason in _returned(order, lines):
        gathered.returns.append(
            (number, line_no, at, part.quantity, part.discount, part.amount, part.tax, reason)
        )
        credits.append((local_date(at), part.amount))
    gathered.payments.extend((number, on, amount) for on, amount in _paid(order, total, credits))


def _returned(order: Order, lines: list[_Line]) -> Iterator[tuple[int, datetime, Part, str]]:
    """The parts of the lines that came back: (line, moment, part, reason), one a line and moment."""
    units: dict[tuple[datetime, int], int] = {}
    reasons: dict[datetime, str] = {}
    for back in sorted(order.returns, key=lambda back: (back.at, back.line)):
        units[back.at, back.line] = units.get((back.at, back.line), 0) + back.quantity
        reasons.setdefault(back.at, RETURN_REASONS[back.reason])
    taken: dict[int, Taken] = {}
    for (at, line_no), quantity in units.items():
        before = taken.get(line_no, Taken())
        part = part_of(lines[line_no - 1].whole, before, quantity)
        taken[line_no] = Taken(before.quantity + quantity, before.tax + part.tax)
        yield line_no, at, part, reasons[at]


def _paid(
    order: Order, total: Decimal, credits: list[tuple[date, Decimal]]
) -> Iterator[tuple[date, Decimal]]:
    """What was paid on which day. Goods that came back before the last instalment are not paid."""
    paid, percent = money.ZERO, 0
    for instalment in order.payments:
        percent += instalment.percent
        owed = total - paid - sum((amount for day, amount in credits if day <= instalment.on), money.ZERO)
        amount = owed if percent == 100 else min(owed, money.to_fen(total * instalment.percent / 100))
        if amount > 0:
            paid += amount
            yield instalment.on, amount
