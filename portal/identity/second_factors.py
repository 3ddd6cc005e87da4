"""Enrol a second factor and remove it; recovery codes. All in a session of the issuer.

Secrets of apps lie encrypted under a key derived from the application secret, as the signing keys do; with
another secret they open no more, and recovery codes are what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.end_sign_ins import end_sign_ins
from portal.identity.factor_codes import (
    LABEL_MAX,
    FactorKind,
    matching_step,
    new_recovery_codes,
    new_totp_secret,
    recovery_hash,
)
from portal.identity.models import FactorAttempt, RecoveryCode, SecondFactor, UserAccount
from portal.identity.passkeys import NewPasskey
from portal.identity.rules import plain_name
from portal.identity.vocabulary import SECOND_FACTORS, IdentityAction, IdentityRight
from portal.kernel.actor import Actor, require_person
from portal.kernel.at_rest import cipher_for
from portal.kernel.db import sealer_of
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid, NotFound

FACTORS_MAX = 10
_FACTOR = "factor"


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor as its owner sees it. key: opaque."""

    key: str
    kind: FactorKind
    label: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody has beside the password. codes_left: recovery codes that were not used."""

    confirmed: tuple[Factor, ...]
    codes_left: int


class Vault:
    """Keeps the secrets of apps."""

    def __init__(self, *application_secrets: str) -> None:
        self._cipher = cipher_for(application_secrets, SECOND_FACTORS.purpose)

    def seal(self, secret: str) -> str:
        """As it is kept."""
        return self._cipher.encrypt(secret.encode()).decode()

    def opened(self, kept: str) -> str | None:
        """The secret; None for one of another application secret."""
        try:
            return self._cipher.decrypt(kept.encode()).decode()
        except InvalidToken:
            return None


def factors_of(session: Session, *, actor: Actor) -> Factors:
    """What the person has."""
    require_person(actor)
    sealer = sealer_of(session)
    rows = session.execute(
        select(SecondFactor.__table__)
        .where(SecondFactor.user_id == actor.user_id, SecondFactor.confirmed_at.is_not(None))
        .order_by(SecondFactor.id)
    )
    left = session.scalar(select(func.count()).where(RecoveryCode.user_id == actor.user_id)) or 0
    shown = tuple(
        Factor(sealer.seal(_FACTOR, [row.id]), FactorKind(row.kind), row.label, row.created_at, row.used_at)
        for row in rows
    )
    return Factors(shown, left)


def known_passkeys(session: Session, user_id: int) -> list[str]:
    """Ids of a person's passkeys, as browsers are told them."""
    found = session.scalars(
        select(SecondFactor.credential_id)
        .where(SecondFactor.user_id == user_id, SecondFactor.kind == FactorKind.PASSKEY)
        .order_by(SecondFactor.id)
    )
    return [one for one in found if one is not None]


def begin_totp(session: Session, *, actor: Actor, vault: Vault, at: datetime) -> str:
    """A new secret for an app, which counts once a code of it was right; one begun before is forgotten."""
    user_id = _hold(session, actor)
    _require_room(session, user_id)
    session.execute(
        delete(SecondFactor).where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_(None))
    )
    secret = new_totp_secret()
    session.execute(
        insert(SecondFactor).values(
            user_id=user_id,
            kind=FactorKind.TOTP,
            label="",
            secret_encrypted=vault.seal(secret),
            created_at=at,
        )
    )
    return secret


def begun_totp(session: Session, *, actor: Actor, vault: Vault) -> str | None:
    """The secret of an enrolment under way."""
    kept = session.scalar(
        select(SecondFactor.secret_encrypted).where(
            SecondFactor.user_id == actor.user_id, SecondFactor.confirmed_at.is_(None)
        )
    )
    return vault.opened(kept) if kept else None


def confirm_totp(
    session: Session, *, actor: Actor, vault: Vault, label: str, code: str, at: datetime
) -> list[str]:
    """The app counts from now on; recovery codes if it is the first factor, else none.

    Raises NotFound without an enrolment under way, Invalid for a wrong code or a poor label.
    """
    user_id = _hold(session, actor)
    row = session.execute(
        select(SecondFactor.id, SecondFactor.secret_encrypted).where(
            SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_(None)
        )
    ).one_or_none()
    secret = vault.opened(row.secret_encrypted) if row else None
    if row is None or secret is None:
        raise NotFound()
    step = matching_step(secret, code, at=at)
    label, faults = _label(label)
    if step is None:
        faults.append(Fault("/code", "wrong_code", N_("This code is not right. Enter the one shown now.")))
    if faults:
        raise Invalid(faults=faults)
    confirmed = {"label": label, "confirmed_at": at, "last_step": step, "used_at": at}
    session.execute(update(SecondFactor).where(SecondFactor.id == row.id).values(**confirmed))
    return _added(session, actor, user_id, FactorKind.TOTP)


