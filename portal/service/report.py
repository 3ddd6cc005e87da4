"""How the promises were kept: by month and kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

MONTHS = 24


@dataclass(frozen=True, slots=True)
class KeptRow:
    """Requests of a kind that were opened in a month, but for those taken back or merged.

    in time and late of both clocks: what is not over yet counts as late once its time has run out. median:
    business minutes to the first answer. first_fix: share of what was resolved that nobody reopened. stars:
    mean of the ratings.
    """

    period: str
    kind: str
    opened: int
    answered_in_time: int
    answered_late: int
    resolved_in_time: int
    resolved_late: int
    median_minutes: int | None
    first_fix: Decimal | None
    stars: Decimal | None


def kept(session: Session, *, kind: str = "", zone: str, at: datetime) -> list[KeptRow]:
    """The last 24 months, the latest first, in the scope of the session."""
    about = {"kind": kind, "zone": zone, "at": at, "months": MONTHS}
    return [KeptRow(**row._mapping) for row in session.execute(_KEPT, about)]


_KEPT = text(
    """
    SELECT to_char(r.asked_at AT TIME ZONE :zone, 'YYYY-MM') AS period, r.kind, count(*)::int AS opened,
           count(*) FILTER (WHERE r.first_answered_at <= r.first_answer_due_at)::int AS answered_in_time,
           count(*) FILTER (WHERE coalesce(r.first_answered_at, r.paused_at, r.ended_at, :at)
                                  > r.first_answer_due_at)::int AS answered_late,
           count(*) FILTER (WHERE r.resolved_at <= r.resolution_due_at
                              AND r.state IN ('resolved', 'closed'))::int AS resolved_in_time,
           count(*) FILTER (WHERE CASE WHEN r.state IN ('resolved', 'closed') THEN r.resolved_at
                                       ELSE coalesce(r.paused_at, :at) END > r.resolution_due_at)::int
             AS resolved_late,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY r.first_answer_took) AS median_minutes,
           round(avg(CASE WHEN r.reopenings = 0 THEN 1 ELSE 0 END)
                 FILTER (WHERE r.resolved_at IS NOT NULL), 4) AS first_fix,
           round(avg(r.rating), 2) AS stars
      FROM service_request r
     WHERE r.state NOT IN ('cancelled', 'merged') AND (:kind = '' OR r.kind = :kind)
       AND r.asked_at >= date_trunc('month', :at AT TIME ZONE :zone - make_interval(months => :months - 1))
                         AT TIME ZONE :zone
     GROUP BY 1, 2 ORDER BY 1 DESC, 2
    """
)
