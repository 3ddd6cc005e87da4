"""Accounts of people whom somebody else's provider signs in: made, and kept as their claims say.

Whose claims they are and what they give, `portal.providers` decides; the accounts are identity's.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.credentials import hash_password
from portal.identity.models import UserAccount
from portal.identity.people_rules import region_faults, role_faults, roles_in_order
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import ANONYMOUS, Actor
from portal.kernel.db import Record
from portal.kernel.errors import Invalid

_ACCOUNT = text(
    """
    SELECT id, email, dealer_id, roles, region_ids, all_regions, disabled_at FROM user_account
     WHERE id = :user_id FOR NO KEY UPDATE
    """
)
_END = text(
    """
    UPDATE user_session SET ended_at = :at
     WHERE secret_hash = ANY (CAST(:hashes AS text[])) AND ended_at IS NULL
    RETURNING user_id
    """
)


def hold_account(session: Session, user_id: int) -> Record | None:
    """The account, which nobody changes, deactivates or gives another password until the transaction ends."""
    return session.execute(_ACCOUNT, {"user_id": user_id}).one_or_none()


def account_with_mail(session: Session, email: str) -> Record | None:
    """Id and dealer of whoever has the address. Needs a session that sees every account."""
    found = select(UserAccount.id, UserAccount.dealer_id).where(UserAccount.email == email)
    return session.execute(found).one_or_none()


def make_account(
    session: Session,
    *,
    email: str,
    name: str,
    roles: Sequence[str],
    dealer_id: int | None,
    region_ids: Collection[int],
    all_regions: bool,
    locale: str,
    by: str,
) -> int:
    """An account without a password that anybody knows. by: the provider, for the audit.

    Raises Invalid for roles or regions that the side does not have, Conflict for a mail that is taken.
    """
    of_dealer = dealer_id is not None
    faults = [
        *role_faults("/roles", roles, of_dealer=of_dealer),
        *region_faults("/regions", region_ids, all_regions, known=region_ids, of_dealer=of_dealer),
    ]
    if faults:
        raise Invalid(faults=faults)
    values = {
        "roles": roles_in_order(roles),
        "region_ids": sorted(region_ids),
        "all_regions": all_regions,
    }
    made = insert(UserAccount).values(
        email=email,
        password_hash=hash_password(secrets.token_urlsafe(32)),
        display_name=name,
        locale=locale,
        dealer_id=dealer_id,
        **values,
    )
    user_id: int = session.execute(made.returning(UserAccount.id)).scalar_one()
    record(
        session,
        IdentityAction.USER_CREATED,
        f"user:{user_id}",
        actor=ANONYMOUS,
        dealer_id=dealer_id,
        after=values,
        reason=by,
    )
    return user_id


def follow_claims(
    session: Session,
    account: Record,
    *,
    roles: Sequence[str],
    region_ids: Collection[int],
    all_regions: bool,
    by: str,
) -> None:
    """Roles and regions of a held account become what its provider's claims give."""
    wanted = {
        "roles": roles_in_order(roles),
        "region_ids": sorted(region_ids),
        "all_regions": all_regions,
    }
    before = {
        "roles": roles_in_order(account.roles),
        "region_ids": sorted(account.region_ids),
        "all_regions": account.all_regions,
    }
    changed = {name: value for name, value in wanted.items() if value != before[name]}
    if not changed:
        return
    session.execute(update(UserAccount).where(UserAccount.id == account.id).values(**changed))
    record(
        session,
        IdentityAction.USER_ROLES_CHANGED,
        f"user:{account.id}",
        actor=ANONYMOUS,
        dealer_id=account.dealer_id,
        before={name: before[name] for name in changed},
        after=changed,
        reason=by,
    )


def end_outside_sessions(session: Session, hashes: Collection[str], *, at: datetime) -> list[int]:
    """End sessions of browsers by their hashes; whose they were."""
    ended = session.execute(_END, {"hashes": list(hashes), "at": at})
    return sorted(set(ended.scalars()))


def mail_of_person(session: Session, actor: Actor) -> str:
    """The address of whoever acts, empty for a program."""
    found = session.scalar(select(UserAccount.email).where(UserAccount.id == (actor.user_id or 0)))
    return found or ""
