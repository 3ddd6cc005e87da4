"""Drafts of the dealer, and the approval of orders above a buyer's amount."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.purchasing import (
    DraftApprovalBody,
    DraftDecidedShape,
    DraftList,
    DraftRejectionBody,
    DraftShape,
    DraftsQuery,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.orders.manifest import CHAPTER
from portal.orders.vocabulary import OrderRight
from portal.purchasing import drafts
from portal.purchasing.decide_draft import approve_draft, reject_draft
from portal.purchasing.drafts import Draft, DraftSummary
from portal.purchasing.rules import DraftState
from portal.purchasing.vocabulary import PurchasingRight
from portal.web.api.operations import operation
from portal.web.order_sheets import look
from portal.web.order_terms import order_terms
from portal.web.request import current_actor, current_session

READERS = (OrderRight.WRITE, PurchasingRight.APPROVE)


@operation(
    "GET",
    "/order-drafts",
    tag=CHAPTER,
    rights=READERS,
    query=DraftsQuery,
    answers=DraftList,
    summary=N_("Drafts of the dealer"),
    about=N_("Orders that colleagues share, and those above a buyer's amount that wait for approval."),
)
def index(query: DraftsQuery) -> dict[str, Any]:
    states = [query.state] if query.state else list(DraftState)
    found = drafts.drafts(current_session(), actor=current_actor(), states=states)
    return {"items": [_summary(one) for one in found], "next_cursor": None}


@operation(
    "GET",
    "/order-drafts/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=DraftShape,
    summary=N_("One draft with its lines"),
    about=N_("`seen` stands for its present cost, until it has come to its end."),
)
def show(number: str) -> dict[str, Any]:
    found = drafts.draft(current_session(), actor=current_actor(), number=number)
    shown = _shown(found)
    if found.state in (DraftState.OPEN, DraftState.WAITING):
        shown["seen"] = look(found.request()).seen
    return shown


@operation(
    "POST",
    "/order-drafts/<number>/approval",
    tag=CHAPTER,
    rights=(PurchasingRight.APPROVE,),
    body=DraftApprovalBody,
    answers=DraftDecidedShape,
    creates=True,
    conflicts=True,
    summary=N_("Approve an order above the amount of its buyer"),
    about=N_("It is placed at this moment's prices and stock. Whoever asked cannot approve."),
)
def approve(number: str, body: DraftApprovalBody) -> dict[str, Any]:
    placed = approve_draft(
        current_session(),
        actor=current_actor(),
        number=number,
        seen=body.seen,
        terms=order_terms(),
        at=clock.now(),
    )
    return {"number": number, "state": str(DraftState.PLACED), "order": placed.number}


@operation(
    "POST",
    "/order-drafts/<number>/rejection",
    tag=CHAPTER,
    rights=(PurchasingRight.APPROVE,),
    body=DraftRejectionBody,
    answers=DraftDecidedShape,
    creates=True,
    conflicts=True,
    summary=N_("Do not approve an order"),
    about=N_("The buyer is told the reason. Whoever asked cannot decide."),
)
def reject(number: str, body: DraftRejectionBody) -> dict[str, Any]:
    reject_draft(current_session(), actor=current_actor(), number=number, reason=body.reason, at=clock.now())
    return {"number": number, "state": str(DraftState.REJECTED), "order": None}


def _summary(one: DraftSummary) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "name": one.name,
        "line_count": one.line_count,
        "made_at": one.made_at,
        "made_by": one.made_by_label,
        "asked_at": one.asked_at,
        "asked_by": one.asked_by_label,
        "order": one.order_number,
    }


def _shown(found: Draft) -> dict[str, Any]:
    return {
        "number": found.number,
        "state": found.state,
        "name": found.name,
        "purchase_order_no": found.purchase_order_no,
        "ship_to": found.ship_to,
        "requested_date": found.requested_date,
        "hospital": found.hospital,
        "made_at": found.made_at,
        "made_by": found.made_by_label,
        "asked_at": found.asked_at,
        "asked_by": found.asked_by_label,
        "total": found.total,
        "decided_at": found.decided_at,
        "decided_by": found.decided_by_label,
        "reason": found.reason,
        "order": found.order_number,
        "lines": [
            {
                "sku": line.sku,
                "name_zh": line.name_zh,
                "name_en": line.name_en,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
            }
            for line in found.lines
        ],
        "seen": None,
    }
