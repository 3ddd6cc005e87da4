"""Choose another password by a link in a letter.

Whoever asks learns nothing: the answer, and the work it costs, is the same whether there is such an account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity import queries
from portal.identity.account_links import RESET, is_link, link_token, new_nonce
from portal.identity.chosen_passwords import PasswordRules
from portal.identity.credentials import hash_password, hash_secret
from portal.identity.end_sign_ins import end_resets, end_sign_ins
from portal.identity.mail_addresses import EMAIL_MAX, plain_mail
from portal.identity.models import PasswordReset, UserAccount
from portal.identity.refusals import UNKNOWN, count_refusal
from portal.identity.vocabulary import IdentityAction
from portal.kernel import outbox
from portal.kernel.actor import ANONYMOUS
from portal.kernel.db import Record, sealer_of
from portal.kernel.errors import Invalid, NotFound

ASKED = "identity.password_reset"
"""Topic of the outbox: the letter with the link."""

_OPEN = """
    SELECT r.id, r.user_id, a.email, a.display_name
      FROM password_reset r JOIN user_account a ON a.id = r.user_id
     WHERE r.token_hash = :token_hash AND r.used_at IS NULL AND r.expires_at > :at
"""
_SHOWN, _LOCKED = text(_OPEN), text(f"{_OPEN} FOR UPDATE OF r")


@dataclass(frozen=True, slots=True)
class Resetting:
    """Whose password a link sets."""

    email: str
    name: str


def ask_reset(session: Session, *, email: str, minutes: int, at: datetime) -> None:
    """Have a letter sent to an account that may come in, whose link is good for `minutes`; else nothing.

    Needs a session that sees every account. What is asked in vain is counted like a refused sign-in, so both
    write.
    """
    wanted = plain_mail(email)
    known = len(wanted) <= EMAIL_MAX and "\x00" not in wanted
    user_id = session.scalar(select(UserAccount.id).where(UserAccount.email == wanted)) if known else None
    person = queries.person(session, user_id) if user_id is not None else None
    if person is None:
        subject = UNKNOWN if user_id is None else f"user:{user_id}"
        count_refusal(
            session, IdentityAction.SESSION_REFUSED, subject, dealer_id=None, reason="reset_in_vain", at=at
        )
        return
    nonce = new_nonce()
    made = insert(PasswordReset).values(
        token_hash=hash_secret(link_token(sealer_of(session), RESET, nonce)),
        nonce=nonce,
        user_id=person.id,
        created_at=at,
        expires_at=at + timedelta(minutes=minutes),
    )
    reset_id = session.execute(made.returning(PasswordReset.id)).scalar_one()
    outbox.add(session, ASKED, dealer_id=person.dealer_id, reset=reset_id)
    record(
        session,
        IdentityAction.USER_PASSWORD_RESET_ASKED,
        person.subject,
        actor=ANONYMOUS,
        dealer_id=person.dealer_id,
    )


def resetting(session: Session, *, token: str, at: datetime) -> Resetting:
    """Whose password a link sets. Raises NotFound for one that is none, was used or ran out."""
    row = _open(session, token, at)
    return Resetting(row.email, row.display_name)


def reset_password(session: Session, *, token: str, new: str, rules: PasswordRules, at: datetime) -> None:
    """Set the password, once; every session of the person ends, and every other link.

    Raises NotFound as `resetting` and for somebody who may not come in, Invalid.
    """
    row = _open(session, token, at, lock=True)
    session.execute(
        select(UserAccount.id).where(UserAccount.id == row.user_id).with_for_update(key_share=True)
    )
    person = queries.person(session, row.user_id)
    if person is None:
        raise NotFound()
    faults = rules.faults(
        "/new", new, about=(row.email, row.display_name, person.company_zh, person.company_en)
    )
    if faults:
        raise Invalid(faults=faults)
    session.execute(
        update(UserAccount).where(UserAccount.id == person.id).values(password_hash=hash_password(new))
    )
    end_resets(session, person.id, at=at)
    end_sign_ins(session, person.id, at=at)
    record(
        session,
        IdentityAction.USER_PASSWORD_RESET,
        person.subject,
        actor=ANONYMOUS,
        dealer_id=person.dealer_id,
    )


def _open(session: Session, token: str, at: datetime, *, lock: bool = False) -> Record:
    if not is_link(sealer_of(session), RESET, token):
        raise NotFound()
    about = {"token_hash": hash_secret(token), "at": at}
    row = session.execute(_LOCKED if lock else _SHOWN, about).one_or_none()
    if row is None:
        raise NotFound()
    return row
