"""What each warehouse should have of each product, and the terms of that, for planning programs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from backoffice.api.schemas.planning import (
    AdvicePage,
    AdviceQuery,
    TermsBody,
    TermsList,
    TermsShape,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.orders.vocabulary import OrderRight
from portal.planning.advice_list import Advice, Show, SoughtAdvice, advice
from portal.planning.advice_rules import TermsChange, default_terms
from portal.planning.terms import set_terms, terms_set
from portal.planning.vocabulary import PlanningRight
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "GET",
    "/hq/replenishment",
    tag=HEADQUARTERS,
    rights=(OrderRight.DESK,),
    query=AdviceQuery,
    answers=AdvicePage,
    summary=N_("What each warehouse should have of each product"),
    about=N_(
        "Written anew every night from what dealers ordered. `quantity` is to be bought, or brought from a "
        "warehouse with `surplus`; what is on order already is not proposed again."
    ),
)
def index(query: AdviceQuery) -> dict[str, Any]:
    show = Show.PROPOSED if query.show == "proposed" else Show(query.show)
    page = advice(
        current_session(),
        actor=current_actor(),
        sought=SoughtAdvice(query.warehouse or "", query.q.strip(), show),
        limit=query.limit,
        cursor=query.cursor,
        sort=query.sort,
    )
    return {"items": [_shown(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/replenishment-terms",
    tag=HEADQUARTERS,
    rights=(OrderRight.DESK,),
    answers=TermsList,
    summary=N_("Lead times and service levels"),
    about=N_("What is set for a product goes before its warehouse, and that before what counts otherwise."),
)
def terms() -> dict[str, Any]:
    otherwise = default_terms(portal().settings.replenishment_days)
    return {
        "lead_days": otherwise.lead_days,
        "review_days": otherwise.review_days,
        "service_level": _share(otherwise.service_level),
        "items": [
            {
                "warehouse": one.warehouse,
                "sku": one.sku or None,
                "lead_days": one.lead_days,
                "review_days": one.review_days,
                "service_level": _share(one.service_level),
            }
            for one in terms_set(current_session(), actor=current_actor())
        ],
    }


@operation(
    "PUT",
    "/hq/replenishment-terms",
    tag=HEADQUARTERS,
    rights=(PlanningRight.SET,),
    body=TermsBody,
    answers=TermsShape,
    summary=N_("Set lead time and service level"),
    about=N_("Of a warehouse, or of one product in it. The next advice, within the hour, heeds it."),
)
def keep_terms(body: TermsBody) -> dict[str, Any]:
    level = None if body.service_level is None else Decimal(body.service_level)
    set_terms(
        current_session(),
        actor=current_actor(),
        warehouse=body.warehouse,
        sku=body.sku or "",
        change=TermsChange(body.lead_days, body.review_days, level),
        at=clock.now(),
    )
    return {
        "warehouse": body.warehouse,
        "sku": body.sku,
        "lead_days": body.lead_days,
        "review_days": body.review_days,
        "service_level": _share(level),
    }


def _shown(one: Advice) -> dict[str, Any]:
    return {
        "warehouse": one.warehouse,
        "sku": one.sku,
        "method": one.method,
        "weeks": one.weeks,
        "weekly": str(one.weekly),
        "lead_days": one.lead_days,
        "review_days": one.review_days,
        "service_level": _share(one.service_level),
        "on_hand": one.on_hand,
        "reserved": one.reserved,
        "available": one.free,
        "coming": one.coming,
        "waiting": one.waiting,
        "safety_stock": one.safety_stock,
        "reorder_point": one.reorder_point,
        "order_up_to": one.order_up_to,
        "quantity": one.quantity,
        "surplus": one.surplus,
        "cover_days": one.cover_days,
        "advised_at": one.advised_at,
    }


def _share(level: Decimal | None) -> str | None:
    return None if level is None else f"{level:.3f}"