def add_passkey(session: Session, *, actor: Actor, made: NewPasskey, label: str, at: datetime) -> list[str]:
    """The passkey counts from now on; recovery codes if it is the first factor, else none. Raises Invalid."""
    user_id = _hold(session, actor)
    _require_room(session, user_id)
    label, faults = _label(label)
    if faults:
        raise Invalid(faults=faults)
    session.execute(
        insert(SecondFactor).values(
            user_id=user_id,
            kind=FactorKind.PASSKEY,
            label=label,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            created_at=at,
            confirmed_at=at,
        )
    )
    return _added(session, actor, user_id, FactorKind.PASSKEY)


def remove_factor(session: Session, *, actor: Actor, key: str) -> None:
    """The factor counts no more; with the last one its recovery codes go. Raises NotFound."""
    user_id = _hold(session, actor)
    try:
        factor_id = int(sealer_of(session).open(_FACTOR, key)[0])
    except ValueError:
        raise NotFound() from None
    kind = session.scalar(
        delete(SecondFactor)
        .where(SecondFactor.id == factor_id, SecondFactor.user_id == user_id)
        .returning(SecondFactor.kind)
    )
    if kind is None:
        raise NotFound()
    left = session.scalar(
        select(func.count()).where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))
    )
    if not left:
        _without_factors(session, user_id)
    _tell(session, IdentityAction.FACTOR_REMOVED, actor, {"kind": kind, "left": left})


def forget_factors(session: Session, *, actor: Actor, user_id: int, at: datetime) -> None:
    """Of somebody who lost them all: the password suffices again, and who is signed in no longer is.

    By an administrator, for others. Raises Forbidden, NotFound for who has none.
    """
    actor.require(IdentityRight.ADMINISTER)
    if actor.user_id == user_id:
        raise Forbidden("own_factors", N_("Another administrator does this for you."))
    row = session.execute(
        select(UserAccount.dealer_id)
        .where(UserAccount.id == user_id, UserAccount.has_second_factor)
        .with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        raise NotFound()
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
    _without_factors(session, user_id)
    end_sign_ins(session, user_id, at=at)
    after = {"kind": "all", "left": 0}
    record(
        session,
        IdentityAction.FACTOR_REMOVED,
        f"user:{user_id}",
        actor=actor,
        dealer_id=row.dealer_id,
        after=after,
    )


def make_recovery_codes(session: Session, *, actor: Actor) -> list[str]:
    """New codes; those of before are good for nothing. Raises Conflict for who has no second factor."""
    user_id = _hold(session, actor)
    if not session.scalar(select(UserAccount.has_second_factor).where(UserAccount.id == user_id)):
        raise Conflict("no_factor", N_("Recovery codes stand in for a second factor, and you have none."))
    codes = _new_codes(session, user_id)
    _tell(session, IdentityAction.RECOVERY_CODES_MADE, actor, {"codes": len(codes)})
    return codes


def _without_factors(session: Session, user_id: int) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.execute(delete(FactorAttempt).where(FactorAttempt.user_id == user_id))
    session.execute(update(UserAccount).where(UserAccount.id == user_id).values(has_second_factor=False))


def _hold(session: Session, actor: Actor) -> int:
    """The account of the actor, locked: of two tabs one comes after the other."""
    require_person(actor)
    mine = UserAccount.id == actor.user_id
    return session.execute(select(UserAccount.id).where(mine).with_for_update(key_share=True)).scalar_one()


def _require_room(session: Session, user_id: int) -> None:
    count = session.scalar(select(func.count()).where(SecondFactor.user_id == user_id)) or 0
    if count >= FACTORS_MAX:
        raise Conflict(
            "too_many_factors",
            N_("You have %(max)s second factors. Remove one first."),
            max=FACTORS_MAX,
        )


def _label(typed: str) -> tuple[str, list[Fault]]:
    label = plain_name(typed)
    if label and len(label) <= LABEL_MAX and label.isprintable():
        return label, []
    fault = Fault(
        "/label",
        "name",
        N_("Call it something, in at most %(max)s printable characters."),
        params={"max": LABEL_MAX},
    )
    return label, [fault]


def _added(session: Session, actor: Actor, user_id: int, kind: FactorKind) -> list[str]:
    had = session.scalar(select(UserAccount.has_second_factor).where(UserAccount.id == user_id))
    session.execute(update(UserAccount).where(UserAccount.id == user_id).values(has_second_factor=True))
    _tell(session, IdentityAction.FACTOR_ADDED, actor, {"kind": str(kind)})
    return [] if had else _new_codes(session, user_id)


def _new_codes(session: Session, user_id: int) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = new_recovery_codes()
    rows = [{"user_id": user_id, "code_hash": recovery_hash(code)} for code in codes]
    session.execute(insert(RecoveryCode), rows)
    return codes


def _tell(session: Session, action: IdentityAction, actor: Actor, after: Mapping[str, Any]) -> None:
    record(session, action, actor.key, actor=actor, dealer_id=actor.dealer_id, after=dict(after))
