"""Held orders: the queue, a hold by hand, and many releases at once."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.holds import (
    HoldBody,
    HoldShape,
    HoldsPage,
    HoldsQuery,
    ReleasesBody,
    ReleasesShape,
)
from portal.kernel.errors import N_, DomainError, Fault
from portal.orders.answer import told
from portal.orders.hold_order import hold_order
from portal.orders.hold_queue import HeldOrder, held_orders
from portal.orders.release_many import release_many
from portal.orders.vocabulary import OrderRight
from portal.web import language
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "GET",
    "/hq/holds",
    tag=HEADQUARTERS,
    rights=(OrderRight.DESK,),
    query=HoldsQuery,
    answers=HoldsPage,
    summary=N_("Held orders, the longest waiting first"),
    about=N_("Each with why it waits and the figures of its dealer."),
)
def index(query: HoldsQuery) -> dict[str, Any]:
    _, today = now_and_today()
    page = held_orders(
        current_session(),
        today=today,
        grace_days=portal().settings.overdue_grace_days,
        kind=query.kind or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_shown(order) for order in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/orders/<number>/holds",
    tag=HEADQUARTERS,
    rights=(OrderRight.DESK,),
    body=HoldBody,
    answers=HoldShape,
    creates=True,
    conflicts=True,
    summary=N_("Put an order on hold"),
    about=N_("It is not picked until it is released. 409 while it is picked and when it has left."),
)
def put(number: str, body: HoldBody) -> dict[str, Any]:
    at, _ = now_and_today()
    held = hold_order(
        current_session(), actor=current_actor(), number=number, kind=body.kind, reason=body.reason, at=at
    )
    return {"number": number, "status": held.status, "holds": list(held.holds)}


@operation(
    "POST",
    "/hq/orders/releases",
    tag=HEADQUARTERS,
    rights=(OrderRight.DESK,),
    body=ReleasesBody,
    answers=ReleasesShape,
    creates=True,
    summary=N_("Release many orders"),
    about=N_("Each by itself: what cannot be released is left out and told with its reason."),
)
def release(body: ReleasesBody) -> dict[str, Any]:
    at, today = now_and_today()
    outcomes = release_many(
        portal().database,
        actor=current_actor(),
        numbers=body.numbers,
        reason=body.reason,
        today=today,
        at=at,
        margin_days=portal().settings.saleable_days_before_expiry,
    )
    return {
        "released": [one.number for one in outcomes if one.released and not one.released.proposed],
        "proposed": [one.number for one in outcomes if one.released and one.released.proposed],
        "left_out": [
            {"number": one.number, "errors": told(_faults(one.refusal), language.current())}
            for one in outcomes
            if one.refusal is not None
        ],
    }


def _faults(refusal: DomainError) -> tuple[Fault, ...]:
    """What a refusal says, as faults."""
    whole = Fault("", refusal.code, refusal.message, refusal.fix, refusal.params)
    return refusal.faults or (whole,)


def _shown(order: HeldOrder) -> dict[str, Any]:
    proposal = {"by": order.proposed_by_label, "reason": order.proposed_reason} if order.proposed_by else None
    return {
        "number": order.number,
        "dealer": order.dealer_code,
        "holds": list(order.holds),
        "held_by": told(order.held_by, language.current()),
        "placed_at": order.placed_at,
        "open_amount": order.open_amount,
        "exposure": order.exposure,
        "credit_limit": order.credit_limit,
        "overdue": order.overdue,
        "missing": order.missing,
        "proposal": proposal,
    }
