"""The work list of a closing: claimed dealer by dealer, each tried three times.

A claim marks the task as done and holds its row until the commit. A worker that dies takes its claim along:
the task waits again, and nobody has to notice.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.statements.rules import ATTEMPTS_MAX

ERROR_MAX = 500  # characters

# Tasks that failed before come last, so that whatever made them fail has some time to pass.
_CLAIM = text(
    """
    WITH next AS MATERIALIZED (
      SELECT dealer_id FROM close_task WHERE period = :period AND state = 'waiting'
         AND NOT EXISTS (SELECT FROM accounting_period WHERE period = :period AND paused_at IS NOT NULL)
       ORDER BY attempts, dealer_id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE close_task t SET state = 'done', finished_at = :at
      FROM next WHERE t.period = :period AND t.dealer_id = next.dealer_id
    RETURNING t.dealer_id
    """
)
_FAIL = text(
    """
    UPDATE close_task SET attempts = attempts + 1, last_error = :error, finished_at = :at,
                          state = CASE WHEN attempts + 1 >= :attempts_max THEN 'failed' ELSE 'waiting' END
     WHERE dealer_id = :dealer_id AND period = :period AND state = 'waiting'
    """
)
_UNDER_WAY = text(
    """
    SELECT a.period,
           EXISTS (SELECT FROM close_task t WHERE t.period = a.period AND t.state = 'waiting') AS waits
      FROM accounting_period a WHERE a.state = 'closing' AND a.paused_at IS NULL ORDER BY a.period
    """
)


def closings_under_way(session: Session) -> list[tuple[str, bool]]:
    """Periods that are closing and not paused, and whether a dealer still waits in them."""
    return [(row.period, row.waits) for row in session.execute(_UNDER_WAY)]


def claim_next(session: Session, *, period: str, at: datetime) -> int | None:
    """Claim the next dealer of a closing for this transaction; None when no task is free or it is paused."""
    dealer_id: int | None = session.scalar(_CLAIM, {"period": period, "at": at})
    return dealer_id


def record_failure(session: Session, *, dealer_id: int, period: str, error: str, at: datetime) -> None:
    """Note why a dealer's statement could not be issued; after three attempts it waits for a person."""
    values = {
        "dealer_id": dealer_id,
        "period": period,
        "error": error[:ERROR_MAX],
        "at": at,
        "attempts_max": ATTEMPTS_MAX,
    }
    session.execute(_FAIL, values)
