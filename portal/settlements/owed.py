"""What is owed in rebates at the end of each month, of the dealers that the reader sees."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed under a programme at a month's end. amount: as it reckons, net: without tax."""

    month: str
    programme: str
    title_zh: str
    title_en: str
    dealers: int
    accrued: Decimal
    settled: Decimal
    amount: Decimal
    net: Decimal


def owed(session: Session, *, months: int = 13) -> list[Owed]:
    """What is owed by month and programme, the latest month first, of so many months that were posted."""
    return [Owed(**row._mapping) for row in session.execute(_OWED, {"months": months})]


_OWED = text(
    """
    SELECT l.month, p.number AS programme, p.title_zh, p.title_en,
           count(*) FILTER (WHERE l.amount <> 0)::int AS dealers, sum(l.accrued) AS accrued,
           sum(l.settled) AS settled, sum(l.amount) AS amount, sum(l.net) AS net
      FROM rebate_liability l JOIN rebate_programme p ON p.id = l.programme_id
     WHERE l.month IN (SELECT month FROM rebate_liability_month WHERE posted_at IS NOT NULL
                        ORDER BY month DESC LIMIT :months)
     GROUP BY l.month, p.number, p.title_zh, p.title_en ORDER BY l.month DESC, sum(l.net) DESC, p.number
    """
)
