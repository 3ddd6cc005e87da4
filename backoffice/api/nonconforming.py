"""Goods that may not be sold: reported, decided on by quality, destroyed before a witness."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.nonconforming import (
    NonconformingDecisionBody,
    ReportBody,
    ReportPage,
    ReportQuery,
    ReportShape,
)
from portal.kernel.errors import N_
from portal.nonconforming import queries
from portal.nonconforming.decide_report import decide_report, witness_destruction
from portal.nonconforming.queries import ReportRow
from portal.nonconforming.report_goods import Goods, report_goods, set_apart
from portal.nonconforming.rules import Decision, Source
from portal.nonconforming.vocabulary import NonconformingRight, QualityRight
from portal.stock.serial_rules import plain_serials
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session

EITHER = (NonconformingRight.REPORT, QualityRight.DECIDE)


@operation(
    "GET",
    "/hq/non-conforming",
    tag=HEADQUARTERS,
    rights=EITHER,
    query=ReportQuery,
    answers=ReportPage,
    summary=N_("Reports of non-conforming goods"),
    about=N_("The latest first. None is ever deleted."),
)
def index(query: ReportQuery) -> dict[str, Any]:
    page = queries.reports(
        current_session(),
        actor=current_actor(),
        state=query.state or "",
        warehouse=query.warehouse or "",
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_shown(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/non-conforming/<number>",
    tag=HEADQUARTERS,
    rights=EITHER,
    answers=ReportShape,
    summary=N_("One report of non-conforming goods"),
    about=N_("With who reported, who decided and who was witness."),
)
def show(number: str) -> dict[str, Any]:
    return _whole(number)


@operation(
    "POST",
    "/hq/non-conforming",
    tag=HEADQUARTERS,
    rights=EITHER,
    body=ReportBody,
    answers=ReportShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/hq/non-conforming/{number}",
    summary=N_("Report goods that may not be sold"),
    about=N_("Units in quarantine, or with `set_apart` saleable ones that no order holds."),
)
def create(body: ReportBody) -> Answer:
    at, today = now_and_today()
    goods = Goods(body.warehouse, body.sku, body.lot, body.quantity, plain_serials(body.serials))
    verb = set_apart if body.set_apart else report_goods
    number = verb(
        current_session(),
        actor=current_actor(),
        goods=goods,
        source=Source(body.source),
        reason=body.reason,
        today=today,
        at=at,
    )
    return Answer(_whole(number), 201)


@operation(
    "POST",
    "/hq/non-conforming/<number>/decision",
    tag=HEADQUARTERS,
    rights=(QualityRight.DECIDE,),
    body=NonconformingDecisionBody,
    answers=ReportShape,
    creates=True,
    conflicts=True,
    summary=N_("Decide what becomes of non-conforming goods"),
    about=N_(
        "Released for sale, sent back to the supplier, or to be destroyed. Whoever reported does not decide."
    ),
)
def decide(number: str, body: NonconformingDecisionBody) -> dict[str, Any]:
    at, today = now_and_today()
    decision = Decision(body.decision)
    decide_report(
        current_session(),
        actor=current_actor(),
        number=number,
        decision=decision,
        note=body.note,
        today=today,
        at=at,
    )
    return _whole(number)


@operation(
    "POST",
    "/hq/non-conforming/<number>/witness",
    tag=HEADQUARTERS,
    rights=EITHER,
    answers=ReportShape,
    conflicts=True,
    summary=N_("Confirm to have seen goods destroyed"),
    about=N_(
        "The witness is the person whose token it is, no program and not who decided. The units leave the"
        " stock."
    ),
)
def witness(number: str) -> dict[str, Any]:
    at, _ = now_and_today()
    witness_destruction(current_session(), actor=current_actor(), number=number, at=at)
    return _whole(number)


def _whole(number: str) -> dict[str, Any]:
    return _shown(queries.report(current_session(), actor=current_actor(), number=number))


def _shown(one: ReportRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "warehouse": one.warehouse,
        "sku": one.sku,
        "lot": one.lot_no,
        "expires_on": one.expires_on,
        "quantity": one.quantity,
        "serials": list(one.serials),
        "source": one.source,
        "document": one.document or None,
        "reason": one.reason,
        "reported_by": one.reported_by_label,
        "reported_at": one.reported_at,
        "decided_by": one.decided_by_label,
        "decided_at": one.decided_at,
        "decision_note": one.decision_note,
        "witnessed_by": one.witnessed_by_label,
        "witnessed_at": one.witnessed_at,
    }
