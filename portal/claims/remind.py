"""Those who can sign a claim are reminded before its time has run out: once each step."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.deciders import who_can_sign
from portal.claims.life import WAITING
from portal.claims.locked import lock_claim
from portal.identity.colleagues import colleagues
from portal.identity.queries import Reader
from portal.kernel import outbox

REMINDER = "claim.reminder"
AT_ONCE = 200


def announce_reminders(session: Session, *, at: datetime) -> int:
    """Give the reminders that are due to the outbox; how many. Twice at once, each is given once."""
    rows = session.execute(_DUE, {"at": at, "limit": AT_ONCE}).all()
    for row in rows:
        outbox.add(session, REMINDER, dealer_id=row.dealer_id, number=row.number, place=row.place)
    return len(rows)


def readers_of_reminder(session: Session, *, number: str, place: int, today: date) -> list[Reader]:
    """Who gets it, in a session that sees headquarters; nobody where the claim has gone on meanwhile."""
    claim = lock_claim(session, number)
    if claim.state not in WAITING or claim.place != place:
        return []
    able = who_can_sign(session, claim=claim, today=today, people=colleagues(session))
    return [one.reader for one in able]


_DUE = text(
    """
    UPDATE rebate_claim c SET reminded_at = :at
      FROM (SELECT dealer_id, id FROM rebate_claim
             WHERE state IN ('submitted', 'in_approval') AND remind_at <= :at AND reminded_at IS NULL
             ORDER BY due_at, dealer_id, id LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED) due
     WHERE (c.dealer_id, c.id) = (due.dealer_id, due.id)
    RETURNING c.dealer_id, c.number, c.place
    """
)
