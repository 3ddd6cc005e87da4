"""A provider signs somebody out (OpenID Connect Back-Channel Logout): what was begun there ends here."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.credentials import hash_secret
from portal.identity.outside_accounts import end_outside_sessions
from portal.kernel.actor import ANONYMOUS
from portal.providers.models import ProviderLogout
from portal.providers.queries import Provider
from portal.providers.refusals import NotLetIn, Why
from portal.providers.signed_tokens import LogoutToken
from portal.providers.vocabulary import ProviderAction

# Whoever signs in meanwhile waits, and then finds the logout.
_HOLD = text(
    """
    SELECT user_id FROM provider_account
     WHERE provider_id = :provider_id AND (subject = :subject OR subject IN (
       SELECT s.subject FROM provider_session s WHERE s.provider_id = :provider_id AND s.sid = :sid))
     ORDER BY provider_id, subject FOR NO KEY UPDATE
    """
)
_BEGUN = text(
    """
    SELECT session_hash FROM provider_session
     WHERE provider_id = :provider_id
       AND CASE WHEN :sid <> '' THEN sid = :sid AND (:subject = '' OR subject = :subject)
                ELSE subject = :subject END
    """
)


def end_there(session: Session, *, provider: Provider, token: LogoutToken, at: datetime) -> int:
    """End the sessions that a logout token names, and remember it; of how many people.

    Needs a session that sees every account. Raises NotLetIn for a token that was taken before.
    """
    about = {"provider_id": provider.id, "subject": token.subject, "sid": token.session}
    session.execute(_HOLD, about)
    kept = postgresql.insert(ProviderLogout).values(
        number_hash=hash_secret(token.number),
        issued_at=datetime.fromtimestamp(token.issued_at, UTC),
        expires_at=datetime.fromtimestamp(token.ends_at, UTC),
        **about,
    )
    once = kept.on_conflict_do_nothing().returning(ProviderLogout.number_hash)
    if session.scalar(once) is None:
        raise NotLetIn(Why.NO_TOKEN, "jti was used")
    hashes = list(session.execute(_BEGUN, about).scalars())
    people = end_outside_sessions(session, hashes, at=at)
    record(
        session,
        ProviderAction.SIGNED_OUT,
        f"provider:{provider.handle}",
        actor=ANONYMOUS,
        dealer_id=provider.dealer_id,
        after={"people": [f"user:{number}" for number in people]},
    )
    return len(people)
