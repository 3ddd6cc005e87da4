"""What a dealer has earned, as it was last reckoned. Row-level security keeps it to the session's dealers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.db import Record
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.rebates.documents import AMENDED_TERMS, terms_of
from portal.rebates.terms import Terms


@dataclass(frozen=True, slots=True)
class NextTier:
    """start: as the programme's table has it. missing: what the qualifier lacks. gain: ¥ more there."""

    start: Decimal
    missing: Decimal
    gain: Decimal


@dataclass(frozen=True, slots=True)
class Earned:
    """One period of a programme for one dealer. reckoned_at: None while nobody has reckoned it yet.

    qualified, base: ¥ or pieces, as the programme's basis is. unmet: the conditions that do not hold;
    why: what those lack that are no figures.
    """

    number: str
    terms: Terms
    ended_on: date | None
    first_day: date
    last_day: date
    period: str
    qualified: Decimal
    reached_tier: int
    accrued: Decimal
    base: Decimal | None
    growth_percent: Decimal | None
    mix_percent: Decimal | None
    unmet: Sequence[str]
    why: Mapping[str, Sequence[str]]
    next_tier: NextTier | None
    reckoned_at: datetime


@dataclass(frozen=True, slots=True)
class EarnedLine:
    """What one line of a document counted and earned. place: from 1."""

    place: int
    on_day: date
    document: str
    line_no: int
    kind: str
    sku: str
    quantity: int
    qualifier: Decimal
    cumulative: Decimal
    payout: Decimal
    rate: Decimal | None
    amount: Decimal


def current(session: Session, *, dealer_id: int, today: date) -> list[Earned]:
    """The period of each programme that holds a day, or its last one; what ends first first."""
    rows = session.execute(_CURRENT, {"dealer_id": dealer_id, "today": today})
    return [_earned(row) for row in rows]


def earned(session: Session, *, dealer_id: int, number: str, period: str, today: date) -> Earned:
    """One period of a programme. period: its name; empty for the one that holds a day. Raises NotFound."""
    parameters = {"dealer_id": dealer_id, "number": number, "period": period, "today": today}
    row = session.execute(_ONE, parameters).first()
    if row is None:
        raise NotFound()
    return _earned(row)


def periods(session: Session, *, dealer_id: int, number: str) -> list[str]:
    """The names of the periods of a programme that were reckoned, the latest first."""
    return list(session.execute(_PERIODS, {"dealer_id": dealer_id, "number": number}).scalars())


def lines(
    session: Session,
    *,
    dealer_id: int,
    number: str,
    first_day: date,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[EarnedLine]:
    """The lines behind a figure, in order of date, document and line. Raises Invalid for a foreign cursor."""
    cursors = paging.cursors(session, f"rebate-lines {number} {first_day}", int)
    place = cursors.place_of(cursor)
    back = place is not None and place.back
    parameters: dict[str, Any] = {
        "dealer_id": dealer_id,
        "number": number,
        "first_day": first_day,
        "from_place": place.key[0] if place else None,
        "limit": limit + 1,
    }
    rows = session.execute(_LINES_BACK if back else _LINES, parameters)
    return cursors.page_of(
        [EarnedLine(**row._mapping) for row in rows], limit, lambda one: (one.place,), place
    )


def _earned(row: Record) -> Earned:
    following = None if row.next_from is None else NextTier(row.next_from, row.next_missing, row.next_gain)
    return Earned(
        row.number,
        terms_of(row),
        row.ended_on,
        row.first_day,
        row.last_day,
        row.accrual_period,
        row.qualified,
        row.reached_tier,
        row.accrued,
        row.base,
        row.growth_percent,
        row.mix_percent,
        tuple(row.unmet),
        row.why,
        following,
        row.reckoned_at,
    )


_COLUMNS = f"""
    p.number, p.title_zh, p.title_en, p.text_zh, p.text_en, p.valid_from, p.valid_to, p.ended_on, p.period,
    p.priority, p.combinable, NULL::numeric AS budget, {AMENDED_TERMS} - 'dealers' AS terms,
    a.first_day, a.last_day,
    a.period AS accrual_period, a.qualified, a.reached_tier, a.accrued, a.base, a.growth_percent,
    a.mix_percent, a.unmet, a.why, a.next_from, a.next_missing, a.next_gain, k.reckoned_at
"""
"""The programme's budget and the other dealers it names are nobody's business but headquarters'."""
_TABLES = """
    rebate_accrual a JOIN rebate_programme p ON p.id = a.programme_id
    JOIN rebate_reckoning k ON k.dealer_id = a.dealer_id
"""
_CURRENT = text(
    f"""
    SELECT DISTINCT ON (p.valid_to, p.number) {_COLUMNS} FROM {_TABLES}
     WHERE a.dealer_id = :dealer_id AND a.first_day <= :today
     ORDER BY p.valid_to, p.number, a.first_day DESC LIMIT 200
    """
)
_ONE = text(
    f"""
    SELECT {_COLUMNS} FROM {_TABLES}
     WHERE a.dealer_id = :dealer_id AND p.number = :number
       AND (a.period = :period OR :period = '' AND a.first_day <= :today)
     ORDER BY a.first_day DESC LIMIT 1
    """
)
_PERIODS = text(
    """
    SELECT a.period FROM rebate_accrual a JOIN rebate_programme p ON p.id = a.programme_id
     WHERE a.dealer_id = :dealer_id AND p.number = :number ORDER BY a.first_day DESC LIMIT 200
    """
)
_OF_PERIOD = """
    SELECT l.place, l.on_day, l.document, l.line_no, l.kind, l.sku, l.quantity, l.qualifier, l.cumulative,
           l.payout, l.rate, l.amount
      FROM rebate_accrual_line l JOIN rebate_programme p ON p.id = l.programme_id
     WHERE l.dealer_id = :dealer_id AND p.number = :number AND l.first_day = :first_day
"""
_LINES = text(
    f"{_OF_PERIOD} AND (CAST(:from_place AS integer) IS NULL OR l.place > :from_place)"
    " ORDER BY l.place LIMIT :limit"
)
_LINES_BACK = text(f"{_OF_PERIOD} AND l.place < :from_place ORDER BY l.place DESC LIMIT :limit")
