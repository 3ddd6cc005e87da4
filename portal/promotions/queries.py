"""Reads of promotions for the people of headquarters who answer for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.proposal_life import ProposalAct, acts
from portal.kernel.search_pattern import containing, containing_code, number_key
from portal.promotions.said import PHASE, SAID_COLUMNS, SAID_TABLES, Said, lists_of

PHASES = ("draft", "submitted", "approved", "coming", "running", "over", "withdrawn")


class Party(NamedTuple):
    """A region or dealer that is addressed."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class PromotionSummary:
    """A promotion in the list. spent: ¥ given of it so far; share: of its budget, where it has one."""

    id: int
    number: str
    title_zh: str
    title_en: str
    kind: str
    phase: str
    region_zh: str | None
    region_en: str | None
    valid_from: datetime
    valid_to: datetime
    priority: int
    budget: Decimal | None
    spent: Decimal
    proposed_by_label: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedPromotion(Said):
    """A promotion as headquarters sees it: whom it is for, who did what, what is spent.

    answerable: whether the reader answers for its region. acts: what its state allows.
    """

    revision: int
    state: str
    regions: tuple[Party, ...]
    tiers: tuple[str, ...]
    dealers: tuple[Party, ...]
    region_zh: str | None
    region_en: str | None
    budget: Decimal | None
    spent: Decimal | None
    may_pass_floor: bool
    proposed_by_label: str
    created_at: datetime
    written_by: tuple[str, ...]
    submitted_by_label: str | None
    submitted_at: datetime | None
    approved_by_label: str | None
    approved_at: datetime | None
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


def promotions(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    phase: str = "",
    kind: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[PromotionSummary]:
    """Promotions as they stand at a moment, the latest written first.

    A region's manager sees the nation's and its own. Raises Invalid for a foreign cursor.
    """
    cursors = paging.cursors(session, "promotions", int)
    place = cursors.place_of(cursor)
    part = q.strip()[:100]
    statement = _promotions(bool(phase), bool(kind), bool(part), None if place is None else place.back)
    rows = session.execute(
        statement,
        {
            **_reach(actor),
            "at": at,
            "phase": phase,
            "kind": kind,
            "q": containing(part),
            "code": containing_code(part),
            "from_id": place.key[0] if place else None,
            "limit": limit + 1,
        },
    )
    found = [PromotionSummary(**row._mapping) for row in rows]
    return cursors.page_of(found, limit, lambda one: (one.id,), place)


def promotion(session: Session, *, actor: Actor, promotion_id: int, at: datetime) -> ManagedPromotion:
    """One promotion. Raises NotFound for another region's."""
    row = session.execute(_PROMOTION, {**_reach(actor), "id": promotion_id, "at": at}).one_or_none()
    if row is None:
        raise NotFound()
    return value_of(
        ManagedPromotion,
        row,
        **lists_of(row),
        regions=tuple(Party(*one) for one in row.regions or ()),
        dealers=tuple(Party(*one) for one in row.dealers or ()),
        tiers=tuple(row.tiers),
        written_by=tuple(row.written_by),
    )


def _reach(actor: Actor) -> dict[str, Any]:
    return {"everywhere": actor.region_ids is None, "region_ids": list(actor.region_ids or ())}


_WITHIN = "(:everywhere OR p.region_id IS NULL OR p.region_id = ANY (CAST(:region_ids AS bigint[])))"


@cache
def _promotions(with_phase: bool, with_kind: bool, with_q: bool, back: bool | None) -> TextClause:
    asked = [_WITHIN]
    if with_phase:
        asked.append(f"{PHASE} = :phase")
    if with_kind:
        asked.append("p.kind = :kind")
    if with_q:
        titles = "search_fold(p.title_zh || ' ' || p.title_en)"
        asked.append(f"({titles} LIKE :q OR {number_key('p.number')} LIKE :code)")
    if back is not None:
        asked.append(f"p.id {'>' if back else '<'} :from_id")
    return text(
        f"""
        SELECT p.id, p.number, p.title_zh, p.title_en, p.kind, {PHASE} AS phase, r.name_zh AS region_zh,
               r.name_en AS region_en, p.valid_from, p.valid_to, p.priority, p.budget,
               coalesce(b.spent, (SELECT sum(d.spent) FROM promotion_dealer d WHERE d.promotion_id = p.id),
                        0) AS spent,
               p.proposed_by_label, p.published_at
          FROM promotion p LEFT JOIN region r ON r.id = p.region_id
          LEFT JOIN promotion_budget b ON b.promotion_id = p.id
         WHERE {" AND ".join(asked)} ORDER BY p.id {"ASC" if back else "DESC"} LIMIT :limit
        """
    )


_PROMOTION = text(
    f"""
    SELECT {SAID_COLUMNS}, p.revision, p.state, p.tiers, p.budget, b.spent, p.may_pass_floor,
           p.proposed_by_label, p.created_at, p.written_by, p.submitted_by_label, p.submitted_at,
           p.approved_by_label, p.approved_at, p.published_by_label, p.published_at, p.withdrawn_by_label,
           p.withdrawn_at, p.reason, r.name_zh AS region_zh, r.name_en AS region_en,
           (SELECT json_agg(json_build_array(x.code, x.name_zh, x.name_en) ORDER BY x.code) FROM region x
             WHERE x.id = ANY (p.region_ids)) AS regions,
           (SELECT json_agg(json_build_array(x.code, x.name_zh, x.name_en) ORDER BY x.code) FROM dealer x
             WHERE x.id = ANY (p.dealer_ids)) AS dealers,
           :everywhere OR coalesce(p.region_id = ANY (CAST(:region_ids AS bigint[])), false) AS answerable
      FROM {SAID_TABLES} LEFT JOIN region r ON r.id = p.region_id
      LEFT JOIN promotion_budget b ON b.promotion_id = p.id
     WHERE p.id = :id AND {_WITHIN}
    """
)
