"""Place an order.

Judged, priced, reserved, exposed, audited and announced in one transaction of few round trips.

1. the dealer's context: price gate, account lock, permissions, earlier answer to the same key;
2. the offers: products, rules in force and stock; where promotions run, those, with their budgets locked;
3. one writing statement: key, stock (locked in the order of product ids), order, lines, movements, exposure,
audit, outbox; and what it takes of promotions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.audit.record import address, request_id
from portal.dealers.account import open_orders_moved
from portal.kernel import clock, locks, numbering, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault
from portal.kernel.idempotency import KEEP_ANSWER
from portal.kernel.locks import Rank
from portal.orders.answer import Idempotency, Placed, accepted, answered_before, replay
from portal.orders.assess import Assessment, assess
from portal.orders.context import OrderContext, lock_context
from portal.orders.lines import AssessedLine
from portal.orders.predecessor import Predecessor
from portal.orders.proofs import proofs_kept
from portal.orders.request import CHANGED, OrderRequest, header_faults, refuse_faulty
from portal.orders.sources import lock_sources, units_elsewhere, write_sources
from portal.orders.terms import OrderTerms
from portal.orders.vocabulary import OrderAction, OrderRight
from portal.promotions.use import lots_taken, record_uses
from portal.stock.backorders import ensure_levels
from portal.stock.fragments import RESERVE
from portal.stock.rules import too_near


def place_order(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    request: OrderRequest,
    terms: OrderTerms,
    idempotency: Idempotency | None = None,
    predecessor: Predecessor | None = None,
) -> Placed:
    """Place an order for a dealer; the moment is the database's, behind the price gate.

    predecessor: the order it takes the place of.

    Raises Invalid with every fault at once, Conflict when stock was taken in the same instant or when
    products, quantities or prices are no longer those the buyer has seen or expects, NotFound, Forbidden.
    Nothing is reserved for a refused order.
    """
    actor.require(OrderRight.WRITE, OrderRight.DESK)
    key = idempotency.key if idempotency else None
    context = lock_context(
        session,
        dealer_id=dealer_id,
        ship_to=request.ship_to,
        actor=actor.key,
        key=key,
        hospital=request.hospital,
    )
    if context.answered and idempotency:
        return replay(context.answered, idempotency)
    today = clock.business_date(context.moment, terms.zone)
    assessment = assess(
        session,
        context=context,
        request=request,
        limits=terms.limits,
        today=today,
        lock=True,
    )
    refuse_faulty([*header_faults(request, today), *assessment.faults], assessment.unexpected)
    if request.seen is not None and request.seen != assessment.seen:
        raise Conflict(*CHANGED)
    if predecessor is not None:
        assessment = predecessor.judge(assessment, context.ship_to or {}, request.hospital)
    _lock_sources(session, assessment, today, terms.limits.margin_days)
    answer = {
        "number": numbering.new_number("SO", today),
        **accepted(assessment, terms.currency, request.language),
    }
    near = too_near(today, terms.limits.margin_days)
    written = _write(session, actor, context, request, assessment, answer, idempotency, near, today)
    if not written:
        assert idempotency is not None  # only a key that was used meanwhile keeps an order from being written
        return replay(answered_before(session, actor, idempotency), idempotency)
    outbox.mark(session)
    return Placed(answer["number"], answer, replayed=False)


def _write(
    session: Session,
    actor: Actor,
    context: OrderContext,
    request: OrderRequest,
    assessment: Assessment,
    answer: dict[str, Any],
    idempotency: Idempotency | None,
    near: date,
    today: date,
) -> bool:
    """Write everything; nothing is taken from lots that expire on `near` or before.

    False when the same key was answered in the same instant; raises Conflict when stock ran out.
    """
    parameters = {
        **_header(actor, context, request, assessment, answer),
        "too_near": near,
        **_columns(assessment.lines),
        **proofs_kept(context.permissions, assessment, today),
        "key": idempotency.key if idempotency else None,
        "fingerprint": idempotency.fingerprint if idempotency else None,
        "answer": orjson.dumps(answer).decode(),
    }
    assert assessment.warehouse_id is not None  # without one there are faults
    levels = {(assessment.warehouse_id, line.offer.id) for line in assessment.lines}
    locks.take(session, Rank.LEVEL, levels)
    waiting = [line.offer.id for line in assessment.lines if line.waiting]
    if waiting:
        ensure_levels(session, warehouse_id=assessment.warehouse_id, products=waiting)
    written = session.execute(_WRITE, parameters).one()
    if written.order_id is None:
        return False
    locks.made(session, Rank.ORDER, (context.dealer.id, written.order_id))
    _use_promotions(session, context, assessment, written.order_id)
    reserved = set(written.reserved)
    _refuse_taken([line for line in assessment.lines if line.here and line.offer.id not in reserved])
    if any(line.elsewhere for line in assessment.lines):
        write_sources(
            session,
            dealer_id=context.dealer.id,
            order_id=written.order_id,
            number=answer["number"],
            lines=assessment.lines,
            actor=actor,
            at=context.moment,
        )
    return True


def _lock_sources(session: Session, assessment: Assessment, today: date, margin_days: int) -> None:
    """Nothing to do for an order from one warehouse: its writing locks what it takes."""
    elsewhere = units_elsewhere(assessment.lines)
    if not elsewhere:
        return
    assert assessment.warehouse_id is not None  # something is taken elsewhere than there
    short = lock_sources(
        session,
        home=assessment.warehouse_id,
        products=[line.offer.id for line in assessment.lines],
        elsewhere=elsewhere,
        today=today,
        margin_days=margin_days,
    )
    _refuse_taken(
        [
            line
            for line in assessment.lines
            if any((source.warehouse_id, line.offer.id) in short for source in line.elsewhere)
        ]
    )


def _refuse_taken(taken: Sequence[AssessedLine]) -> None:
    if taken:
        raise Conflict(
            "stock_short",
            N_("The stock has just been taken by another order."),
            faults=[_taken_fault(line) for line in taken],
            fix=N_("Check the stock and try again."),
        )


def _use_promotions(session: Session, context: OrderContext, assessment: Assessment, order_id: int) -> None:
    taken = assessment.promoted.uses()
    if taken:
        record_uses(
            session,
            dealer_id=context.dealer.id,
            order_id=order_id,
            at=context.moment,
            taken=taken,
            lots=lots_taken(assessment.promoted.outcome, taken),
        )


def _taken_fault(line: AssessedLine) -> Fault:
    message, fix = N_("%(sku)s has just been taken by another order."), N_("Order less, or remove the line.")
    return Fault(f"{line.demand.pointer}/quantity", "stock_short", message, fix, {"sku": line.offer.sku})


def _header(
    actor: Actor, context: OrderContext, request: OrderRequest, assessment: Assessment, answer: dict[str, Any]
) -> dict[str, Any]:
    return {
        "dealer_id": context.dealer.id,
        "number": answer["number"],
        "status": answer["status"],
        "holds": answer["holds"],
        "purchase_order_no": request.purchase_order_no.strip(),
        "channel": request.channel,
        "tier": context.dealer.tier,
        "region_id": context.dealer.region_id,
        "warehouse_id": assessment.warehouse_id,
        "backorder": request.supply.backorder,
        "replaces": request.replaces,
        "ship_to": orjson.dumps(context.ship_to).decode(),
        "requested_date": request.requested_date,
        "hospital": request.hospital,
        "currency": answer["currency"],
        "total": assessment.total,
        "tax": assessment.tax,
        "moment": context.moment,
        "actor": actor.key,
        "actor_label": actor.label,
        "action": str(OrderAction.ORDER_PLACED),
        "request_id": request_id.get(),
        "address": address.get(),
    }


def _columns(lines: Sequence[AssessedLine]) -> dict[str, str]:
    return {
        "product_ids": _array(line.offer.id for line in lines),
        "quantities": _array(line.demand.quantity for line in lines),
        "reserved": _array(line.reserved for line in lines),
        "here": _array(line.here for line in lines),
        "promises": _array(line.promised_on.isoformat() if line.promised_on else "NULL" for line in lines),
        "list_prices": _array(line.price.list_price for line in lines),
        "unit_prices": _array(line.price.unit_price for line in lines),
        "tax_rates": _array(line.offer.vat_rate for line in lines),
        "amounts": _array(line.amount for line in lines),
        "taxes": _array(line.tax for line in lines),
        "discounts": _array(line.discount for line in lines),
        "gifts": _array("true" if line.is_gift else "false" for line in lines),
        "receipts": orjson.dumps([line.price.receipt for line in lines]).decode(),
    }


def _array(values: Iterable[int | Decimal | str]) -> str:
    """Array literal of PostgreSQL. The driver's own way of sending lists took a tenth of an order's time."""
    return "{" + ",".join(map(str, values)) + "}"


_AUDITED = """
jsonb_build_object('status', CAST(:status AS text), 'total', CAST(:total AS numeric)::text,
                   'holds', CAST(:holds AS text[]))
