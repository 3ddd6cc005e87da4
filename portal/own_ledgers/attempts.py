"""How often a ledger was begun to be compared: what breaks off again and again is given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault
from portal.own_ledgers.compare import fail

ATTEMPTS_MAX = 3
PAUSE = timedelta(seconds=45)  # after which one that nobody works at is taken up again
_AT_ONCE_MAX = 100


@dataclass(frozen=True, slots=True)
class Left:
    """A ledger that is to be compared and that nobody works at."""

    dealer_id: int
    number: str


def begin_attempt(session: Session, *, actor: Actor, number: str, at: datetime) -> bool:
    """Count an attempt at comparing a ledger; False where there is nothing to do, or where it is given up.

    To be committed before the work begins, so that one which kills its worker is counted too.
    """
    attempts = session.execute(_BEGIN, {"number": number, "at": at}).scalar_one_or_none()
    if attempts is None:
        return False
    if attempts <= ATTEMPTS_MAX:
        return True
    message, fix = (
        N_("Comparing it broke off %(count)s times."),
        N_("Have it compared once more. If it breaks off again, upload a shorter time."),
    )
    faults = [Fault("/file", "broke_off", message, fix, {"count": ATTEMPTS_MAX})]
    fail(session, actor=actor, number=number, faults=faults, at=at)
    return False


def left_behind(session: Session, *, at: datetime) -> list[Left]:
    """Ledgers that are to be compared and whose worker is gone, or never came: nobody holds their rows."""
    rows = session.execute(_LEFT, {"before": at - PAUSE, "most": _AT_ONCE_MAX})
    return [Left(row.dealer_id, row.number) for row in rows]


_BEGIN = text(
    """
    UPDATE own_ledger SET attempts = attempts + 1, tried_at = :at
     WHERE (dealer_id, id) = (SELECT dealer_id, id FROM own_ledger
                               WHERE number = :number AND state = 'running'
                                 FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING attempts
    """
)
_LEFT = text(
    """
    SELECT dealer_id, number FROM own_ledger
     WHERE state = 'running' AND asked_at < :before AND (tried_at IS NULL OR tried_at < :before)
     ORDER BY uploaded_at, id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED
    """
)
