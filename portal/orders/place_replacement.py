"""An order that sends goods once more for those that came back, at the price that was paid for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import open_orders_moved
from portal.kernel import locks, money, numbering, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.locks import Rank
from portal.orders.compliance_rules import compliance, proof
from portal.orders.context import read_context
from portal.orders.lifecycle import Channel, Status
from portal.orders.locking import LockedOrder, OpenLine
from portal.orders.vocabulary import OrderAction
from portal.pricing.receipts import of_amount_paid
from portal.stock.reservations import lock_available, reserve_units


@dataclass(frozen=True, slots=True)
class Replaced:
    """Units of an order line that are sent once more. amount, tax: ¥ that was paid for them; tax within.

    `pointer` says where somebody named them.
    """

    line_no: int
    quantity: int
    amount: Decimal
    tax: Decimal
    pointer: str


def place_replacement(
    session: Session,
    *,
    actor: Actor,
    order: LockedOrder,
    warehouse_id: int,
    units: Sequence[Replaced],
    reference: str,
    today: date,
    at: datetime,
    margin_days: int,
) -> str:
    """Order again what came back of a locked order, from stock that is promised to nobody; the new number.

    Part of settling the return `reference`, which credits the same amounts: the dealer owes what it owed, so
    that no limit is asked. Locks the levels. Raises Invalid with a fault for what is short, and for each line
    that the dealer may not be sent by law any more.
    """
    lines = {line.line_no: line for line in order.lines}
    regulated = [(one.pointer, lines[one.line_no]) for one in units]
    permissions = read_context(
        session, dealer_id=order.dealer_id, ship_to=order.ship_to.get("code"), hospital=order.hospital
    ).permissions
    faults = compliance(permissions, regulated, today)
    wanted = Counter[int]()
    for one in units:
        wanted[lines[one.line_no].product_id] += one.quantity
    free = lock_available(
        session, warehouse_id=warehouse_id, products=wanted, today=today, margin_days=margin_days
    )
    for pointer, line in regulated:
        if wanted[line.product_id] > (left := free.get(line.product_id, 0)):
            faults.append(_short(pointer, line, left))
    if faults:
        raise Invalid(faults=faults)
    number = numbering.new_number("SO", today)
    proofs = [orjson.dumps(proof(permissions, line, today).as_json()).decode() for _, line in regulated]
    _write(session, actor, order, warehouse_id, number, units, proofs, reference, at)
    reserve_units(
        session,
        warehouse_id=warehouse_id,
        units=wanted,
        dealer_id=order.dealer_id,
        document=number,
        actor=actor,
        at=at,
    )
    return number


def _short(pointer: str, line: OpenLine, left: int) -> Fault:
    message = N_("Only %(left)s of %(sku)s may be taken to replace it: the rest is promised to others.")
    fix = N_("Credit the units instead, or settle the return when goods have come.")
    return Fault(f"{pointer}/quantity", "replacement_short", message, fix, {"sku": line.sku, "left": left})


def _write(
    session: Session,
    actor: Actor,
    order: LockedOrder,
    warehouse_id: int,
    number: str,
    units: Sequence[Replaced],
    proofs: Sequence[str],
    reference: str,
    at: datetime,
) -> None:
    total = sum((one.amount for one in units), money.ZERO)
    mine = {"dealer_id": order.dealer_id, "order_id": order.id}
    head: dict[str, Any] = {
        **mine,
        "number": number,
        "status": str(Status.CONFIRMED),
        "channel": str(Channel.STAFF),
        "warehouse_id": warehouse_id,
        "total": total,
        "tax": sum((one.tax for one in units), money.ZERO),
        "at": at,
        "actor": actor.key,
        "actor_label": actor.label,
    }
    order_id = session.execute(_ORDER, head).scalar_one()
    locks.made(session, Rank.ORDER, (order.dealer_id, order_id))
    session.execute(
        _LINES,
        [
            {
                **mine,
                "new_id": order_id,
                "place": place,
                "line_no": one.line_no,
                "quantity": one.quantity,
                "unit_price": money.to_fen(one.amount / one.quantity),
                "amount": one.amount,
                "tax": one.tax,
                "steps": orjson.dumps(of_amount_paid(one.amount, one.quantity, reference)).decode(),
                "proof": kept,
            }
            for place, (one, kept) in enumerate(zip(units, proofs, strict=True), start=1)
        ],
    )
    session.execute(_EXPOSE, {"dealer_id": order.dealer_id, "total": total})
    after = {"status": str(Status.CONFIRMED), "total": money.as_text(total), "replaces_return": reference}
    audit.record(
        session, OrderAction.ORDER_PLACED, number, actor=actor, dealer_id=order.dealer_id, after=after
    )
    outbox.add(session, "order.placed", dealer_id=order.dealer_id, number=number)


_ORDER = text(
    """
    INSERT INTO sales_order (dealer_id, number, status, channel, tier, region_id, warehouse_id, ship_to,
                             names, currency, total, tax, placed_at, placed_by, placed_by_label, hospital)
    SELECT o.dealer_id, :number, :status, :channel, o.tier, o.region_id, w.id, o.ship_to,
           o.names || jsonb_build_object('warehouse',
             jsonb_build_object('code', w.code, 'zh', w.name_zh, 'en', w.name_en)),
           o.currency, :total, :tax, :at, :actor, :actor_label, o.hospital
      FROM sales_order o, warehouse w
     WHERE o.dealer_id = :dealer_id AND o.id = :order_id AND w.id = :warehouse_id
    RETURNING id
    """
)
_LINES = text(
    """
    INSERT INTO order_line (dealer_id, order_id, line_no, product_id, sku, name_zh, name_en, specification,
                            unit, quantity, reserved, list_price, unit_price, tax_rate, amount, tax, gift,
                            receipt, proof)
    SELECT l.dealer_id, :new_id, :place, l.product_id, p.sku, p.name_zh, p.name_en, p.specification, p.unit,
           :quantity, :quantity, l.list_price, :unit_price, l.tax_rate, :amount, :tax, l.gift,
           CASE WHEN l.gift THEN l.receipt
                ELSE jsonb_build_array(l.receipt -> 0) || CAST(:steps AS jsonb) END,
           CAST(:proof AS jsonb)
      FROM order_line l JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.order_id = :order_id AND l.line_no = :line_no
    """
)
_EXPOSE = text(open_orders_moved("+ :total"))
