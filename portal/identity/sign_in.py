"""Begin a person's session on one device."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity import queries
from portal.identity.credentials import hash_secret, new_secret
from portal.identity.models import SignIn, UserAccount, UserSession
from portal.identity.queries import Person
from portal.identity.vocabulary import IdentityAction

DEVICE_MAX = 300


def sign_in(
    session: Session, *, person: Person, hours: int, at: datetime, device: str = "", network: str = ""
) -> str:
    """Begin a session that lasts `hours` and return its secret, which only the cookie holds.

    Always a new one. device: what the browser calls itself.
    """
    secret, device = new_secret(), device[:DEVICE_MAX]
    session.execute(
        insert(UserSession).values(
            secret_hash=hash_secret(secret),
            user_id=person.id,
            created_at=at,
            expires_at=at + timedelta(hours=hours),
            device=device,
            network=network,
            used_at=at,
            proved_at=at,
        )
    )
    session.execute(insert(SignIn).values(user_id=person.id, at=at, device=device, network=network))
    record(
        session,
        IdentityAction.SESSION_SIGNED_IN,
        person.subject,
        actor=person.actor(),
        dealer_id=person.dealer_id,
    )
    return secret


def held_person(session: Session, *, user_id: int, session_hash: str, at: datetime) -> Person | None:
    """The person of a session that goes on, or None; another may then be begun from it.

    Until the transaction ends nobody changes the password, which ends every session there is: it would not
    see the other.
    """
    session.execute(select(UserAccount.id).where(UserAccount.id == user_id).with_for_update(key_share=True))
    return queries.person_of_session(session, user_id=user_id, secret_hash=session_hash, at=at)
