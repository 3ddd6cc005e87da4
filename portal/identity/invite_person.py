"""Invite somebody by mail, send the letter again, take the invitation back.

Whoever is invited has no account before accepting. Whether the mail has one at another dealer, nobody learns
here: its owner is told on the page of the link.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.account_links import INVITATION, link_token, new_nonce
from portal.identity.credentials import hash_secret
from portal.identity.custom_role_queries import given_roles
from portal.identity.mail_addresses import mail_faults, plain_mail
from portal.identity.models import Invitation, UserAccount
from portal.identity.people import require_manager
from portal.identity.people_rules import region_faults, role_faults, roles_in_order
from portal.identity.rules import name_faults, plain_name
from portal.identity.vocabulary import IdentityAction
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.db import sealer_of
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound

INVITED = "identity.invited"
"""Topic of the outbox: the letter to whoever was invited."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to invite, as what. `dealer_id` is None for headquarters, whose people have regions."""

    email: str
    name: str
    roles: Sequence[str]
    dealer_id: int | None
    region_ids: Collection[int] = ()
    all_regions: bool = False
    locale: str = "zh"


def invite_person(
    session: Session,
    *,
    actor: Actor,
    wanted: Wanted,
    known_regions: Collection[int] = (),
    hours: int,
    at: datetime,
) -> int:
    """Invite somebody and return the id of the invitation, whose link is good for `hours`.

    Needs a session of the issuer in the actor's scope. known_regions: ids that may be given. Raises Invalid
    with every fault, Conflict ``invited_already`` for a mail that is invited to this side already.
    """
    require_manager(actor, actor.dealer_id)
    require_manager(actor, wanted.dealer_id)
    email, name = plain_mail(wanted.email), plain_name(wanted.name)
    of_dealer = wanted.dealer_id is not None
    composed = given_roles(session, wanted.roles, wanted.dealer_id)
    faults = [
        *mail_faults("/email", email),
        *name_faults("/name", name),
        *role_faults("/roles", wanted.roles, of_dealer=of_dealer, composed=composed),
        *region_faults(
            "/regions", wanted.region_ids, wanted.all_regions, known=known_regions, of_dealer=of_dealer
        ),
    ]
    if not faults and _is_here(session, email, wanted.dealer_id):
        faults.append(Fault("/email", "here_already", N_("Somebody with this address has an account here.")))
    if faults:
        raise Invalid(faults=faults)
    values = {
        "dealer_id": wanted.dealer_id,
        "email": email,
        "display_name": name,
        "locale": wanted.locale,
        "roles": roles_in_order(wanted.roles),
        "region_ids": sorted(wanted.region_ids),
        "all_regions": wanted.all_regions,
        "invited_by": actor.key,
        "invited_by_label": actor.label,
        "created_at": at,
    }
    made = insert(Invitation).values(**values, **_link(session, hours, at)).returning(Invitation.id)
    invitation_id: int = session.execute(made).scalar_one()
    _send(session, invitation_id, wanted.dealer_id)
    after = {name: values[name] for name in ("roles", "region_ids", "all_regions")}
    _tell(session, IdentityAction.INVITATION_SENT, actor, invitation_id, wanted.dealer_id, after=after)
    return invitation_id


def send_again(session: Session, *, actor: Actor, invitation_id: int, hours: int, at: datetime) -> None:
    """Another letter with another link; the one before it is good for nothing.

    Raises NotFound, Forbidden, Conflict for an invitation that was accepted or revoked.
    """
    dealer_id = _waiting(session, actor, invitation_id)
    link = _link(session, hours, at)
    session.execute(update(Invitation).where(Invitation.id == invitation_id).values(**link))
    _send(session, invitation_id, dealer_id)
    _tell(session, IdentityAction.INVITATION_SENT_AGAIN, actor, invitation_id, dealer_id)


def revoke_invitation(session: Session, *, actor: Actor, invitation_id: int, at: datetime) -> None:
    """The link is good for nothing from now on. Raises NotFound, Forbidden, Conflict as `send_again`."""
    dealer_id = _waiting(session, actor, invitation_id)
    session.execute(update(Invitation).where(Invitation.id == invitation_id).values(revoked_at=at))
    _tell(session, IdentityAction.INVITATION_REVOKED, actor, invitation_id, dealer_id)


def _is_here(session: Session, email: str, dealer_id: int | None) -> bool:
    """Whether the mail has an account on this side; of others the actor learns nothing."""
    same_side = UserAccount.dealer_id.is_not_distinct_from(dealer_id)
    return session.scalar(select(UserAccount.id).where(UserAccount.email == email, same_side)) is not None


def _link(session: Session, hours: int, at: datetime) -> dict[str, Any]:
    nonce = new_nonce()
    token = link_token(sealer_of(session), INVITATION, nonce)
    return {
        "nonce": nonce,
        "token_hash": hash_secret(token),
        "sent_at": at,
        "expires_at": at + timedelta(hours=hours),
    }


def _waiting(session: Session, actor: Actor, invitation_id: int) -> int | None:
    """The dealer of an invitation that waits; its row is locked."""
    require_manager(actor, actor.dealer_id)
    row = session.execute(
        select(Invitation.dealer_id, Invitation.accepted_at, Invitation.revoked_at)
        .where(Invitation.id == invitation_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound()
    require_manager(actor, row.dealer_id)
    if row.accepted_at is not None:
        raise Conflict("accepted", N_("This invitation has been accepted."))
    if row.revoked_at is not None:
        raise Conflict("revoked", N_("This invitation has been revoked."))
    dealer_id: int | None = row.dealer_id
    return dealer_id


def _send(session: Session, invitation_id: int, dealer_id: int | None) -> None:
    outbox.add(session, INVITED, dealer_id=dealer_id, invitation=invitation_id)


def _tell(
    session: Session,
    action: IdentityAction,
    actor: Actor,
    invitation_id: int,
    dealer_id: int | None,
    after: dict[str, Any] | None = None,
) -> None:
    record(session, action, f"invitation:{invitation_id}", actor=actor, dealer_id=dealer_id, after=after)
