"""End everything by which a person is signed in: sessions of browsers, tokens, and codes under way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portal.identity.models import AuthorizationCode, PasswordReset, SignInStep, UserSession
from portal.kernel.db import rows_changed


def end_sign_ins(session: Session, user_id: int, *, at: datetime, but: str = "") -> int:
    """How many sessions ended. but: the hash of the one that goes on.

    To be called with the account's row locked, by a lock that keeps its key. First the codes, then the
    sessions: to delete a code is to wait for whoever redeems it, and the session of that is seen then.
    """
    session.execute(delete(AuthorizationCode).where(AuthorizationCode.user_id == user_id))
    session.execute(delete(SignInStep).where(SignInStep.user_id == user_id))
    return rows_changed(
        session,
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None), UserSession.secret_hash != but)
        .values(ended_at=at),
    )


def end_resets(session: Session, user_id: int, *, at: datetime) -> None:
    """No link of a letter sets the person's password any more. Needs a session that sees every account."""
    session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user_id, PasswordReset.used_at.is_(None))
        .values(used_at=at)
    )
