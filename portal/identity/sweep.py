"""Forget codes, refresh tokens and sessions that ran out."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.identity.models import AuthorizationCode, RefreshToken, UserSession

# A refresh token that comes back after its use still gives the thief away for a while.
_KEPT = timedelta(days=7)


def sweep(session: Session, *, at: datetime) -> int:
    """Delete what ran out a week ago or longer and return how many rows. Needs a session that sees everybody's."""
    expired = at - _KEPT
    return sum(
        session.execute(delete(table).where(table.expires_at < expired)).rowcount
        for table in (AuthorizationCode, RefreshToken, UserSession)
    )
