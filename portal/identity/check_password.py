"""Find out whether somebody is who they say, by mail address and password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.identity import queries
from portal.identity.credentials import hash_password, is_outdated, password_matches
from portal.identity.mail_addresses import EMAIL_MAX, plain_mail
from portal.identity.models import UserAccount
from portal.identity.queries import Person
from portal.identity.refusals import UNKNOWN, count_refusal
from portal.identity.vocabulary import IdentityAction
from portal.kernel.db import Record, rows_changed


def check_password(session: Session, *, email: str, password: str, at: datetime) -> Person | None:
    """The person, or None. Needs a session that sees every account.

    None does not tell an unknown mail from a wrong password or a disabled account, and takes as long. What is
    counted (`portal.identity.refusals`) tells them apart, so the transaction of a refusal must be committed
    too.

    Until the transaction ends the password stays the one that was checked, so that whoever changes it sees
    what begins here.
    """
    while True:
        account = _account(session, email)
        # For an unknown account too: the answer takes as long.
        matches = password_matches(password, account.password_hash if account else None)
        if account is None or not matches:
            _refuse(session, account, "wrong_password" if account else "unknown_account", at)
            return None
        person = queries.person(session, account.id)
        if person is None:
            _refuse(session, account, "shut_out", at)
            return None
        if _hold(session, account, password):
            return person


def _account(session: Session, email: str) -> Record | None:
    wanted = plain_mail(email)
    if len(wanted) > EMAIL_MAX or "\x00" in wanted:
        return None
    return session.execute(
        select(UserAccount.id, UserAccount.dealer_id, UserAccount.password_hash).where(
            UserAccount.email == wanted
        )
    ).one_or_none()


def _hold(session: Session, account: Record, password: str) -> bool:
    """Lock the hash that was checked, or make an outdated one anew; False if it has changed meanwhile.

    After the check, not before: who does not know the password holds nobody up. One lock or the other,
    because two transactions that both turn a shared one into that of an update wait for each other.
    """
    as_checked = (UserAccount.id == account.id, UserAccount.password_hash == account.password_hash)
    if is_outdated(account.password_hash):
        renewed = update(UserAccount).where(*as_checked).values(password_hash=hash_password(password))
        return rows_changed(session, renewed) == 1
    return session.scalar(select(UserAccount.id).where(*as_checked).with_for_update(read=True)) is not None


def _refuse(session: Session, account: Record | None, reason: str, at: datetime) -> None:
    """Counted without what was typed: people type passwords into the wrong field."""
    subject, dealer_id = (f"user:{account.id}", account.dealer_id) if account else (UNKNOWN, None)
    count_refusal(session, IdentityAction.SESSION_REFUSED, subject, dealer_id=dealer_id, reason=reason, at=at)
