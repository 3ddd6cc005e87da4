"""What the pages of a rebate programme show: the programme itself, and the form with what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext

from backoffice.blueprints import rebate_form
from backoffice.blueprints.rebate_figures import TIER_ROW
from backoffice.blueprints.rebate_history import history_of
from backoffice.blueprints.rebate_preview import PRICE, preview_of
from portal.dealers.queries import regions_in_scope
from portal.kernel import clock
from portal.kernel.errors import DomainError
from portal.kernel.proposal_life import ProposalAct
from portal.rebates import queries, words
from portal.rebates.amendments import amendments
from portal.rebates.documents import programme_id_of
from portal.rebates.queries import ManagedProgramme, PeriodTotal
from portal.rebates.rules import Basis, LateReturns, Measure, Method, PeriodKind
from portal.rebates.simulations import simulations
from portal.rebates.terms import Terms
from portal.rebates.vocabulary import RebateRight
from portal.settlements.settleable import settleable
from portal.settlements.vocabulary import SettlementRight
from portal.web import rebate_words
from portal.web.presentation import in_full, in_language
from portal.web.promotion_words import listed
from portal.web.rebate_versions import Version, versions_of
from portal.web.reference_cache import categories, tier_name, tier_options
from portal.web.request import current_actor, current_session, portal, request

SPARE_ROWS = 2
ROWS_LEAST = 4
GRADE_ROWS_LEAST = 3


def today() -> date:
    """The business day."""
    return clock.business_date(clock.now(), portal().settings.timezone)


def programme(number: str) -> ManagedProgramme:
    """The programme with a number. Raises NotFound."""
    session = current_session()
    key = programme_id_of(session, number)
    return queries.programme(session, actor=current_actor(), programme_id=key, today=today())


def context(found: ManagedProgramme) -> dict[str, Any]:
    """What its page shows."""
    totals = queries.period_totals(current_session(), programme_id=found.id)
    return {
        "programme": found,
        "words": rebate_words.terms_in_words(found.terms),
        "may": _may(found),
        "address": lambda act: url_for(f"rebates.{act}", number=found.number),
        "whom": _whom(found.terms),
        "history": history_of(found),
        "versions": _versions(found),
        "waits_for_another": "approve" in found.acts and current_actor().key in found.written_by,
        "totals": totals,
        "chart": _chart(totals),
        **_simulated(found),
        **_settling(found),
        **preview(found.terms),
    }


def _settling(found: ManagedProgramme) -> dict[str, Any]:
    """Which of its periods may be settled now, for who proposes that."""
    actor = current_actor()
    may = actor.may(SettlementRight.SETTLE) or actor.may(RebateRight.PROPOSE)
    waiting = (
        settleable(current_session(), today=today(), programme=found.number)
        if may and found.published_at
        else []
    )
    return {"may_settle": may, "today": today(), "unsettled": {one.period for one in waiting}}


def _simulated(found: ManagedProgramme) -> dict[str, Any]:
    """What was simulated of a programme that is not published, and whether as it stands."""
    if found.published_at:
        return {"simulations": [], "simulated": False}
    told = simulations(current_session(), actor=current_actor(), programme=found)
    return {
        "simulations": told[:5],
        "simulated": any(one.is_current and one.state != "failed" for one in told),
        "simulation_days": [request.args.get(name, "") for name in ("first", "last")],
    }


def preview(terms: Terms) -> dict[str, Any]:
    """What examples of a programme show."""
    found = preview_of(terms)
    return {
        "preview": found,
        "preview_price": PRICE,
        "preview_last_year": None
        if found is None or found.last_year is None
        else rebate_words.counted(terms, found.last_year),
        "preview_rows": [
            (rebate_words.counted(terms, one.qualified), one.reached_tier, one.accrued, one.rate)
            for one in (found.examples if found else ())
        ],
    }


def may_do(
    acts: frozenset[ProposalAct],
    written_by: Sequence[str],
    *,
    published_by: str | None,
    is_answerable: bool,
) -> dict[str, bool]:
    """What the reader may do to a proposal, by act. Who published it does not withdraw it."""
    actor = current_actor()
    here = {str(act) for act in acts} if is_answerable else set()
    proposes, approves = actor.may(RebateRight.PROPOSE), actor.may(RebateRight.APPROVE)
    decides = approves and actor.key not in written_by
    return {
        "edit": "edit" in here and proposes,
        "submit": "submit" in here and proposes,
        "recall": "recall" in here and proposes,
        "approve": "approve" in here and decides,
        "reject": "reject" in here and decides,
        "publish": "publish" in here and (proposes or approves),
        "withdraw": "withdraw" in here and (proposes or approves) and actor.key != published_by,
    }


def _may(found: ManagedProgramme) -> dict[str, bool]:
    amends = found.state == "published" and found.answerable and current_actor().may(RebateRight.PROPOSE)
    return {
        **may_do(
            found.acts,
            found.written_by,
            published_by=found.published_by,
            is_answerable=found.answerable,
        ),
        "amend": amends,
        "simulate": found.answerable and not found.published_at,
    }


def _versions(found: ManagedProgramme) -> list[Version]:
    """Its tiers by day, with every amendment and where that stands."""
    return versions_of(
        found.terms,
        amendments(current_session(), programme_id=found.id),
        state=found.state,
        address_of=lambda one: url_for("rebate_amendments.show", number=found.number, amendment=one.number),
    )


def _chart(totals: Sequence[PeriodTotal]) -> dict[str, Any]:
    """What was earned by period, the first first."""
    in_order = totals[::-1]
    return {
        "kind": "bar",
        "format": "money",
        "categories": [one.period for one in in_order],
        "series": [{"name": gettext("Earned"), "values": [one.accrued for one in in_order]}],
    }


def _whom(terms: Terms) -> list[tuple[str, str]]:
    """Whom it is for, dimension by dimension; nothing for everybody."""
    names = {
        one.code: in_language(one.name_zh, one.name_en)
        for one in regions_in_scope(current_session(), current_actor())
    }
    named = [
        (gettext("Regions"), [names.get(code, code) for code in terms.regions]),
        (gettext("Tiers"), [tier_name(code) for code in terms.tiers]),
        (gettext("Dealers"), list(terms.dealers)),
    ]
    return [(label, listed(said)) for label, said in named if said]


def new_form() -> dict[str, Any]:
    """An empty form, with what most programmes have."""
    usual = {
        "period": PeriodKind.QUARTER,
        "measure": Measure.INVOICED,
        "basis": Basis.AMOUNT,
        "method": Method.ALL_UNITS,
        "late_returns": LateReturns.OWN_DATE,
        "priority": 100,
        "combinable": True,
    }
    return _form(None, usual, None, None)


def edit_form(number: str) -> dict[str, Any]:
    """The form of a draft as it stands."""
    found = programme(number)
    return _form(found, rebate_form.values_of(found.terms), found.terms, None)


def refused_form(number: str | None, terms: Terms, refusal: DomainError) -> dict[str, Any]:
    """The form as it was typed, with what is wrong beside its fields."""
    found = None if number is None else programme(number)
    return _form(found, rebate_form.values_typed(), terms, refusal)


def _form(
    found: ManagedProgramme | None,
    values: Mapping[str, Any],
    terms: Terms | None,
    refusal: DomainError | None,
) -> dict[str, Any]:
    faults = refusal.faults if refusal else ()
    regions = regions_in_scope(current_session(), current_actor())
    return {
        "programme": found,
        "values": values,
        "refusal": refusal,
        "beside": lambda name: [in_full(one) for one in faults if rebate_form.field_of(one) == name],
        "summary": [(f"field-{rebate_form.field_of(one)}", in_full(one)) for one in faults],
        "tier_rows": with_spare(values.get("tier_rows", ()), TIER_ROW, ROWS_LEAST),
        "grade_rows": with_spare(values.get("grade_rows", ()), rebate_form.GRADE_ROW, GRADE_ROWS_LEAST),
        "amendments": rebate_words.amendments_in_words(found.terms) if found else [],
        "tiers": tier_options(),
        "regions": [(one.code, in_language(one.name_zh, one.name_en), one.level) for one in regions],
        "category_options": [
            ("", gettext("Any")),
            *((one.code, f"{one.code} {in_language(one.name_zh, one.name_en)}") for one in categories()),
        ],
        **_choices(),
        **(preview(terms) if terms else {"preview": None}),
    }


def with_spare(rows: Sequence[tuple[str, ...]], names: tuple[str, ...], least: int) -> list[tuple[str, ...]]:
    """The rows of a table to be filled in, and empty ones behind them."""
    count = max(least, len(rows) + SPARE_ROWS)
    return [*rows, *[("",) * len(names)] * (count - len(rows))]


def _choices() -> dict[str, list[tuple[str, str]]]:
    """What can be chosen from, field by field."""

    def said(table: Mapping[Any, str], empty: str = "") -> list[tuple[str, str]]:
        first = [("", empty)] if empty else []
        return [*first, *((str(one), gettext(word)) for one, word in table.items())]

    return {
        "periods": said(words.PERIODS),
        "measures": said(words.MEASURES),
        "bases": said(words.BASES),
        "methods": said(words.METHODS),
        "payout_bases": said(words.BASES, gettext("As what counts")),
        "growth_bys": said(words.GROWTH_BY, gettext("No growth: tiers are amounts or pieces")),
        "growth_pays": said(words.GROWTH_PAYS),
        "zero_bases": said(words.ZERO_BASES),
        "on_time_modes": said(words.ON_TIME_MODES, gettext("Not asked for")),
        "late_returns": said(words.LATE_RETURNS),
    }
