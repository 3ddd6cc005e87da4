"""What a dealer has earned under rebate programmes, and the lines behind it."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.blueprints.api.schemas.rebates import (
    AccrualQuery,
    AccrualShape,
    ProgrammeEarningList,
    ProgrammesQuery,
    WhatIfQuery,
    WhatIfShape,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.money import ZERO
from portal.rebates import earned, next_tier
from portal.rebates.earned import Earned, EarnedLine, NextTier
from portal.rebates.manifest import CHAPTER
from portal.rebates.vocabulary import RebateRight
from portal.rebates.what_if import supposed, what_if
from portal.web.api.buyer import buyer, buyer_id, now_and_today
from portal.web.api.operations import operation
from portal.web.reckoning_rate import count_reckoning
from portal.web.request import current_session, portal

READERS = (RebateRight.READ, RebateRight.PROPOSE, RebateRight.APPROVE)


@operation(
    "GET",
    "/rebates/programmes",
    tag=CHAPTER,
    rights=READERS,
    query=ProgrammesQuery,
    answers=ProgrammeEarningList,
    summary=N_("Rebate programmes of the dealer"),
    about=N_("Each with its current or last period; at most 200, what ends first first."),
)
def programmes(query: ProgrammesQuery) -> dict[str, Any]:
    found = earned.current(current_session(), dealer_id=buyer_id(query.dealer), today=_today())
    return {"items": [_shown(one) for one in found], "next_cursor": None}


@operation(
    "GET",
    "/rebates/accruals",
    tag=CHAPTER,
    rights=READERS,
    query=AccrualQuery,
    answers=AccrualShape,
    summary=N_("What was earned in a period of a programme"),
    about=N_("With every line, so that anybody can compute it again: the amounts add up to `accrued`."),
)
def accrual(query: AccrualQuery) -> dict[str, Any]:
    dealer_id = buyer_id(query.dealer)
    found = earned.earned(
        current_session(),
        dealer_id=dealer_id,
        number=query.programme,
        period=query.period,
        today=_today(),
    )
    page = earned.lines(
        current_session(),
        dealer_id=dealer_id,
        number=query.programme,
        first_day=found.first_day,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {
        **_shown(found),
        "lines": [_line(one) for one in page.items],
        "next_cursor": page.next_cursor,
    }


@operation(
    "GET",
    "/rebates/what-if",
    tag=CHAPTER,
    rights=READERS,
    query=WhatIfQuery,
    answers=WhatIfShape,
    conflicts=True,
    summary=N_("What buying more would earn"),
    about=N_("Until the end of the current period, by the engine that accrues."),
)
def asked_what_if(query: WhatIfQuery) -> dict[str, Any]:
    more = supposed(query.amount, query.quantity, query.sku)
    count_reckoning()
    at, today = now_and_today()
    found = what_if(
        current_session(),
        dealer=buyer(query.dealer),
        number=query.programme,
        more=more,
        today=today,
        at=at,
    )
    return {
        "programme": found.number,
        "period": found.now.period.name,
        "last_day": found.now.period.last,
        "quantity": sum(one.quantity for one in found.goods),
        "gross": sum((one.gross for one in found.goods), ZERO),
        "accrued": found.now.accrued,
        "accrued_then": found.then.accrued,
        "gain": found.gain,
        "qualified_then": found.then.qualified,
        "reached_tier": found.now.reached_tier,
        "reached_tier_then": found.then.reached_tier,
        "unmet_then": list(found.then.unmet),
        "next_tier": _next(found.then.next_tier),
    }


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)


def _shown(one: Earned) -> dict[str, Any]:
    names = (
        *("period", "first_day", "last_day", "qualified", "reached_tier", "accrued", "base"),
        *("growth_percent", "mix_percent", "reckoned_at"),
    )
    return {
        **{name: getattr(one, name) for name in names},
        "programme": one.number,
        "title_zh": one.terms.title_zh,
        "title_en": one.terms.title_en,
        "amended_from": one.terms.amendments[-1].start if one.terms.amendments else None,
        "unmet": list(one.unmet),
        "next_tier": _next(one.next_tier),
        "why": {name: list(lacks) for name, lacks in one.why.items()},
    }


def _next(following: NextTier | next_tier.NextTier | None) -> dict[str, Any] | None:
    if following is None:
        return None
    return {"from": following.start, "missing": following.missing, "gain": following.gain}


def _line(one: EarnedLine) -> dict[str, Any]:
    names = ("document", "kind", "sku", "quantity", "qualifier", "cumulative", "payout", "amount")
    return {
        **{name: getattr(one, name) for name in names},
        "line": one.line_no,
        "date": one.on_day,
        "rate": None if one.rate is None else f"{one.rate.normalize():f}",
    }
