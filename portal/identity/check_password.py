"""Find out whether somebody is who they say, by mail address and password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from portal.identity import queries
from portal.identity.credentials import hash_password, is_outdated, password_matches
from portal.identity.models import UserAccount
from portal.identity.queries import Person
from portal.identity.refusals import UNKNOWN, count_refusal
from portal.identity.vocabulary import IdentityAction

EMAIL_MAX = 254


def check_password(session: Session, *, email: str, password: str, at: datetime) -> Person | None:
    """The person, or None. Needs a session that sees every account.

    None does not tell an unknown mail from a wrong password or a disabled account, and takes as long. What is counted
    (`portal.identity.refusals`) tells them apart, so the transaction of a refusal must be committed too.
    """
    account = _account(session, email)
    if not password_matches(password, account and account.password_hash):
        return _refuse(session, account, "wrong_password" if account else "unknown_account", at)
    person = queries.person(session, account.id)
    if person is None:
        return _refuse(session, account, "shut_out", at)
    if is_outdated(account.password_hash):
        session.execute(
            update(UserAccount).where(UserAccount.id == account.id).values(password_hash=hash_password(password))
        )
    return person


def normal_email(typed: str) -> str:
    """An address as accounts keep it."""
    return typed.strip().lower()


def _account(session: Session, email: str) -> Row | None:
    wanted = normal_email(email)
    if len(wanted) > EMAIL_MAX or "\x00" in wanted:
        return None
    return session.execute(
        select(UserAccount.id, UserAccount.dealer_id, UserAccount.password_hash).where(UserAccount.email == wanted)
    ).one_or_none()


def _refuse(session: Session, account: Row | None, reason: str, at: datetime) -> None:
    """Counted without what was typed: people type passwords into the wrong field."""
    subject, dealer_id = (f"user:{account.id}", account.dealer_id) if account else (UNKNOWN, None)
    count_refusal(session, IdentityAction.SESSION_REFUSED, subject, dealer_id=dealer_id, reason=reason, at=at)
