"""Remember the language a person wants on every device and in every mail."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.identity.models import UserAccount
from portal.kernel.actor import Actor


def choose_locale(session: Session, *, actor: Actor, locale: str) -> None:
    """Keep `locale` with the actor's account. No business act, so no audit."""
    session.execute(update(UserAccount).where(UserAccount.id == actor.user_id).values(locale=locale))
