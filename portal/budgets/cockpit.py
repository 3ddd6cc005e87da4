"""Budgets as headquarters watches them: what is free, what is nearly gone, what nobody uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.budgets.queries import USE, Use
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing, containing_code, number_key

STANDINGS = ("waits", "over", "under", "even", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """A pot in the cockpit.

    standing: ``waits`` for its first approval, ``over`` when nine tenths are gone, ``under`` when two thirds
    of its days are and not a third of it, else ``even``. proposed: an amount that waits for a decision.
    """

    id: int
    number: str
    title_zh: str
    title_en: str
    kind: str
    state: str
    standing: str
    region_zh: str | None
    region_en: str | None
    programme: str | None
    first_day: date
    last_day: date
    amount: Decimal
    reserved: Decimal
    spent: Decimal
    free: Decimal
    proposed: Decimal | None
    place: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """An amount that was proposed, and what became of it."""

    amount: Decimal
    before: Decimal
    state: str
    reason: str
    proposed_by: str
    proposed_by_label: str
    proposed_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    decision_note: str


@dataclass(frozen=True, slots=True)
class BudgetDetail:
    """A pot with everything that was proposed for it, the latest first.

    answerable: whether the reader answers for its region.
    """

    row: BudgetRow
    answerable: bool
    proposals: tuple[Proposed, ...]

    @property
    def waiting(self) -> Proposed | None:
        """The amount that waits for a decision."""
        return next((one for one in self.proposals if one.state == "waiting"), None)


@dataclass(frozen=True, slots=True)
class Suitable:
    """A pot that an activity may be paid from."""

    number: str
    title_zh: str
    title_en: str
    free: Decimal


def budgets(
    session: Session,
    *,
    actor: Actor,
    today: date,
    kind: str = "",
    region: str = "",
    year: int | None = None,
    standing: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[BudgetRow]:
    """Pots of the nation and of the actor's regions: what waits first, then over- and under-used ones.

    Raises Invalid for a foreign cursor.
    """
    cursors = paging.cursors(session, "rebate-budgets", int, int)
    place, part = cursors.place_of(cursor), q.strip()[:100]
    rows = session.execute(
        _budgets(None if place is None else place.back),
        {
            **_reach(actor),
            "today": today,
            "kind": kind,
            "region": region,
            "year": year,
            "standing": standing,
            "q": part,
            "pattern": containing(part),
            "code": containing_code(part),
            "from_key": place.key[0] if place else None,
            "from_id": place.key[1] if place else None,
            "limit": limit + 1,
        },
    )
    found = [BudgetRow(**row._mapping) for row in rows]
    return cursors.page_of(found, limit, lambda one: (one.place, one.id), place)


def budget(session: Session, *, actor: Actor, number: str, today: date) -> BudgetDetail:
    """One pot. Raises NotFound for another region's."""
    row = session.execute(_BUDGET, {**_reach(actor), "number": number, "today": today}).one_or_none()
    if row is None:
        raise NotFound()
    proposals = session.execute(_PROPOSALS, {"id": row.id})
    return BudgetDetail(
        value_of(BudgetRow, row), row.answerable, tuple(value_of(Proposed, one) for one in proposals)
    )


def uses(session: Session, *, number: str, limit: int = 50, cursor: str | None = None) -> Page[Use]:
    """What documents hold of a pot, of the dealers that the session sees, the latest change first."""
    cursors = paging.cursors(session, f"budget-uses {number}", paging.moment, str)
    place = cursors.place_of(cursor)
    rows = session.execute(
        _uses(None if place is None else place.back),
        {
            "number": number,
            "from_key": place.key[0] if place else None,
            "from_id": place.key[1] if place else None,
            "limit": limit + 1,
        },
    )
    found = [value_of(Use, row) for row in rows]
    return cursors.page_of(found, limit, lambda one: (one.changed_at, one.document), place)


def suitable(session: Session, *, activity: str) -> list[Suitable]:
    """Open pots of an activity's kind, its dealer's region and its first day; the most money first."""
    return [Suitable(**row._mapping) for row in session.execute(_SUITABLE, {"number": activity})]


def years(session: Session, *, actor: Actor) -> Sequence[int]:
    """Years in which pots begin, the latest first."""
    return session.execute(_YEARS, _reach(actor)).scalars().all()


def _reach(actor: Actor) -> dict[str, Any]:
    return {"everywhere": actor.region_ids is None, "region_ids": list(actor.region_ids or ())}


