"""Periods of programmes that wait to be settled, or may be paid ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class SettleablePeriod:
    """A period of a programme. dealers, accrued: of those who earned something and are not settled."""

    programme: str
    title_zh: str
    title_en: str
    period: str
    last_day: date
    is_over: bool
    dealers: int
    accrued: Decimal


def settleable(session: Session, *, today: date, programme: str = "") -> list[SettleablePeriod]:
    """Periods under which dealers in scope are not settled, and no settlement is under way; at most 100.

    What is over comes first, the longest over before. programme: its number, for those of one.
    """
    rows = session.execute(_SETTLEABLE, {"today": today, "programme": programme})
    return [SettleablePeriod(**row._mapping) for row in rows]


_SETTLEABLE = text(
    """
    SELECT p.number AS programme, p.title_zh, p.title_en, a.period, max(a.last_day) AS last_day,
           bool_and(a.last_day < CAST(:today AS date)) AS is_over, count(*)::int AS dealers,
           sum(a.accrued) AS accrued
      FROM rebate_accrual a JOIN rebate_programme p ON p.id = a.programme_id
     WHERE a.accrued > 0 AND :programme IN ('', p.number)
       AND NOT EXISTS (SELECT FROM rebate_settlement s
                        WHERE s.dealer_id = a.dealer_id AND s.programme_id = a.programme_id
                          AND s.first_day = a.first_day AND s.kind = 'final')
       AND NOT EXISTS (SELECT FROM rebate_run r
                        WHERE r.programme_id = a.programme_id AND r.first_day = a.first_day
                          AND r.state IN ('proposed', 'approved'))
     GROUP BY p.id, a.period, a.first_day
     ORDER BY is_over DESC, last_day, p.number LIMIT 100
    """
)
