"""Budgets and activities in every state, by the portal's own verbs."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal

from sqlalchemy import text

from demo.loading.acting import Acting
from demo.scenario import Scenario
from demo.world.business_days import MONTHS, moment, month_start
from demo.world.claims import ACTIVITIES, BUDGETS, Budgeted, Planned
from portal.budgets.decide_activity import (
    approve_activity,
    close_activity,
    reject_activity,
    return_activity,
)
from portal.budgets.decide_budget import approve_budget, reject_budget
from portal.budgets.plan_activity import plan_activity, withdraw_activity
from portal.budgets.propose_budget import propose_amount, propose_budget
from portal.budgets.rules import Plan, Pot

_AHEAD = timedelta(days=12)  # an activity is planned so many days before it begins
# The pot of a programme is made when it is first drawn on; its programme was there before.
_POTS_OF_PROGRAMMES = text(
    "UPDATE rebate_budget b SET created_at = p.published_at"
    "  FROM rebate_programme p WHERE p.id = b.programme_id"
)


def open_budgets(acting: Acting, scenario: Scenario) -> list[str]:
    """Every pot; their numbers."""
    acting.session.execute(_POTS_OF_PROGRAMMES)
    return [_budget(acting, scenario, one, place) for place, one in enumerate(BUDGETS)]


def _budget(acting: Acting, scenario: Scenario, one: Budgeted, place: int) -> str:
    today = scenario.today
    first, last = month_start(today, 1 - MONTHS), month_start(today, 3) - timedelta(days=1)
    asks, agrees = acting.staff("channel"), acting.staff("channel2")
    day = today - timedelta(days=4) if one.ends == "proposed" else first + timedelta(days=2 + place)
    at = acting.at(moment(day, time(10)))
    amount = Decimal(one.amount)
    pot = Pot(one.title_zh, one.title_en, one.kind, "", one.region, first, last, amount, one.why)
    number = propose_budget(acting.session, actor=asks, pot=pot, today=day, at=at)
    at = acting.at(at + timedelta(days=1))
    if one.ends == "approved":
        approve_budget(acting.session, actor=agrees, number=number, at=at)
    elif one.ends == "rejected":
        reject_budget(acting.session, actor=agrees, number=number, reason="展会已取消，另行申报", at=at)
    if one.raised:
        at = acting.at(moment(today - timedelta(days=2), time(15)))
        raised, why = Decimal(one.raised), "新品试用医院增加到八家"
        propose_amount(acting.session, actor=asks, number=number, amount=raised, reason=why, at=at)
    return number


def plan_activities(acting: Acting, scenario: Scenario, pots: list[str]) -> dict[str, str]:
    """Every activity; the number of those that have a name."""
    numbers = [(one.name, _activity(acting, scenario, one, pots)) for one in ACTIVITIES]
    return {name: number for name, number in numbers if name}


def _activity(acting: Acting, scenario: Scenario, one: Planned, pots: list[str]) -> str:
    session = acting.session
    asks, decides = acting.dealer(one.dealer, "owner"), acting.staff("channel")
    first, last = (scenario.today - timedelta(days=days) for days in (one.first, one.last))
    day = min(first - _AHEAD, scenario.today - timedelta(days=3))
    at = acting.at(moment(day, time(11)))
    plan = Plan(one.kind, one.title, "含场地、讲者与物料", one.place, first, last, Decimal(one.amount))
    number = plan_activity(session, actor=asks, plan=plan, submit=one.course != "draft", today=day, at=at)
    at = acting.at(at + timedelta(days=1, hours=4))
    if one.course in ("approved", "closed"):
        amount = Decimal(one.approved)
        reason = "讲者费用按标准核定" if one.approved < one.amount else ""
        approve_activity(
            session,
            actor=decides,
            number=number,
            amount=amount,
            budget=pots[one.budget],
            reason=reason,
            at=at,
        )
    elif one.course == "returned":
        return_activity(session, actor=decides, number=number, reason="请补充预算明细与参会名单", at=at)
    elif one.course == "rejected":
        reject_activity(session, actor=decides, number=number, reason="境外差旅不在支持范围", at=at)
    elif one.course == "withdrawn":
        withdraw_activity(session, actor=asks, number=number, at=at)
    if one.course == "closed":
        at = acting.at(moment(last + timedelta(days=30), time(16)))
        close_activity(session, actor=decides, number=number, at=at)
    return number
