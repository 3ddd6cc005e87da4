"""Forget codes, refresh tokens and sessions that ran out, and refused attempts of long ago."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.identity.models import AuthorizationCode, RefreshToken, RefusedAttempt, UserSession

# A refresh token that comes back after its use still gives the thief away for a while.
_KEPT = timedelta(days=7)
_REFUSALS_KEPT = timedelta(days=90)


def sweep(session: Session, *, at: datetime) -> int:
    """Delete what ran out a week ago or was refused 90 days ago, or longer, and return how many rows. Needs a session that sees everybody's."""
    expired = [table.expires_at < at - _KEPT for table in (AuthorizationCode, RefreshToken, UserSession)]
    forgotten = [*expired, RefusedAttempt.hour < at - _REFUSALS_KEPT]
    return sum(session.execute(delete(condition.left.table).where(condition)).rowcount for condition in forgotten)
