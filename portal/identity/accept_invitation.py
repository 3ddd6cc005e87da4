"""Come in by the link of an invitation: the account begins with it, and the link is good once.

Dealer, roles and mail are those of the invitation; nothing that whoever holds the link sends changes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.account_links import INVITATION, is_link
from portal.identity.chosen_passwords import PasswordRules
from portal.identity.credentials import hash_password, hash_secret
from portal.identity.models import Invitation, UserAccount
from portal.identity.queries import CUSTOM_NAMES
from portal.identity.rules import name_faults, plain_name
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import ANONYMOUS
from portal.kernel.db import Record, sealer_of
from portal.kernel.errors import N_, Conflict, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Invited:
    """What the page of a link shows. company: None for headquarters. custom_names: of roles that it composed
    itself.
    """

    email: str
    name: str
    roles: tuple[str, ...]
    company: tuple[str, str] | None
    locale: str
    custom_names: tuple[str, ...]


def invited(session: Session, *, token: str, at: datetime) -> Invited:
    """What a link invites to. Raises NotFound for one that is none, was used, revoked or ran out."""
    row = _open(session, token, at)
    company = None if row.dealer_id is None else (row.name_zh, row.name_en)
    names = tuple(row.custom_names)
    return Invited(row.email, row.display_name, tuple(row.roles), company, row.locale, names)


def accept_invitation(
    session: Session, *, token: str, name: str, password: str, rules: PasswordRules, locale: str, at: datetime
) -> int:
    """Make the account and return its id.

    Needs a session that sees every account. Raises NotFound as `invited`, Invalid with every fault, Conflict
    for a mail that has an account.
    """
    row = _open(session, token, at, lock=True)
    name = plain_name(name)
    faults = [
        *name_faults("/name", name),
        *rules.faults("/password", password, about=(row.email, name, row.name_zh, row.name_en)),
    ]
    if faults:
        raise Invalid(faults=faults)
    if session.scalar(select(UserAccount.id).where(UserAccount.email == row.email)) is not None:
        raise Conflict(
            "has_account",
            N_("This address has an account already. One address has one account."),
            fix=N_("Ask to be invited under another address, or have the other account deactivated first."),
        )
    made = insert(UserAccount).values(
        email=row.email,
        password_hash=hash_password(password),
        display_name=name,
        locale=locale,
        roles=row.roles,
        dealer_id=row.dealer_id,
        region_ids=row.region_ids,
        all_regions=row.all_regions,
    )
    user_id: int = session.execute(made.returning(UserAccount.id)).scalar_one()
    session.execute(update(Invitation).where(Invitation.id == row.id).values(accepted_at=at, user_id=user_id))
    record(
        session,
        IdentityAction.INVITATION_ACCEPTED,
        f"invitation:{row.id}",
        actor=ANONYMOUS,
        dealer_id=row.dealer_id,
        after={"user": f"user:{user_id}"},
    )
    after = {"roles": row.roles, "region_ids": row.region_ids, "all_regions": row.all_regions}
    record(
        session,
        IdentityAction.USER_CREATED,
        f"user:{user_id}",
        actor=ANONYMOUS,
        dealer_id=row.dealer_id,
        after=after,
        reason=f"invited by {row.invited_by}",
    )
    return user_id


def _open(session: Session, token: str, at: datetime, *, lock: bool = False) -> Record:
    """An invitation by its link, which whoever comes second waits for. Raises NotFound."""
    if not is_link(sealer_of(session), INVITATION, token):
        raise NotFound()
    about = {"token_hash": hash_secret(token), "at": at}
    row = session.execute(_LOCKED if lock else _SHOWN, about).one_or_none()
    if row is None:
        raise NotFound()
    return row


_FOUND = f"""
    SELECT i.id, i.email, i.display_name, i.roles, i.region_ids, i.all_regions, i.dealer_id, i.locale,
           i.invited_by, coalesce(d.name_zh, '') AS name_zh, coalesce(d.name_en, '') AS name_en,
           {CUSTOM_NAMES.format("i")} AS custom_names
      FROM invitation i LEFT JOIN dealer d ON d.id = i.dealer_id
     WHERE i.token_hash = :token_hash AND i.accepted_at IS NULL AND i.revoked_at IS NULL
       AND i.expires_at > :at AND (i.dealer_id IS NULL OR d.state <> 'closed')
"""
_SHOWN = text(_FOUND)
_LOCKED = text(f"{_FOUND} FOR UPDATE OF i")
