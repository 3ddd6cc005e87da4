"""Somebody who is signed in proves once more who they are, before what is not taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.credentials import password_matches
from portal.identity.models import UserAccount, UserSession
from portal.identity.refusals import count_refusal
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import Actor, require_person


def is_fresh(proved_at: datetime | None, *, minutes: int, at: datetime) -> bool:
    """Whether a proof still counts; with 0 minutes nobody is ever asked again."""
    return minutes == 0 or (proved_at is not None and at - proved_at < timedelta(minutes=minutes))


def prove_by_password(
    session: Session, *, actor: Actor, session_hash: str, password: str, at: datetime
) -> bool:
    """Whether it is the actor's password; then the session counts as proven from now on.

    Needs a session of the issuer. A wrong one is counted like a refused sign-in, so the transaction of a
    refusal must be committed.
    """
    require_person(actor)
    stored = session.scalar(
        select(UserAccount.password_hash).where(UserAccount.id == actor.user_id).with_for_update(read=True)
    )
    if not password_matches(password, stored):
        count_refusal(
            session,
            IdentityAction.SESSION_REFUSED,
            actor.key,
            dealer_id=actor.dealer_id,
            reason="wrong_password",
            at=at,
        )
        return False
    note_proof(session, actor=actor, session_hash=session_hash, at=at)
    return True


def note_proof(session: Session, *, actor: Actor, session_hash: str, at: datetime) -> None:
    """The person behind a session proved who they are."""
    require_person(actor)
    session.execute(
        update(UserSession)
        .where(UserSession.secret_hash == session_hash, UserSession.user_id == actor.user_id)
        .values(proved_at=at)
    )
    record(session, IdentityAction.SESSION_CONFIRMED, actor.key, actor=actor, dealer_id=actor.dealer_id)
