"""Place an order, or ask a colleague for approval where it is above the buyer's amount.

What a dealer's people and systems order goes through here, from pages as from the API.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import clock, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import Conflict
from portal.orders.answer import Idempotency, Placed
from portal.orders.assess import Assessment
from portal.orders.place_order import place_order
from portal.orders.request import CHANGED, OrderRequest, refuse_faulty
from portal.orders.terms import OrderTerms
from portal.orders.validate_order import validate_order
from portal.orders.vocabulary import OrderRight
from portal.purchasing.keep_draft import Drafted, set_waiting, write_draft
from portal.purchasing.limits import amount_without_approval


@dataclass(frozen=True, slots=True)
class Asked:
    """The order is a draft that waits for approval. number: of the draft; total and allowed in ¥.

    `replayed` when an earlier call had asked already.
    """

    number: str
    total: Decimal
    allowed: Decimal
    replayed: bool = False


def place_or_ask(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    request: OrderRequest,
    terms: OrderTerms,
    at: datetime,
    idempotency: Idempotency | None = None,
) -> Placed | Asked:
    """Place the order; above the actor's amount, keep it as a draft that asks for approval.

    A refused order is refused before anybody is asked. Raises as `place_order` does.
    """
    actor.require(OrderRight.WRITE, OrderRight.DESK)
    allowed = amount_without_approval(session, actor=actor)
    if allowed is not None:
        asked = _earlier(session, actor, idempotency)
        if asked is not None:
            return asked
        assessment = check_within(session, actor=actor, request=request, terms=terms)
        if assessment.total > allowed:
            number = _ask(session, actor, request, assessment, allowed, at, terms.zone, idempotency)
            return Asked(number, assessment.total, allowed)
    placed = place_order(
        session,
        actor=actor,
        dealer_id=dealer_id,
        request=request,
        terms=terms,
        idempotency=idempotency,
    )
    refuse_above(placed, allowed)
    return placed


def check_within(session: Session, *, actor: Actor, request: OrderRequest, terms: OrderTerms) -> Assessment:
    """What the order costs now. Raises Invalid with its faults, Conflict when it is not what was seen."""
    assessment = validate_order(
        session,
        actor=actor,
        dealer_id=actor.own_dealer_id,
        request=request,
        terms=terms,
    )
    refuse_faulty(assessment.faults, assessment.unexpected)
    if request.seen is not None and request.seen != assessment.seen:
        raise Conflict(*CHANGED)
    return assessment


def refuse_above(placed: Placed, allowed: Decimal | None) -> None:
    """Raises Conflict when prices rose above the amount between the look and the order."""
    if allowed is not None and not placed.replayed and Decimal(placed.answer["total"]) > allowed:
        raise Conflict(*CHANGED)


def announce_waiting(session: Session, *, dealer_id: int, number: str) -> None:
    """Tell those who may approve that a draft waits for them."""
    outbox.add(session, "order_draft.waiting", dealer_id=dealer_id, number=number)


def _earlier(session: Session, actor: Actor, idempotency: Idempotency | None) -> Asked | None:
    """What the same call asked for when it came first, whatever became of it."""
    if idempotency is None:
        return None
    whose = {"dealer_id": actor.own_dealer_id, "actor": actor.key, "key": _key(idempotency)}
    row = session.execute(_EARLIER, whose).one_or_none()
    return None if row is None else Asked(row.number, row.total, row.allowed, replayed=True)


def _ask(
    session: Session,
    actor: Actor,
    request: OrderRequest,
    assessment: Assessment,
    allowed: Decimal,
    at: datetime,
    zone: ZoneInfo,
    idempotency: Idempotency | None,
) -> str:
    number = write_draft(
        session,
        actor=actor,
        request=request,
        lines=_bought(assessment),
        at=at,
        today=clock.business_date(at, zone),
        request_key=_key(idempotency) if idempotency else None,
    )
    set_waiting(session, actor=actor, number=number, assessment=assessment, allowed=allowed, at=at)
    announce_waiting(session, dealer_id=actor.own_dealer_id, number=number)
    return number


def _bought(assessment: Assessment) -> Sequence[Drafted]:
    return [
        Drafted(line.offer.id, line.demand.quantity, line.price.unit_price)
        for line in assessment.lines
        if not line.is_gift
    ]


def _key(idempotency: Idempotency) -> str:
    """The key with the fingerprint of its body: another body under the same key is another request."""
    return f"{idempotency.key} {idempotency.fingerprint}"


_EARLIER = text(
    """
    SELECT number, coalesce(total, 0) AS total, coalesce(allowed, 0) AS allowed FROM order_draft
     WHERE dealer_id = :dealer_id AND made_by = :actor AND request_key = :key
    """
)
