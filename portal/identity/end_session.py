"""A client asks us to sign somebody out whom it knows by an ID token (OpenID Connect RP-Initiated Logout)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, GuestProtocol
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity import queries
from portal.identity.grants import revoke_family
from portal.identity.keys import ALGORITHM, KeyRing
from portal.identity.models import UserSession
from portal.identity.tokens import TOKEN_TYPE, opened_subject
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import ANONYMOUS
from portal.kernel.opaque import Sealer

_LENGTH_MAX = 4096


@dataclass(frozen=True, slots=True)
class Hint:
    """Of whom an ID token tells, to which client, and the session that grew from that sign-in."""

    user_id: int
    client_id: str
    family: str


def read_hint(text: str, *, keys: KeyRing, issuer: str, sealer: Sealer) -> Hint | None:
    """What an ID token of ours tells, also one that has run out; None for anything else."""

    def key_of(token: GuestProtocol) -> ECKey:
        key = keys.key_of(token.headers().get("kid"))
        if key is None:
            raise ValueError("not our key")
        return key

    try:
        if not text or len(text) > _LENGTH_MAX:
            return None
        decoded = jwt.decode(text, key_of, algorithms=[ALGORITHM])
        claims = decoded.claims
        if decoded.header.get("typ") == TOKEN_TYPE or claims.get("iss") != issuer:
            return None
        kind, _, number = opened_subject(sealer, claims["sub"]).partition(":")
        (client_id,) = claims["aud"]
        if kind != "user" or not isinstance(claims["sid"], str):
            return None
        return Hint(int(number), client_id, claims["sid"])
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None


def end_session(session: Session, *, hint: Hint, at: datetime) -> None:
    """End what grew from the sign-in that an ID token tells of. Twice is harmless.

    Needs a session that sees every account.
    """
    lives = session.scalar(
        select(UserSession.secret_hash).where(
            UserSession.secret_hash == hint.family,
            UserSession.user_id == hint.user_id,
            UserSession.ended_at.is_(None),
        )
    )
    if lives is None:
        return
    revoke_family(session, hint.family, at=at)
    person = queries.person(session, hint.user_id)
    record(
        session,
        IdentityAction.SESSION_SIGNED_OUT,
        f"user:{hint.user_id}",
        actor=person.actor() if person else ANONYMOUS,
        dealer_id=person.dealer_id if person else None,
        after={"client": hint.client_id},
    )
