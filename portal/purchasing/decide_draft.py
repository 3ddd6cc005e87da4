"""A draft becomes an order, or does not: ordered by a colleague, approved or rejected by another person."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import outbox
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict, Forbidden, Invalid
from portal.orders.answer import Placed
from portal.orders.place_order import place_order
from portal.orders.request import CHANGED_CODE
from portal.orders.terms import OrderTerms
from portal.orders.vocabulary import OrderRight
from portal.purchasing import rules
from portal.purchasing.drafts import Draft, lock_draft
from portal.purchasing.keep_draft import set_decided, set_waiting
from portal.purchasing.limits import amount_without_approval
from portal.purchasing.place_or_ask import Asked, announce_waiting, check_within, refuse_above
from portal.purchasing.rules import DraftAct
from portal.purchasing.vocabulary import PurchasingAction, PurchasingRight


def order_draft(
    session: Session, *, actor: Actor, number: str, seen: str | None, terms: OrderTerms, at: datetime
) -> Placed | Asked:
    """Order an open draft as it stands; above the actor's amount it asks for approval instead.

    seen: what its page showed. Raises NotFound, Conflict, and as `place_order` does.
    """
    actor.require(OrderRight.WRITE)
    found = lock_draft(session, actor=actor, number=number)
    rules.moved(found.state, DraftAct.ASK)  # only an open one is ordered without having been asked about
    allowed = amount_without_approval(session, actor=actor)
    if allowed is not None:
        assessment = check_within(session, actor=actor, request=found.request(seen), terms=terms)
        if assessment.total > allowed:
            set_waiting(session, actor=actor, number=number, assessment=assessment, allowed=allowed, at=at)
            announce_waiting(session, dealer_id=found.dealer_id, number=number)
            return Asked(number, assessment.total, allowed)
    placed = _place(session, actor, found, seen, terms, at)
    refuse_above(placed, allowed)
    return placed


def approve_draft(
    session: Session, *, actor: Actor, number: str, seen: str | None, terms: OrderTerms, at: datetime
) -> Placed:
    """Approve an order that a colleague asked for: it is placed at this moment's prices and stock.

    seen: fingerprint of what the approver was shown; None when they go by what was asked, and then nothing
    may have changed since. Raises NotFound, Conflict, Invalid, Forbidden for who asked, and for an approver
    whose own amount it exceeds.
    """
    actor.require(PurchasingRight.APPROVE)
    found = lock_draft(session, actor=actor, number=number)
    _require_waiting(found)
    require_other_person(actor, found.asked_by or "")
    try:
        placed = _place(session, actor, found, found.seen if seen is None else seen, terms, at)
    except Conflict as refusal:
        raise _changed() if refusal.code == CHANGED_CODE else refusal from None
    allowed = amount_without_approval(session, actor=actor)
    if allowed is not None and Decimal(placed.answer["total"]) > allowed:
        message = N_("It is above the amount that you may order yourself.")
        raise Forbidden("above_own_amount", message, fix=N_("Somebody without that limit approves it."))
    return placed


def reject_draft(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Do not approve an order, and say why. Raises NotFound, Conflict, Invalid, Forbidden for who asked."""
    actor.require(PurchasingRight.APPROVE)
    found = lock_draft(session, actor=actor, number=number)
    state = rules.moved(found.state, DraftAct.REJECT)
    require_other_person(actor, found.asked_by or "")
    if faults := rules.reason_faults(reason):
        raise Invalid(faults=faults)
    set_decided(session, actor=actor, found=found, state=state, at=at, reason=reason.strip())
    record(
        session,
        PurchasingAction.DRAFT_REJECTED,
        number,
        actor=actor,
        dealer_id=found.dealer_id,
        reason=reason.strip(),
    )
    outbox.add(session, "order_draft.rejected", dealer_id=found.dealer_id, number=number)


def _require_waiting(found: Draft) -> None:
    rules.moved(found.state, DraftAct.REJECT)  # the one act that only a waiting draft allows beside placing


def _place(
    session: Session, actor: Actor, found: Draft, seen: str | None, terms: OrderTerms, at: datetime
) -> Placed:
    placed = place_order(
        session,
        actor=actor,
        dealer_id=found.dealer_id,
        request=found.request(seen),
        terms=terms,
    )
    state = rules.moved(found.state, DraftAct.PLACE)
    set_decided(session, actor=actor, found=found, state=state, at=at, order_number=placed.number)
    record(
        session,
        PurchasingAction.DRAFT_PLACED,
        found.number,
        actor=actor,
        dealer_id=found.dealer_id,
        after={"order": placed.number},
    )
    return placed


def _changed() -> Conflict:
    return Conflict(
        CHANGED_CODE,
        N_("Prices or lines have changed since approval was asked. Nothing has been ordered."),
        fix=N_("Look at what it costs now, and approve that."),
    )
