"""Limits and terms at headquarters, and what dealers owe and have ordered against them."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.credit import (
    CreditDecisionBody,
    CreditLimitBody,
    CreditLimitPage,
    CreditLimitShape,
    CreditLimitsQuery,
    ExposedRegionsShape,
    ExposurePage,
    ExposureQuery,
)
from portal.credit import exposure, queries
from portal.credit.decide_change import approve_change, reject_change, withdraw_change
from portal.credit.exposure import ExposedDealer, ExposedRegion
from portal.credit.propose_change import propose_change, recall_change
from portal.credit.queries import ChangeRow
from portal.credit.rules import ChangeKind, Proposed, terms_warnings
from portal.dealers.queries import dealer_id_of
from portal.kernel.errors import N_
from portal.kernel.proposal_life import ProposalAct
from portal.ledger.vocabulary import LedgerRight
from portal.orders.answer import told
from portal.web import language
from portal.web.api.buyer import named_dealer, now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, portal

READERS = (LedgerRight.READ, LedgerRight.POST, LedgerRight.APPROVE)


@operation(
    "POST",
    "/hq/credit-limits",
    tag=HEADQUARTERS,
    rights=(LedgerRight.POST,),
    body=CreditLimitBody,
    answers=CreditLimitShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/hq/credit-limits/{number}",
    summary=N_("Propose another limit or other terms"),
    about=N_("It waits for another person. With a last day it is temporary; terms count for later invoices."),
)
def create(body: CreditLimitBody) -> Answer:
    at, today = now_and_today()
    dealer_id = dealer_id_of(current_session(), body.dealer)
    kind = ChangeKind(body.kind)
    number = propose_change(
        current_session(),
        actor=current_actor(),
        dealer_id=dealer_id,
        proposed=Proposed(
            kind,
            body.amount if kind is ChangeKind.LIMIT else None,
            body.days if kind is ChangeKind.TERMS else None,
            body.valid_from,
            body.valid_until,
            body.reason,
        ),
        today=today,
        at=at,
    )
    return Answer(_shown(number), 201)


@operation(
    "GET",
    "/hq/credit-limits",
    tag=HEADQUARTERS,
    rights=READERS,
    query=CreditLimitsQuery,
    answers=CreditLimitPage,
    summary=N_("Changes of limits and terms, the latest first"),
    about=N_("With who proposed and who approved each."),
)
def index(query: CreditLimitsQuery) -> dict[str, Any]:
    page = queries.changes(
        current_session(),
        dealer_id=named_dealer(query.dealer),
        state=query.state or "",
        kind=query.kind or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_change(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/credit-limits/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=CreditLimitShape,
    summary=N_("One change of a limit or of terms"),
    about=N_("As it stands."),
)
def show(number: str) -> dict[str, Any]:
    return _shown(number)


@operation(
    "POST",
    "/hq/credit-limits/<number>/approval",
    tag=HEADQUARTERS,
    rights=(LedgerRight.APPROVE,),
    body=CreditDecisionBody,
    answers=CreditLimitShape,
    creates=True,
    conflicts=True,
    summary=N_("Approve a change of a limit or of terms"),
    about=N_("It counts from its first day on, at once if that has come. Not by who proposed it."),
)
def approve(number: str, body: CreditDecisionBody) -> dict[str, Any]:
    at, today = now_and_today()
    approve_change(
        current_session(),
        actor=current_actor(),
        number=number,
        revision=body.revision,
        today=today,
        at=at,
    )
    return _shown(number)


@operation(
    "POST",
    "/hq/credit-limits/<number>/rejection",
    tag=HEADQUARTERS,
    rights=(LedgerRight.APPROVE,),
    body=CreditDecisionBody,
    answers=CreditLimitShape,
    creates=True,
    conflicts=True,
    summary=N_("Send a change of a limit or of terms back"),
    about=N_("With a reason; it never counts."),
)
def reject(number: str, body: CreditDecisionBody) -> dict[str, Any]:
    reject_change(
        current_session(),
        actor=current_actor(),
        number=number,
        revision=body.revision,
        reason=body.reason,
    )
    return _shown(number)


@operation(
    "POST",
    "/hq/credit-limits/<number>/withdrawal",
    tag=HEADQUARTERS,
    rights=(LedgerRight.POST, LedgerRight.APPROVE),
    body=CreditDecisionBody,
    answers=CreditLimitShape,
    creates=True,
    conflicts=True,
    summary=N_("Take a change back, or out of force"),
    about=N_("Before its time, with a reason: what counted without it counts again."),
)
def withdraw(number: str, body: CreditDecisionBody) -> dict[str, Any]:
    at, today = now_and_today()
    session, actor = current_session(), current_actor()
    if ProposalAct.RECALL in queries.change_of(session, number).acts:
        recall_change(session, actor=actor, number=number)
    else:
        withdraw_change(session, actor=actor, number=number, reason=body.reason, today=today, at=at)
    return _shown(number)


@operation(
    "GET",
    "/hq/exposure",
    tag=HEADQUARTERS,
    rights=READERS,
    query=ExposureQuery,
    answers=ExposurePage,
    summary=N_("Dealers by use of their limit"),
    about=N_("Balance and open orders against the limit, the most used first."),
)
def exposed(query: ExposureQuery) -> dict[str, Any]:
    _at, today = now_and_today()
    page = exposure.dealers(current_session(), today=today, limit=query.limit, cursor=query.cursor)
    return {"items": [_exposed(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/exposure/regions",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=ExposedRegionsShape,
    summary=N_("Exposure by area"),
    about=N_("The sums of the dealers of each area in scope."),
)
def exposed_regions() -> dict[str, Any]:
    _at, today = now_and_today()
    return {"items": [_region(one) for one in exposure.regions(current_session(), today=today)]}


def _shown(number: str) -> dict[str, Any]:
    return _change(queries.change_of(current_session(), number))


def _change(one: ChangeRow) -> dict[str, Any]:
    warnings = terms_warnings(one.days, portal().settings.terms_days_by_law)
    return {
        "number": one.number,
        "dealer": one.dealer_code,
        "kind": one.kind,
        "state": one.state,
        "revision": one.revision,
        "amount": one.amount,
        "days": one.days,
        "valid_from": one.valid_from,
        "valid_until": one.valid_until,
        "reason": one.why,
        "sent_back": one.reason,
        "proposed_by": one.proposed_by_label,
        "proposed_at": one.created_at,
        "approved_by": one.approved_by_label,
        "approved_at": one.approved_at,
        "in_force_at": one.published_at,
        "ended_at": one.ended_at or one.withdrawn_at,
        "warnings": told(warnings, language.current()),
    }


def _exposed(one: ExposedDealer) -> dict[str, Any]:
    return {
        "dealer": one.code,
        "balance": one.balance,
        "open_orders": one.open_orders,
        "overdue": one.overdue,
        "credit_limit": one.credit_limit,
        "available_credit": one.available,
        "used": f"{one.used:.4f}",
        "stopped": one.is_stopped,
    }


def _region(one: ExposedRegion) -> dict[str, Any]:
    return {
        "region": one.code,
        "dealers": one.dealers,
        "above_limit": one.above,
        "balance": one.balance,
        "open_orders": one.open_orders,
        "overdue": one.overdue,
        "credit_limit": one.credit_limit,
    }
