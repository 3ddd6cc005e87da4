"""Begin a person's session on one device."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.credentials import hash_secret, new_secret
from portal.identity.models import UserSession
from portal.identity.queries import Person
from portal.identity.vocabulary import IdentityAction


def sign_in(session: Session, *, person: Person, hours: int, at: datetime) -> str:
    """Begin a session that lasts `hours` and return its secret, which only the cookie holds. Always a new one."""
    secret = new_secret()
    session.execute(
        insert(UserSession).values(
            secret_hash=hash_secret(secret), user_id=person.id, created_at=at, expires_at=at + timedelta(hours=hours)
        )
    )
    record(session, IdentityAction.SESSION_SIGNED_IN, person.subject, actor=person.actor(), dealer_id=person.dealer_id)
    return secret
