"""Drafts of a dealer, written: kept from a cart, asking for approval, taken over, withdrawn, given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import numbering
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Forbidden, Invalid
from portal.orders.assess import Assessment
from portal.orders.request import OrderRequest, header_faults
from portal.orders.terms import OrderLimits
from portal.orders.vocabulary import OrderRight
from portal.purchasing import rules
from portal.purchasing.drafts import Draft, lock_draft
from portal.purchasing.goods import known_goods
from portal.purchasing.rules import DraftAct, DraftState
from portal.purchasing.vocabulary import PurchasingAction


@dataclass(frozen=True, slots=True)
class Drafted:
    """A line to be drafted. unit_price: ¥ where one was shown."""

    product_id: int
    quantity: int
    unit_price: Decimal | None = None


def keep_draft(
    session: Session,
    *,
    actor: Actor,
    name: str,
    request: OrderRequest,
    limits: OrderLimits,
    at: datetime,
    today: date,
) -> str:
    """Keep an order under a name for colleagues to see, take over and place; its number. Raises Invalid."""
    actor.require(OrderRight.WRITE)
    plain = rules.plain(name)
    if faults := [*rules.name_faults("/name", plain), *header_faults(request, today)]:
        raise Invalid(faults=faults)
    goods = known_goods(session, request.lines, limits=limits)
    lines = [Drafted(product, demand.quantity) for product, demand in goods]
    return write_draft(session, actor=actor, request=request, lines=lines, at=at, today=today, name=plain)


def write_draft(
    session: Session,
    *,
    actor: Actor,
    request: OrderRequest,
    lines: Sequence[Drafted],
    at: datetime,
    today: date,
    name: str = "",
    request_key: str | None = None,
) -> str:
    """Write an open draft; its number."""
    number = numbering.new_number("DR", today)
    head = {
        "dealer_id": actor.own_dealer_id,
        "number": number,
        "name": name,
        "purchase_order_no": request.purchase_order_no.strip(),
        "ship_to": request.ship_to,
        "requested_date": request.requested_date,
        "warehouse": request.supply.warehouse,
        "channel": request.channel,
        "split": request.supply.split,
        "backorder": request.supply.backorder,
        "hospital": request.hospital.strip(),
        "actor": actor.key,
        "label": actor.label,
        "at": at,
        "request_key": request_key,
        "products": [line.product_id for line in lines],
        "quantities": [line.quantity for line in lines],
        "prices": [line.unit_price for line in lines],
    }
    session.execute(_WRITE, head)
    record(
        session,
        PurchasingAction.DRAFT_MADE,
        number,
        actor=actor,
        dealer_id=actor.own_dealer_id,
        after={"name": name, "lines": len(lines)},
    )
    return number


def set_waiting(
    session: Session, *, actor: Actor, number: str, assessment: Assessment, allowed: Decimal, at: datetime
) -> None:
    """An open draft asks for approval of what `assessment` says it costs now."""
    bought = [line for line in assessment.lines if not line.is_gift]
    session.execute(
        _ASK,
        {
            "dealer_id": actor.own_dealer_id,
            "number": number,
            "actor": actor.key,
            "label": actor.label,
            "at": at,
            "total": assessment.total,
            "seen": assessment.seen,
            "allowed": allowed,
            "products": [line.offer.id for line in bought],
            "prices": [line.price.unit_price for line in bought],
        },
    )
    record(
        session,
        PurchasingAction.DRAFT_ASKED,
        number,
        actor=actor,
        dealer_id=actor.own_dealer_id,
        after={"total": f"{assessment.total:.2f}", "allowed": f"{allowed:.2f}"},
    )


def take_draft(session: Session, *, actor: Actor, number: str, at: datetime) -> Draft:
    """Take a draft over, once: its lines are the actor's from now on. Raises NotFound, Conflict."""
    return _move(session, actor, number, DraftAct.TAKE, PurchasingAction.DRAFT_TAKEN, at)


def discard_draft(session: Session, *, actor: Actor, number: str, at: datetime) -> Draft:
    """Give a draft up. Raises NotFound, Conflict."""
    return _move(session, actor, number, DraftAct.DISCARD, PurchasingAction.DRAFT_DISCARDED, at)


