"""Periods of rebates that a dealer may claim now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.rules import GRACE_DAYS


@dataclass(frozen=True, slots=True)
class ClaimablePeriod:
    """A period that is over, earned something, was not settled, and is in no open claim."""

    programme: str
    title_zh: str
    title_en: str
    period: str
    last_day: date
    accrued: Decimal


def claimable(session: Session, *, dealer_id: int, today: date) -> list[ClaimablePeriod]:
    """The periods a dealer may claim, what ended first first; at most 200."""
    rows = session.execute(_CLAIMABLE, {"dealer_id": dealer_id, "today": today, "grace": GRACE_DAYS})
    return [ClaimablePeriod(**row._mapping) for row in rows]


def claim_of_period(session: Session, *, dealer_id: int, programme: str, period: str) -> str | None:
    """The claim of a period that is open or paid, where there is one."""
    about = {"dealer_id": dealer_id, "programme": programme, "period": period}
    number: str | None = session.execute(_CLAIM, about).scalar_one_or_none()
    return number


_CLAIM = text(
    """
    SELECT number FROM rebate_claim
     WHERE dealer_id = :dealer_id AND kind = 'period' AND programme = :programme AND period = :period
       AND state NOT IN ('rejected', 'withdrawn')
     ORDER BY id DESC LIMIT 1
    """
)
_CLAIMABLE = text(
    """
    SELECT p.number AS programme, p.title_zh, p.title_en, a.period, a.last_day, a.accrued
      FROM rebate_accrual a JOIN rebate_programme p ON p.id = a.programme_id
     WHERE a.dealer_id = :dealer_id AND a.accrued > 0 AND p.terms ->> 'usable_share' IS NULL
       AND a.last_day < CAST(:today AS date) AND a.last_day >= CAST(:today AS date) - CAST(:grace AS int)
       AND NOT EXISTS (SELECT FROM rebate_settlement s
                        WHERE (s.dealer_id, s.programme_id, s.first_day)
                            = (a.dealer_id, a.programme_id, a.first_day) AND s.kind = 'final')
       AND NOT EXISTS (SELECT FROM rebate_claim c
                        WHERE c.dealer_id = a.dealer_id AND c.kind = 'period' AND c.programme = p.number
                          AND c.period = a.period AND c.state NOT IN ('rejected', 'withdrawn'))
     ORDER BY a.last_day, p.number LIMIT 200
    """
)
