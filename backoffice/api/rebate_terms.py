"""A rebate programme between the API and the verbs: what a body says, and a programme as an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backoffice.api.schemas.rebates import ProgrammeBody, TierBody
from portal.rebates.queries import ManagedProgramme
from portal.rebates.rules import (
    Basis,
    GrowthBy,
    GrowthPays,
    LateReturns,
    Measure,
    Method,
    OnTimeMode,
    PeriodKind,
    ZeroBase,
)
from portal.rebates.terms import (
    AmendmentTerms,
    GradeTerms,
    GrowthTerms,
    MixTerms,
    OnTimeTerms,
    PayoutTerms,
    Terms,
    TierTerms,
)
from portal.web.api.rebate_terms import terms_shown


def terms_of(body: ProgrammeBody) -> Terms:
    """What a body says."""
    return Terms(
        title_zh=body.title_zh,
        title_en=body.title_en,
        text_zh=body.text_zh,
        text_en=body.text_en,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        period=PeriodKind(body.period),
        measure=Measure(body.measure),
        basis=Basis(body.basis),
        method=Method(body.method),
        tiers_of=tiers_of(body.tiers_of),
        regions=tuple(body.regions),
        tiers=tuple(body.tiers),
        dealers=tuple(body.dealers),
        skus=tuple(body.skus),
        category=body.category or "",
        **_parts(body),
        returns_at_most=body.returns_at_most,
        inventory_reports=body.inventory_reports,
        no_diversion_case=body.no_diversion_case,
        multiplier=body.multiplier,
        cap=body.cap,
        guaranteed=body.guaranteed,
        minimum_payout=body.minimum_payout,
        usable_share=body.usable_share,
        budget=body.budget,
        late_returns=LateReturns(body.late_returns),
        priority=body.priority,
        combinable=body.combinable,
        amendments=tuple(AmendmentTerms(one.start, tiers_of(one.tiers_of)) for one in body.amendments),
    )


def shown(found: ManagedProgramme) -> dict[str, Any]:
    """A programme as an answer."""
    names = ("number", "revision", "state", "phase", "ended_on", "published_at", "reason")
    return {
        "id": found.number,
        **{name: getattr(found, name) for name in names},
        **terms_shown(found.terms),
        "dealers": list(found.terms.dealers),
        "budget": found.terms.budget,
    }


def _parts(body: ProgrammeBody) -> dict[str, Any]:
    payout, growth, mix, on_time = body.payout, body.growth, body.mix, body.on_time
    return {
        "payout": payout
        and PayoutTerms(Basis(payout.basis or body.basis), tuple(payout.skus), payout.category or ""),
        "growth": growth
        and GrowthTerms(
            GrowthBy(growth.by), GrowthPays(growth.pays), growth.base_at_least, ZeroBase(growth.zero_base)
        ),
        "mix": mix and MixTerms(mix.at_least, mix.category or "", tuple(mix.skus), mix.factor),
        "on_time": on_time
        and OnTimeTerms(
            OnTimeMode(on_time.mode),
            on_time.grace_days,
            tuple(GradeTerms(one.days, one.pays) for one in on_time.grades),
        ),
    }


def tiers_of(tiers: Sequence[TierBody]) -> tuple[TierTerms, ...]:
    """Tiers of a body."""
    return tuple(TierTerms(one.start, one.percent, one.amount_per_unit, one.fixed) for one in tiers)
