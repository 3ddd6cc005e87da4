"""What the pages of an amendment show: its tiers, what may be done, the form, and what it would change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for

from backoffice.blueprints import rebate_figures
from backoffice.blueprints.rebate_page import ROWS_LEAST, may_do, programme, today, with_spare
from portal.kernel.errors import DomainError
from portal.kernel.proposal_life import ProposalState
from portal.rebates.amendment_preview import preview_of_amendment
from portal.rebates.amendments import Amendment, amendment
from portal.rebates.queries import ManagedProgramme
from portal.rebates.terms import TierTerms
from portal.web.presentation import in_full
from portal.web.rebate_versions import versions_of
from portal.web.rebate_words import rates_in_words
from portal.web.reckoning_rate import count_reckoning
from portal.web.request import current_actor, current_session, request

__all__ = ("context", "edit_form", "new_form", "preview", "programme", "refused_form", "today")


def context(number: str, name: str) -> dict[str, Any]:
    """What the page of an amendment shows."""
    found, one = _found(number, name)
    may = may_do(
        one.acts,
        one.written_by,
        published_by=one.published_by,
        is_answerable=found.answerable and found.state == "published",
    )
    before = [each for each in versions_of(found.terms, ()) if each.starts_on < one.starts_on]
    return {
        "programme": found,
        "amendment": one,
        "rates": rates_in_words(found.terms, one.tiers_of),
        "rates_before": before[-1].rates if before else "",
        "may": may,
        "waits_for_another": "approve" in one.acts and current_actor().key in one.written_by,
        "address": lambda act: url_for(f"rebate_amendments.{act}", number=found.number, amendment=one.number),
        "is_open": one.state not in (ProposalState.PUBLISHED, ProposalState.WITHDRAWN),
    }


def preview(number: str, name: str) -> dict[str, Any]:
    """What it would change."""
    found, one = _found(number, name)
    count_reckoning()
    return {
        "programme": found,
        "amendment": one,
        "preview": preview_of_amendment(
            current_session(), actor=current_actor(), programme_id=found.id, amendment=one, today=today()
        ),
    }


def new_form(number: str) -> dict[str, Any]:
    """A form with the tiers that hold at the end of the programme."""
    found = programme(number)
    tiers = found.terms.amendments[-1].tiers_of if found.terms.amendments else found.terms.tiers_of
    return _form(found, None, {"tier_rows": _rows(tiers)}, None)


def edit_form(number: str, name: str) -> dict[str, Any]:
    """The form of a draft as it stands."""
    found, one = _found(number, name)
    values = {"starts_on": one.starts_on, "why": one.why, "tier_rows": _rows(one.tiers_of)}
    return _form(found, one, values, None)


def refused_form(number: str, name: str | None, refusal: DomainError) -> dict[str, Any]:
    """The form as it was typed, with what is wrong beside its fields."""
    found, one = _found(number, name) if name else (programme(number), None)
    typed = {name: request.form.get(name, "") for name in ("starts_on", "why", "form_key")}
    return _form(found, one, {**typed, "tier_rows": rebate_figures.tier_rows()}, refusal)


def _found(number: str, name: str) -> tuple[ManagedProgramme, Amendment]:
    found = programme(number)
    return found, amendment(current_session(), programme_id=found.id, name=name)


def _rows(tiers: tuple[TierTerms, ...]) -> list[tuple[str, ...]]:
    figures = [(one.start, one.percent, one.amount_per_unit, one.fixed) for one in tiers]
    return [tuple(map(rebate_figures.shown, row)) for row in figures]


_FIELDS = {"from": "starts_on", "reason": "why"}


def _form(
    found: ManagedProgramme,
    one: Amendment | None,
    values: Mapping[str, Any],
    refusal: DomainError | None,
) -> dict[str, Any]:
    def field_of(pointer: str) -> str:
        name = "-".join(pointer.strip("/").split("/"))
        return _FIELDS.get(name, name)

    faults = [(field_of(fault.pointer), in_full(fault)) for fault in (refusal.faults if refusal else ())]
    return {
        "programme": found,
        "amendment": one,
        "values": values,
        "refusal": refusal,
        "beside": lambda name: [said for field, said in faults if field == name],
        "summary": [(f"field-{field}", said) for field, said in faults],
        "tier_rows": with_spare(values["tier_rows"], rebate_figures.TIER_ROW, ROWS_LEAST),
        "versions": versions_of(found.terms, ()),
        "action": url_for("rebate_amendments.save", number=found.number, amendment=one.number)
        if one
        else url_for("rebate_amendments.create", number=found.number),
    }
