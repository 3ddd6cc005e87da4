"""A programme in the hands of whoever answers for it: found, locked, its terms read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel import proposals, typed
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.proposal_life import ProposalAct
from portal.rebates.models import RebateProgramme
from portal.rebates.terms import Terms, TierTerms

_OF_ITS_OWN = (
    "title_zh",
    "title_en",
    "text_zh",
    "text_en",
    "valid_from",
    "valid_to",
    "period",
    "priority",
    "combinable",
    "budget",
)
"""What of the terms has a column of its own."""


AMENDED_TERMS = """
    jsonb_set(p.terms, '{amendments}', (
      SELECT coalesce(jsonb_agg(one ORDER BY one ->> 'start'), '[]')
        FROM (SELECT jsonb_array_elements(coalesce(p.terms -> 'amendments', '[]')) AS one
               UNION ALL
              SELECT jsonb_build_object('start', m.starts_on, 'tiers_of', m.tiers_of)
                FROM rebate_amendment m WHERE m.programme_id = p.id AND m.state = 'published') amendments))
"""
"""SQL: the column `terms` of a programme `p`, with its published amendments."""


def columns_of(terms: Terms) -> dict[str, Any]:
    """The terms as columns; what has none of its own stands in `terms`."""
    told = told_of(terms)
    own = {name: getattr(terms, name) for name in _OF_ITS_OWN}
    return own | {"terms": {name: value for name, value in told.items() if name not in _OF_ITS_OWN}}


def terms_of(row: Any, amended: Any = None) -> Terms:
    """The terms of a programme's row. amended: `AMENDED_TERMS`, where `terms` are as they were written."""
    own = {name: getattr(row, name) for name in _OF_ITS_OWN}
    return _adapter().validate_python((amended or row.terms) | own)


def tiers_as_json(tiers: Sequence[TierTerms]) -> list[dict[str, Any]]:
    """Tiers as a column."""
    return cast("list[dict[str, Any]]", _tiers().dump_python(tuple(tiers), mode="json"))


def tiers_of(column: Any) -> tuple[TierTerms, ...]:
    """Tiers that stand in a column."""
    return _tiers().validate_python(column)


@cache
def _tiers() -> TypeAdapter[tuple[TierTerms, ...]]:
    return TypeAdapter(tuple[TierTerms, ...])


def told_of(terms: Terms) -> dict[str, Any]:
    """The terms whole, as JSON, to be kept beside a programme that may change."""
    return cast("dict[str, Any]", _adapter().dump_python(terms, mode="json", exclude={"misread"}))


def terms_told(told: dict[str, Any]) -> Terms:
    """Terms that were kept so."""
    return _adapter().validate_python(told)


@cache
def _adapter() -> TypeAdapter[Terms]:
    return TypeAdapter(Terms)


def programme_id_of(session: Session, name: str) -> int:
    """The programme with a number, or with an id as text. Raises NotFound."""
    number = typed.own_number(name)
    column = RebateProgramme.number == name if number is None else RebateProgramme.id == number
    found = session.execute(select(RebateProgramme.id).where(column)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def lock_programme(
    session: Session, *, actor: Actor, programme_id: int, act: ProposalAct, revision: int | None = None
) -> RebateProgramme:
    """The programme, locked, when the act is one of its state and the actor answers for its region.

    revision: as it was read; None where nothing that was read matters. Raises NotFound, Conflict.
    """
    programme = session.get(RebateProgramme, programme_id)
    if programme is None or not actor.answers_for(programme.region_id):
        raise NotFound()
    code = "not_published" if act is ProposalAct.WITHDRAW else ""
    return proposals.locked(session, programme, act=act, revision=revision, code=code)