_WITHIN = "(:everywhere OR b.region_id IS NULL OR b.region_id = ANY (CAST(:region_ids AS bigint[])))"
_STANDING = """
    CASE WHEN b.state = 'rejected' THEN 'rejected' WHEN b.state = 'proposed' THEN 'waits'
         WHEN (b.reserved + b.spent) * 10 >= b.amount * 9 THEN 'over'
         WHEN (least(CAST(:today AS date), b.last_day) - b.first_day + 1) * 3
                >= (b.last_day - b.first_day + 1) * 2
              AND (b.reserved + b.spent) * 3 < b.amount THEN 'under'
         ELSE 'even' END
"""
_ROWS = f"""
    SELECT b.id, b.number, b.title_zh, b.title_en, b.kind, b.state, b.standing, r.name_zh AS region_zh,
           r.name_en AS region_en, r.code AS region_code, p.number AS programme, b.first_day, b.last_day,
           b.amount, b.reserved, b.spent, b.amount - b.reserved - b.spent AS free, w.amount AS proposed,
           CASE WHEN w.amount IS NOT NULL THEN 0 ELSE array_position(
             ARRAY['waits', 'over', 'under', 'even', 'rejected'], b.standing) END AS place,
           :everywhere OR coalesce(b.region_id = ANY (CAST(:region_ids AS bigint[])), false) AS answerable
      FROM (SELECT b.*, {_STANDING} AS standing FROM rebate_budget b WHERE {_WITHIN}) b
      LEFT JOIN region r ON r.id = b.region_id
      LEFT JOIN rebate_programme p ON p.id = b.programme_id
      LEFT JOIN budget_proposal w ON w.budget_id = b.id AND w.state = 'waiting'
"""


@cache
def _budgets(back: bool | None) -> TextClause:
    after, order = paging.keyset("b.place", "b.id", descending=False, back=back)
    beyond = f"AND {after}" if after else ""
    names = ", ".join(f"b.{name}" for name in BudgetRow.__dataclass_fields__)
    return text(
        f"""
        SELECT {names} FROM ({_ROWS}) b
         WHERE :kind IN ('', b.kind) AND :region IN ('', b.region_code) AND :standing IN ('', b.standing)
           AND (CAST(:year AS int) IS NULL
                OR :year BETWEEN extract(year FROM b.first_day) AND extract(year FROM b.last_day))
           AND (:q = '' OR search_fold(b.title_zh || ' ' || b.title_en) LIKE :pattern
                OR {number_key("b.number")} LIKE :code) {beyond}
         ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _uses(back: bool | None) -> TextClause:
    after, order = paging.keyset("u.changed_at", "u.document", descending=True, back=back)
    beyond = f"AND {after}" if after else ""
    return text(
        f"{USE} JOIN rebate_budget b ON b.id = u.budget_id WHERE b.number = :number {beyond}"
        f" ORDER BY {order} LIMIT :limit"
    )


_BUDGET = text(f"SELECT * FROM ({_ROWS}) b WHERE b.number = :number")
_PROPOSALS = text(
    """
    SELECT amount, before, state, reason, proposed_by, proposed_by_label, proposed_at, decided_by_label,
           decided_at, decision_note
      FROM budget_proposal WHERE budget_id = :id ORDER BY id DESC
    """
)
_SUITABLE = text(
    """
    SELECT b.number, b.title_zh, b.title_en, b.amount - b.reserved - b.spent AS free
      FROM activity a
      JOIN rebate_budget b ON b.state = 'open' AND b.kind = a.kind
                          AND a.first_day BETWEEN b.first_day AND b.last_day
     WHERE a.number = :number
       AND (b.region_id IS NULL
            OR b.region_id IN (SELECT unnest(ARRAY[r.id, r.parent_id])
                                 FROM dealer_region dr JOIN region r ON r.id = dr.region_id
                                WHERE dr.dealer_id = a.dealer_id AND dr.valid_from <= app_today()
                                  AND (dr.valid_to IS NULL OR dr.valid_to > app_today())))
     ORDER BY free DESC, b.id LIMIT 100
    """
)
_YEARS = text(
    f"""
    SELECT DISTINCT CAST(extract(year FROM b.first_day) AS int) AS year FROM rebate_budget b WHERE {_WITHIN}
     ORDER BY year DESC LIMIT 20
    """
)
