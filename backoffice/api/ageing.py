"""Ageing of receivables at the end of any day."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.ageing import AgeingPage, AgeingQuery
from portal.dealers.queries import regions_in_scope
from portal.kernel.errors import N_, Fault, Invalid
from portal.ledger.ageing import DealerAgeing, ageing_by_dealer, ageing_by_region
from portal.ledger.ageing_rules import Buckets, require_day
from portal.ledger.vocabulary import LedgerRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.as_of import as_of_day
from portal.web.request import current_actor, current_session

FIGURES = (
    "current",
    "days_1_30",
    "days_31_60",
    "days_61_90",
    "days_over_90",
    "unallocated",
    "overdue",
    "balance",
)


@operation(
    "GET",
    "/hq/ageing",
    tag=HEADQUARTERS,
    rights=(LedgerRight.READ,),
    query=AgeingQuery,
    answers=AgeingPage,
    summary=N_("How long debts were overdue at the end of a day"),
    about=N_(
        "A document counts from its date in the month it was posted in: the last day of a closed month is "
        "what its statements say. What was posted later with an earlier date counts too, "
        "unless `seen` is `then`."
    ),
)
def ageing(query: AgeingQuery) -> dict[str, Any]:
    _, today = now_and_today()
    day = query.at or today
    require_day(day, today)
    session, as_of = current_session(), as_of_day(day, query.seen == "then")
    region_id = _region_id(query.region)
    then = query.boundaries == "then"
    regions = ageing_by_region(session, as_of=as_of, region_id=region_id, tree_then=then)
    page = ageing_by_dealer(
        session, as_of=as_of, region_id=region_id, tree_then=then, limit=query.limit, cursor=query.cursor
    )
    total = sum((one.buckets for one in regions), Buckets())
    return {
        "at": day,
        "total": _figures(total),
        "regions": [
            {
                "name_zh": one.region_zh,
                "name_en": one.region_en,
                "dealers": one.dealers,
                **_figures(one.buckets),
            }
            for one in regions
        ],
        "items": [
            {"dealer": one.dealer_code, "name_zh": one.dealer_zh, "name_en": one.dealer_en, **_figures(one)}
            for one in page.items
        ],
        "next_cursor": page.next_cursor,
    }


def _figures(aged: Buckets | DealerAgeing) -> dict[str, Any]:
    return {name: getattr(aged, name) for name in FIGURES}


def _region_id(code: str | None) -> int | None:
    if code is None:
        return None
    for region in regions_in_scope(current_session(), current_actor()):
        if region.code == code:
            return region.id
    fault = Fault(
        "/region", "unknown_region", N_("There is no such region among yours."), N_("Use its code.")
    )
    raise Invalid(faults=[fault])
