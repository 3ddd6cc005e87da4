"""What was agreed about programmes after they began: other tiers from a day on, and a fact about a dealer."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text

from demo.loading.acting import Acting
from demo.loading.evidence import pdf_of_a_letter, upload
from demo.scenario import Scenario
from demo.world.business_days import ZONE, moment, month_start
from portal.rebates.amendment_faults import Amending
from portal.rebates.decide_amendment import approve_amendment, submit_amendment
from portal.rebates.documents import terms_of
from portal.rebates.draft_amendment import draft_amendment
from portal.rebates.fact_faults import Stated
from portal.rebates.publish_amendment import publish_amendment
from portal.rebates.rules import FactKind
from portal.rebates.state_fact import confirm_fact, state_fact
from portal.rebates.terms import TierTerms

DIVERTED = 5  # the dealer of whom there is a case of diversion
_MONTHLY = text(
    "SELECT * FROM rebate_programme"
    " WHERE period = 'month' AND state = 'published' AND terms->>'category' = 'M' ORDER BY id LIMIT 1"
)


def amend(acting: Acting, scenario: Scenario) -> None:
    """Half a point more on the monthly rebate from the second last full month on, and the fact."""
    _other_tiers(acting, scenario)
    _diversion(acting, scenario)


def _other_tiers(acting: Acting, scenario: Scenario) -> None:
    programme = acting.session.execute(_MONTHLY).one()
    starts_on = month_start(scenario.today, -2)
    day = starts_on - timedelta(days=9)
    tiers = tuple(
        replace(tier, percent=tier.percent + Decimal("0.5")) if tier.percent is not None else tier
        for tier in terms_of(programme).tiers_of
    )
    author, other = acting.staff("channel"), acting.staff("channel2")
    session, at = acting.session, acting.at(moment(day, time(9, 20)))
    amending = Amending(starts_on, tiers, "竞品降价，经销商大会商定每档上调 0.5 个百分点")
    made = draft_amendment(
        session, actor=author, programme_id=programme.id, amending=amending, zone=ZONE, at=at
    )
    submit_amendment(
        session, actor=author, amendment_id=made.id, revision=made.revision or 1, today=day, at=at
    )
    at = acting.at(moment(day + timedelta(days=1), time(14)))
    approve_amendment(session, actor=other, amendment_id=made.id, revision=made.revision, today=day, at=at)
    at = acting.at(moment(day + timedelta(days=2), time(10)))
    publish_amendment(session, actor=author, amendment_id=made.id, revision=made.revision, today=day, at=at)
    _waits(acting, scenario, programme, tiers)


def _waits(acting: Acting, scenario: Scenario, programme: Row[Any], tiers: tuple[TierTerms, ...]) -> None:
    """Another one, from the programme's last day on, which nobody has approved yet."""
    author, session, at = acting.staff("channel"), acting.session, acting.at(scenario.now - timedelta(days=1))
    more = tuple(
        replace(tier, percent=tier.percent + Decimal("0.5")) if tier.percent is not None else tier
        for tier in tiers
    )
    amending = Amending(programme.valid_to, more, "年底冲量")
    made = draft_amendment(
        session, actor=author, programme_id=programme.id, amending=amending, zone=ZONE, at=at
    )
    submit_amendment(
        session,
        actor=author,
        amendment_id=made.id,
        revision=made.revision or 1,
        today=scenario.today,
        at=at,
    )


def _diversion(acting: Acting, scenario: Scenario) -> None:
    first = month_start(scenario.today, -1) + timedelta(days=11)
    day = min(first + timedelta(days=6), scenario.today - timedelta(days=2))
    first = min(first, day)
    author, other = acting.staff("channel"), acting.staff("channel2")
    at = acting.at(moment(day, time(11)))
    letter = pdf_of_a_letter(
        "窜货核查报告",
        ("经核查，经销商将华南区域货物销往授权区域以外，", "产品批号与出库记录相符，经销商已书面确认。"),
        at,
    )
    file = upload(acting, author, "窜货核查报告.pdf", letter, at)
    stated = Stated(
        dealer=f"D{DIVERTED:04d}",
        kind=FactKind.NO_DIVERSION_CASE,
        holds=False,
        from_day=first,
        to_day=None,
        reason="跨区销售，批号核对属实，双方已签字确认",
        files=(file,),
    )
    number = state_fact(acting.session, actor=author, stated=stated, zone=ZONE, at=at)
    at = acting.at(moment(day + timedelta(days=1), time(15)))
    confirm_fact(acting.session, actor=other, number=number, at=at)
