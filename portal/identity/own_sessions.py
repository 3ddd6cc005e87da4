"""On which devices somebody is signed in, and since when; end them; the history of sign-ins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.device_words import Device, device_of
from portal.identity.end_sign_ins import end_sign_ins
from portal.identity.models import UserSession
from portal.identity.vocabulary import IdentityAction, IdentityRight
from portal.kernel.actor import Actor, require_person
from portal.kernel.db import rows_changed, sealer_of
from portal.kernel.errors import NotFound

USED_TO_WITHIN = timedelta(minutes=5)
_SESSION = "session"

_SESSIONS = text(
    """
    SELECT secret_hash, created_at, used_at, device, network FROM user_session
     WHERE user_id = :user_id AND ended_at IS NULL AND expires_at > :at AND device IS NOT NULL
     ORDER BY used_at DESC NULLS LAST, created_at DESC LIMIT 100
    """
)
_HISTORY = text(
    """
    SELECT at, device, network, '' AS reason, 1 AS attempts FROM sign_in WHERE user_id = :user_id
    UNION ALL
    SELECT last_at, '', network, reason, attempts FROM refused_attempt
     WHERE subject = 'user:' || CAST(:user_id AS bigint)
     ORDER BY at DESC LIMIT :most
    """
)


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A browser that is signed in. key: opaque, to end it. network: an address of IPv4, a /64 of IPv6."""

    key: str
    device: Device
    network: str
    begun_at: datetime
    used_at: datetime | None
    is_this: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in or, with a reason, how often one was refused within an hour."""

    at: datetime
    device: Device
    network: str
    reason: str
    attempts: int


def own_sessions(session: Session, *, actor: Actor, this: str, at: datetime) -> list[OwnSession]:
    """Where the person is signed in, last used first. this: the hash of the session that asks."""
    require_person(actor)
    sealer = sealer_of(session)
    return [
        OwnSession(
            sealer.seal(_SESSION, [row.secret_hash]),
            device_of(row.device),
            row.network,
            row.created_at,
            row.used_at,
            row.secret_hash == this,
        )
        for row in session.execute(_SESSIONS, {"user_id": actor.user_id, "at": at})
    ]


def end_session(session: Session, *, actor: Actor, key: str, at: datetime) -> None:
    """End one of the person's own sessions. Raises NotFound for one that is another's or has ended."""
    require_person(actor)
    try:
        secret_hash = str(sealer_of(session).open(_SESSION, key)[0])
    except ValueError:
        raise NotFound() from None
    ended = rows_changed(
        session,
        update(UserSession)
        .where(
            UserSession.secret_hash == secret_hash,
            UserSession.user_id == actor.user_id,
            UserSession.ended_at.is_(None),
        )
        .values(ended_at=at),
    )
    if not ended:
        raise NotFound()
    record(session, IdentityAction.SESSION_REVOKED, actor.key, actor=actor, dealer_id=actor.dealer_id)


def end_other_sessions(session: Session, *, actor: Actor, this: str, at: datetime) -> int:
    """End all but the one that asks, those of tokens too; how many. Needs a session of the issuer."""
    require_person(actor)
    ended = end_sign_ins(session, actor.user_id or 0, at=at, but=this)
    after = {"sessions_ended": ended}
    record(
        session,
        IdentityAction.SESSION_REVOKED,
        actor.key,
        actor=actor,
        dealer_id=actor.dealer_id,
        after=after,
    )
    return ended


def note_use(session: Session, *, secret_hash: str, at: datetime) -> None:
    """A session was used; asked for no more often than `USED_TO_WITHIN`."""
    session.execute(update(UserSession).where(UserSession.secret_hash == secret_hash).values(used_at=at))


def own_history(session: Session, *, actor: Actor, most: int = 50) -> list[SignedIn]:
    """The person's own sign-ins and what was refused, the latest first."""
    require_person(actor)
    return _history(session, actor.user_id or 0, most)


def history_of(session: Session, *, actor: Actor, user_id: int, most: int = 50) -> list[SignedIn]:
    """The same of anybody, for an administrator. Needs a session of the issuer."""
    actor.require(IdentityRight.ADMINISTER)
    return _history(session, user_id, most)


def _history(session: Session, user_id: int, most: int) -> list[SignedIn]:
    rows = session.execute(_HISTORY, {"user_id": user_id, "most": most})
    return [SignedIn(row.at, device_of(row.device), row.network, row.reason, row.attempts) for row in rows]
