"""End a person's session, so that a copy of its cookie is worth nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.credentials import hash_secret
from portal.identity.models import UserSession
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed


def sign_out(session: Session, *, actor: Actor, secret: str, at: datetime) -> None:
    """End the session with this secret; one that has ended stays as it is."""
    ended = rows_changed(
        session,
        update(UserSession)
        .where(
            UserSession.secret_hash == hash_secret(secret),
            UserSession.user_id == actor.user_id,
            UserSession.ended_at.is_(None),
        )
        .values(ended_at=at),
    )
    if ended:
        record(session, IdentityAction.SESSION_SIGNED_OUT, actor.key, actor=actor, dealer_id=actor.dealer_id)
