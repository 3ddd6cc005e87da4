"""Give a person an account."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.chosen_passwords import PasswordRules
from portal.identity.credentials import hash_password
from portal.identity.mail_addresses import mail_faults, plain_mail
from portal.identity.models import UserAccount
from portal.identity.rules import name_faults, plain_name, roles_allowed
from portal.identity.vocabulary import IdentityAction, IdentityRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid


def create_user(
    session: Session,
    *,
    actor: Actor,
    email: str,
    password: str,
    display_name: str,
    roles: Sequence[str],
    dealer_id: int | None = None,
    region_ids: Sequence[int] = (),
    all_regions: bool = False,
    locale: str = "zh",
) -> int:
    """Create the account and return its id.

    `region_ids` (areas or provinces) and `all_regions` are for headquarters only. Raises Invalid with every
    fault, Conflict ``duplicate`` for a mail address that is taken.
    """
    actor.require(IdentityRight.ADMINISTER)
    email, display_name = plain_mail(email), plain_name(display_name)
    faults = _faults(email, password, display_name, roles, dealer_id, region_ids, all_regions)
    if faults:
        raise Invalid(faults=faults)
    user_id = session.execute(
        insert(UserAccount)
        .values(
            email=email,
            password_hash=hash_password(password),
            display_name=display_name,
            locale=locale,
            roles=list(roles),
            dealer_id=dealer_id,
            region_ids=list(region_ids),
            all_regions=all_regions,
        )
        .returning(UserAccount.id)
    ).scalar_one()
    after = {"roles": list(roles), "region_ids": list(region_ids), "all_regions": all_regions}
    record(
        session, IdentityAction.USER_CREATED, f"user:{user_id}", actor=actor, dealer_id=dealer_id, after=after
    )
    return user_id


def _faults(
    email: str,
    password: str,
    display_name: str,
    roles: Sequence[str],
    dealer_id: int | None,
    region_ids: Sequence[int],
    all_regions: bool,
) -> list[Fault]:
    faults = []
    faults += mail_faults("/email", email)
    faults += PasswordRules().faults("/password", password)
    faults += name_faults("/display_name", display_name)
    if not roles or not roles_allowed(of_dealer=dealer_id is not None).issuperset(roles):
        faults.append(
            Fault(
                "/roles",
                "roles",
                N_("These roles do not fit: people of a dealer and of headquarters have different ones."),
            )
        )
    if dealer_id is not None and (region_ids or all_regions):
        faults.append(Fault("/region_ids", "regions", N_("Only people of headquarters are given regions.")))
    return faults