def withdraw_draft(session: Session, *, actor: Actor, number: str) -> Draft:
    """Ask no longer for approval: whoever asked, who can then change or give it up.

    Raises NotFound, Conflict, Forbidden for anybody else.
    """
    actor.require(OrderRight.WRITE)
    found = lock_draft(session, actor=actor, number=number)
    rules.moved(found.state, DraftAct.WITHDRAW)
    if actor.key != found.asked_by:
        message = N_("%(name)s asked for this. Only they can withdraw it.")
        raise Forbidden("not_asked_by_you", message, name=found.asked_by_label)
    session.execute(_WITHDRAW, {"dealer_id": found.dealer_id, "number": number})
    record(session, PurchasingAction.DRAFT_WITHDRAWN, number, actor=actor, dealer_id=found.dealer_id)
    return found


def set_decided(
    session: Session,
    *,
    actor: Actor,
    found: Draft,
    state: DraftState,
    at: datetime,
    reason: str = "",
    order_number: str | None = None,
) -> None:
    """A locked draft has come to its end."""
    session.execute(
        _DECIDE,
        {
            "dealer_id": found.dealer_id,
            "number": found.number,
            "state": str(state),
            "actor": actor.key,
            "label": actor.label,
            "at": at,
            "reason": reason,
            "order_number": order_number,
        },
    )


def _move(
    session: Session, actor: Actor, number: str, act: DraftAct, action: PurchasingAction, at: datetime
) -> Draft:
    actor.require(OrderRight.WRITE)
    found = lock_draft(session, actor=actor, number=number)
    state = rules.moved(found.state, act)
    set_decided(session, actor=actor, found=found, state=state, at=at, reason=found.reason)
    record(session, action, number, actor=actor, dealer_id=found.dealer_id)
    return found


_WRITE = text(
    """
    WITH head AS (
      INSERT INTO order_draft (dealer_id, number, state, name, purchase_order_no, ship_to, requested_date,
                               warehouse, channel, split, backorder, hospital, made_by, made_by_label,
                               made_at, request_key)
      VALUES (:dealer_id, :number, 'open', :name, :purchase_order_no, :ship_to, :requested_date, :warehouse,
              :channel, :split, :backorder, :hospital, :actor, :label, :at, :request_key)
      RETURNING id
    )
    INSERT INTO order_draft_line (dealer_id, draft_id, line_no, product_id, quantity, unit_price)
    SELECT :dealer_id, head.id, line_no, product_id, quantity, unit_price
      FROM head, unnest(CAST(:products AS bigint[]), CAST(:quantities AS int[]),
                        CAST(:prices AS numeric[]))
                 WITH ORDINALITY AS line(product_id, quantity, unit_price, line_no)
    """
)
_ASK = text(
    """
    WITH head AS (
      UPDATE order_draft
         SET state = 'waiting', asked_by = :actor, asked_by_label = :label, asked_at = :at, total = :total,
             seen = :seen, allowed = :allowed, reason = ''
       WHERE dealer_id = :dealer_id AND number = :number
      RETURNING id
    )
    UPDATE order_draft_line l SET unit_price = line.unit_price
      FROM head, unnest(CAST(:products AS bigint[]), CAST(:prices AS numeric[]))
                 AS line(product_id, unit_price)
     WHERE l.dealer_id = :dealer_id AND l.draft_id = head.id AND l.product_id = line.product_id
    """
)
_WITHDRAW = text(
    """
    UPDATE order_draft SET state = 'open', asked_by = NULL, asked_by_label = NULL, asked_at = NULL,
                           total = NULL, seen = NULL, allowed = NULL
     WHERE dealer_id = :dealer_id AND number = :number
    """
)
_DECIDE = text(
    """
    UPDATE order_draft SET state = :state, decided_by = :actor, decided_by_label = :label, decided_at = :at,
                           reason = :reason, order_number = :order_number
     WHERE dealer_id = :dealer_id AND number = :number
    """
)