"""
_ANNOUNCED = "jsonb_build_object('number', CAST(:number AS text))"

# `go` is empty when the key was taken meanwhile: then nothing below happens. Levels are locked in the order
# of product ids before any is changed, so two orders never wait for each other crosswise; `taken` lists what
# could be reserved. Who waited there for the retirement of a lot may be refused what is left of it once: the
# level is read as it is then, the lots as they were.
_WRITE = text(
    f"""
    WITH keyed AS (
      {KEEP_ANSWER}
    ), go AS MATERIALIZED (
      SELECT 1 WHERE CAST(:key AS text) IS NULL OR EXISTS (SELECT FROM keyed)
    ), line AS MATERIALIZED (
      SELECT t.* FROM go, ROWS FROM (
        unnest(
          CAST(:product_ids AS bigint[]), CAST(:quantities AS int[]), CAST(:reserved AS int[]),
          CAST(:here AS int[]), CAST(:promises AS date[]), CAST(:list_prices AS numeric[]),
          CAST(:unit_prices AS numeric[]), CAST(:tax_rates AS numeric[]), CAST(:amounts AS numeric[]),
          CAST(:taxes AS numeric[]), CAST(:discounts AS numeric[]), CAST(:gifts AS boolean[])
        ), jsonb_array_elements(CAST(:receipts AS jsonb)), jsonb_array_elements(CAST(:proofs AS jsonb))
      ) WITH ORDINALITY
        AS t(product_id, quantity, reserved, here, promised_on, list_price, unit_price, tax_rate, amount, tax,
             discount, gift, receipt, proof, line_no)
    ), wanted AS MATERIALIZED (
      SELECT product_id, sum(here)::int AS quantity, sum(quantity - reserved)::int AS waiting
        FROM line GROUP BY product_id
    ), {RESERVE}, placed AS (
      INSERT INTO sales_order (dealer_id, number, status, holds, purchase_order_no, channel, tier, region_id,
                               warehouse_id, backorder, replaces, ship_to, names, requested_date,
                               currency, total, tax, placed_at, placed_by, placed_by_label, hospital,
                               verdict)
      SELECT :dealer_id, :number, :status, CAST(:holds AS text[]), :purchase_order_no, :channel, :tier,
             :region_id, :warehouse_id, :backorder, :replaces, CAST(:ship_to AS jsonb),
             jsonb_build_object(
               'dealer', jsonb_build_object('code', d.code, 'zh', d.name_zh, 'en', d.name_en),
               'warehouse', jsonb_build_object('code', w.code, 'zh', w.name_zh, 'en', w.name_en)),
             CAST(:requested_date AS date), :currency, :total, :tax, :moment, :actor, :actor_label,
             :hospital, CAST(:verdict AS jsonb)
        FROM go, dealer d, warehouse w
       WHERE d.id = :dealer_id AND w.id = :warehouse_id
      RETURNING id
    ), lines AS (
      INSERT INTO order_line (dealer_id, order_id, line_no, product_id, sku, name_zh, name_en, specification,
                              unit, quantity, reserved, promised_on, list_price, unit_price, tax_rate,
                              amount, tax, discount, gift, receipt, proof)
      SELECT :dealer_id, placed.id, line_no, product_id, p.sku, p.name_zh, p.name_en, p.specification, p.unit,
             quantity, reserved, promised_on, list_price, unit_price, tax_rate, amount, tax, discount, gift,
             receipt, proof
        FROM placed, line JOIN product p ON p.id = line.product_id
    ), exposed AS (
      {open_orders_moved("+ :total", "EXISTS (SELECT FROM go)")}
    ), audited AS (
      {audit.recorded("order", _AUDITED, "go")}
    ), announced AS (
      {outbox.added("order.placed", _ANNOUNCED, "go")}
    )
    SELECT (SELECT id FROM placed) AS order_id, ARRAY(SELECT product_id FROM taken) AS reserved
    """
)
