"""A provider is switched on and off, let go of a person, and removed.

Needs a session as `portal.providers.keep_provider`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.providers.arrivals import mail_of
from portal.providers.keep_provider import end_sessions, lock_provider, tell, write
from portal.providers.models import (
    IdentityProvider,
    ProviderAccount,
    ProviderDomain,
    ProviderLogout,
    ProviderSession,
)
from portal.providers.refusals import WORDS, NotLetIn
from portal.providers.vocabulary import ProviderAction, ProviderState


def turn_on(session: Session, *, actor: Actor, handle: str) -> None:
    """People come in by it from now on. Raises Conflict for one that was not tried as it is, or at which the
    trial brought no address that lets somebody in; NotFound, Forbidden.
    """
    found = lock_provider(session, actor, handle, None)
    if found.is_on:
        return
    if not found.is_tried or found.tried_claims is None:
        raise Conflict(
            "not_tried",
            N_("Nobody has signed in by this provider for a trial since it was last changed."),
            fix=N_("Try to sign in by it first."),
        )
    try:
        mail_of(found.tried_claims, domains=found.domains, trusted=found.mail_trusted)
    except NotLetIn as refusal:
        raise Conflict(str(refusal.why), *WORDS[refusal.why][:1], fix=N_("Try it once more.")) from None
    write(session, found, state=ProviderState.ON)
    tell(session, ProviderAction.TURNED_ON, actor, handle, found.dealer_id)


def turn_off(session: Session, *, actor: Actor, handle: str, at: datetime) -> None:
    """Nobody comes in by it any more, and who did is signed out. Passwords are good again for everybody.

    Twice is harmless. Raises NotFound, Forbidden.
    """
    found = lock_provider(session, actor, handle, None)
    if not found.is_on:
        return
    write(session, found, state=ProviderState.OFF)
    ended = end_sessions(session, found, at)
    tell(
        session,
        ProviderAction.TURNED_OFF,
        actor,
        handle,
        found.dealer_id,
        after={"people_signed_out": ended},
    )


def unlink_person(session: Session, *, actor: Actor, handle: str, user_id: int, at: datetime) -> None:
    """Somebody is not signed in by it any more until the account is linked again. Twice is harmless.

    Raises NotFound, Forbidden.
    """
    found = lock_provider(session, actor, handle, None)
    gone = (
        delete(ProviderAccount)
        .where(ProviderAccount.provider_id == found.id, ProviderAccount.user_id == user_id)
        .returning(ProviderAccount.subject)
    )
    subject = session.scalar(gone)
    if subject is None:
        return
    end_sessions(session, found, at, subject=subject)
    after = {"user": f"user:{user_id}"}
    tell(session, ProviderAction.ACCOUNT_UNLINKED, actor, handle, found.dealer_id, after=after)


def remove_provider(session: Session, *, actor: Actor, handle: str, at: datetime) -> None:
    """It is gone, with its links; the accounts stay. Raises NotFound, Forbidden."""
    found = lock_provider(session, actor, handle, None)
    end_sessions(session, found, at)
    for table in (ProviderSession, ProviderLogout, ProviderAccount, ProviderDomain):
        session.execute(delete(table).where(table.provider_id == found.id))
    session.execute(delete(IdentityProvider).where(IdentityProvider.id == found.id))
    before = {"name": found.name, "issuer": found.issuer, "accounts": found.accounts}
    tell(session, ProviderAction.REMOVED, actor, handle, found.dealer_id, before=before)
