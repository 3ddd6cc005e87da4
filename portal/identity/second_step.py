"""The second half of a sign-in: the password was right, now the second factor.

What was begun is kept by the hash of a token that stands in the form, for some minutes, and ends with the
first right answer. Wrong answers are counted by account; after some in a row nobody may try for a while,
each time longer, whoever it is and from wherever: who tries already has the password.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, insert, select, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity import queries
from portal.identity.credentials import hash_secret, new_secret
from portal.identity.factor_codes import FactorKind, matching_step, recovery_hash, wait_after
from portal.identity.models import FactorAttempt, RecoveryCode, SecondFactor, SignInStep, UserAccount
from portal.identity.passkeys import (
    PasskeyRefused,
    RelyingHost,
    named_passkey,
    new_challenge,
    proved_count,
    request_options,
)
from portal.identity.queries import Person
from portal.identity.refusals import count_refusal
from portal.identity.second_factors import Vault, known_passkeys
from portal.identity.vocabulary import IdentityAction
from portal.kernel.db import rows_changed

STEP_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Step:
    """What the second form needs. options: JSON for a passkey, empty for who has none."""

    token: str = field(repr=False)
    options: str = ""
    has_app: bool = True


@dataclass(frozen=True, slots=True)
class Given:
    """What was sent: a code of an app or of paper, or the answer of a passkey."""

    code: str = field(default="", repr=False)
    passkey: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Passed:
    """Who passed, or why not: ``gone`` (begin again), ``wrong``, or ``wait`` until a moment."""

    person: Person | None = None
    refusal: str = ""
    until: datetime | None = None


# Locks the row, so that those who try at once come one after the other.
_HOLD_ATTEMPT = text(
    """
    INSERT INTO factor_attempt AS f (user_id, failures, free_at) VALUES (:user_id, 0, :at)
    ON CONFLICT (user_id) DO UPDATE SET failures = f.failures RETURNING failures, free_at
    """
)


def begin_step(session: Session, *, person: Person, host: RelyingHost, at: datetime) -> Step:
    """The password was right. Needs a session that sees every account."""
    token, challenge = new_secret(), new_challenge()
    session.execute(
        insert(SignInStep).values(
            token_hash=hash_secret(token),
            user_id=person.id,
            challenge=challenge,
            expires_at=at + STEP_LIFE,
        )
    )
    return _shown(session, token, person.id, challenge, host)


def shown_step(session: Session, *, token: str, host: RelyingHost, at: datetime) -> Step | None:
    """The same form again; None for one that has ended."""
    row = _step(session, token, at)
    return None if row is None else _shown(session, token, row.user_id, row.challenge, host)


def pass_step(
    session: Session, *, token: str, given: Given, host: RelyingHost, vault: Vault, at: datetime
) -> Passed:
    """Whether the second factor is right. The transaction of a refusal must be committed too.

    Until it ends nobody changes the password, which would end the step.
    """
    row = _step(session, token, at)
    if row is None:
        return Passed(refusal="gone")
    user_id = row.user_id
    session.execute(select(UserAccount.id).where(UserAccount.id == user_id).with_for_update(read=True))
    attempt = session.execute(_HOLD_ATTEMPT, {"user_id": user_id, "at": at}).one()
    person, again = queries.person(session, user_id), _step(session, token, at)
    if person is None or again is None:
        return Passed(refusal="gone")
    if attempt.free_at > at:
        return Passed(refusal="wait", until=attempt.free_at)
    if not _is_right(session, person, given, row.challenge, host, vault, at):
        return _refused(session, person, attempt.failures + 1, at)
    session.execute(delete(SignInStep).where(SignInStep.user_id == user_id))
    session.execute(delete(FactorAttempt).where(FactorAttempt.user_id == user_id))
    return Passed(person)


def _step(session: Session, token: str, at: datetime) -> Row[int, str] | None:
    return session.execute(
        select(SignInStep.user_id, SignInStep.challenge).where(
            SignInStep.token_hash == hash_secret(token[:200]), SignInStep.expires_at > at
        )
    ).one_or_none()


def _shown(session: Session, token: str, user_id: int, challenge: str, host: RelyingHost) -> Step:
    known = known_passkeys(session, user_id)
    options = request_options(host, challenge=challenge, known=known) if known else ""
    has_app = session.scalar(
        select(SecondFactor.id)
        .where(
            SecondFactor.user_id == user_id,
            SecondFactor.kind == FactorKind.TOTP,
            SecondFactor.confirmed_at.is_not(None),
        )
        .limit(1)
    )
    return Step(token, options, has_app is not None)


def _is_right(
    session: Session,
    person: Person,
    given: Given,
    challenge: str,
    host: RelyingHost,
    vault: Vault,
    at: datetime,
) -> bool:
    if given.passkey:
        return _is_passkey(session, person.id, given.passkey, challenge, host, at)
    return _is_app_code(session, person.id, given.code, vault, at) or _is_recovery_code(
        session, person, given.code
    )


def _is_app_code(session: Session, user_id: int, code: str, vault: Vault, at: datetime) -> bool:
    """Right for an app, and for a step of the clock beyond the last one that was taken."""
    apps = session.execute(
        select(SecondFactor.id, SecondFactor.secret_encrypted).where(
            SecondFactor.user_id == user_id,
            SecondFactor.kind == FactorKind.TOTP,
            SecondFactor.confirmed_at.is_not(None),
        )
    ).all()
    for app in apps:
        secret = vault.opened(app.secret_encrypted)
        step = matching_step(secret, code[:20], at=at) if secret else None
        if step is None:
            continue
        taken = (
            update(SecondFactor)
            .where(SecondFactor.id == app.id, SecondFactor.last_step < step)
            .values(last_step=step, used_at=at)
        )
        return rows_changed(session, taken) == 1
    return False


def _is_recovery_code(session: Session, person: Person, code: str) -> bool:
    """Good once: it is gone with its use."""
    code_hash = recovery_hash(code)
    if code_hash is None:
        return False
    used = delete(RecoveryCode).where(RecoveryCode.user_id == person.id, RecoveryCode.code_hash == code_hash)
    if not rows_changed(session, used):
        return False
    record(
        session,
        IdentityAction.RECOVERY_CODE_USED,
        person.subject,
        actor=person.actor(),
        dealer_id=person.dealer_id,
    )
    return True


def _is_passkey(
    session: Session, user_id: int, answer: str, challenge: str, host: RelyingHost, at: datetime
) -> bool:
    row = session.execute(
        select(SecondFactor.id, SecondFactor.public_key, SecondFactor.sign_count)
        .where(SecondFactor.user_id == user_id, SecondFactor.credential_id == named_passkey(answer))
        .with_for_update()
    ).one_or_none()
    if row is None:
        return False
    try:
        count = proved_count(
            host,
            challenge=challenge,
            answer=answer,
            public_key=row.public_key,
            sign_count=row.sign_count,
        )
    except PasskeyRefused:
        return False
    session.execute(
        update(SecondFactor).where(SecondFactor.id == row.id).values(sign_count=count, used_at=at)
    )
    return True


def _refused(session: Session, person: Person, failures: int, at: datetime) -> Passed:
    free_at = at + wait_after(failures)
    session.execute(
        update(FactorAttempt)
        .where(FactorAttempt.user_id == person.id)
        .values(failures=failures, free_at=free_at)
    )
    count_refusal(
        session,
        IdentityAction.FACTOR_REFUSED,
        person.subject,
        dealer_id=person.dealer_id,
        reason="wrong_factor",
        at=at,
    )
    return Passed(refusal="wrong")
