"""Reads of programmes for the people of headquarters who answer for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.proposal_life import ProposalAct, acts
from portal.kernel.search_pattern import containing, containing_code, number_key
from portal.rebates.documents import AMENDED_TERMS, terms_of
from portal.rebates.terms import Terms

PHASES = ("draft", "submitted", "approved", "coming", "running", "over", "withdrawn", "amending")
PHASE = """
    CASE WHEN p.state <> 'published' THEN p.state WHEN p.valid_from > :today THEN 'coming'
         WHEN p.valid_to < :today THEN 'over' ELSE 'running' END
"""
"""SQL: the state of a programme `p`; of a published one whether it is to begin, runs, or is over."""
AMENDING = """
    EXISTS (SELECT FROM rebate_amendment m
             WHERE m.programme_id = p.id AND m.state IN ('draft', 'submitted', 'approved'))
"""
"""SQL: whether an amendment of a programme `p` is on its way; `amending` asks for these."""


@dataclass(frozen=True, slots=True)
class ProgrammeSummary:
    """A programme in the list. accrued: ¥ that its dealers have earned so far, of those the actor sees."""

    id: int
    number: str
    title_zh: str
    title_en: str
    phase: str
    region_zh: str | None
    region_en: str | None
    valid_from: date
    valid_to: date
    period: str
    priority: int
    budget: Decimal | None
    accrued: Decimal
    proposed_by_label: str


@dataclass(frozen=True, slots=True)
class PeriodTotal:
    """What the dealers of a programme earned in one period. dealers: who earned anything."""

    period: str
    first_day: date
    last_day: date
    dealers: int
    accrued: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedProgramme:
    """A programme as headquarters sees it. answerable: whether the reader answers for its region."""

    id: int
    number: str
    revision: int
    state: str
    phase: str
    terms: Terms
    region_zh: str | None
    region_en: str | None
    ended_on: date | None
    proposed_by_label: str
    created_at: datetime
    written_by: Sequence[str]
    submitted_by_label: str | None
    submitted_at: datetime | None
    approved_by_label: str | None
    approved_at: datetime | None
    published_by: str | None
    published_by_label: str | None
    published_at: datetime | None
    withdrawn_by_label: str | None
    withdrawn_at: datetime | None
    reason: str
    answerable: bool

    @property
    def acts(self) -> frozenset[ProposalAct]:
        """What may be done to it by somebody."""
        found = acts(self.state)
        return found - {ProposalAct.WITHDRAW} if self.phase == "over" else found


def programmes(
    session: Session,
    *,
    actor: Actor,
    today: date,
    phase: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[ProgrammeSummary]:
    """Programmes as they stand on a day, the latest written first.

    A region's manager sees the nation's and its own. Raises Invalid for a foreign cursor.
    """
    cursors = paging.cursors(session, "rebate-programmes", int)
    place = cursors.place_of(cursor)
    part = q.strip()[:100]
    rows = session.execute(
        _programmes(phase == "amending", bool(phase), bool(part), None if place is None else place.back),
        {
            **_reach(actor),
            "today": today,
            "phase": phase,
            "q": containing(part),
            "code": containing_code(part),
            "from_id": place.key[0] if place else None,
            "limit": limit + 1,
        },
    )
    found = [ProgrammeSummary(**row._mapping) for row in rows]
    return cursors.page_of(found, limit, lambda one: (one.id,), place)


def programme(session: Session, *, actor: Actor, programme_id: int, today: date) -> ManagedProgramme:
    """One programme. Raises NotFound for another region's."""
    parameters = {**_reach(actor), "id": programme_id, "today": today}
    row = session.execute(_PROGRAMME, parameters).one_or_none()
    if row is None:
        raise NotFound()
    kept = {name: getattr(row, name) for name in _KEPT}
    return ManagedProgramme(terms=terms_of(row, row.amended), **kept)


def period_totals(session: Session, *, programme_id: int) -> list[PeriodTotal]:
    """What was earned by period, the latest first; of the dealers that the session sees."""
    return [PeriodTotal(**row._mapping) for row in session.execute(_TOTALS, {"id": programme_id})]


def _reach(actor: Actor) -> dict[str, Any]:
    return {"everywhere": actor.region_ids is None, "region_ids": list(actor.region_ids or ())}


_WITHIN = "(:everywhere OR p.region_id IS NULL OR p.region_id = ANY (CAST(:region_ids AS bigint[])))"
_KEPT = (
    "id",
    "number",
    "revision",
    "state",
    "phase",
    "region_zh",
    "region_en",
    "ended_on",
    "proposed_by_label",
    "created_at",
    "written_by",
    "submitted_by_label",
    "submitted_at",
    "approved_by_label",
    "approved_at",
    "published_by",
    "published_by_label",
    "published_at",
    "withdrawn_by_label",
    "withdrawn_at",
    "reason",
    "answerable",
)


@cache
def _programmes(amending: bool, with_phase: bool, with_q: bool, back: bool | None) -> TextClause:
    asked = [_WITHIN]
    if amending:
        asked.append(AMENDING)
    elif with_phase:
        asked.append(f"{PHASE} = :phase")
    if with_q:
        titles = "search_fold(p.title_zh || ' ' || p.title_en)"
        asked.append(f"({titles} LIKE :q OR {number_key('p.number')} LIKE :code)")
    if back is not None:
        asked.append(f"p.id {'>' if back else '<'} :from_id")
    return text(
        f"""
        SELECT p.id, p.number, p.title_zh, p.title_en, {PHASE} AS phase, r.name_zh AS region_zh,
               r.name_en AS region_en, p.valid_from, p.valid_to, p.period, p.priority, p.budget,
               (SELECT coalesce(sum(a.accrued), 0) FROM rebate_accrual a WHERE a.programme_id = p.id)
                 AS accrued, p.proposed_by_label
          FROM (SELECT p.* FROM rebate_programme p
                 WHERE {" AND ".join(asked)} ORDER BY p.id {"ASC" if back else "DESC"} LIMIT :limit) p
          LEFT JOIN region r ON r.id = p.region_id ORDER BY p.id {"ASC" if back else "DESC"}
        """
    )


_PROGRAMME = text(
    f"""
    SELECT p.*, {AMENDED_TERMS} AS amended, {PHASE} AS phase, r.name_zh AS region_zh, r.name_en AS region_en,
           :everywhere OR coalesce(p.region_id = ANY (CAST(:region_ids AS bigint[])), false) AS answerable
      FROM rebate_programme p LEFT JOIN region r ON r.id = p.region_id
     WHERE p.id = :id AND {_WITHIN}
    """
)
_TOTALS = text(
    """
    SELECT period, first_day, last_day, count(*) FILTER (WHERE accrued > 0)::int AS dealers,
           sum(accrued) AS accrued
      FROM rebate_accrual WHERE programme_id = :id
     GROUP BY period, first_day, last_day ORDER BY first_day DESC
    """
)
