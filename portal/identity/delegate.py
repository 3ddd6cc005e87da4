"""Somebody who is away lets another of the same side act in their name, for days, and takes it back.

What is lent are roles of one's own account; what others lend is never lent on. The other says each time that
it acts in one's name (`portal.identity.stand_in`), so that nobody's rights are mixed with anybody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.colleagues import colleagues
from portal.identity.models import Delegation, UserAccount
from portal.identity.people_rules import roles_in_order
from portal.identity.queries import CUSTOM_NAMES
from portal.identity.standing_in_rules import Standing, delegation_faults, standing_of_days
from portal.identity.vocabulary import IdentityAction, IdentityRight
from portal.kernel.actor import Actor, require_own_hands, require_person
from portal.kernel.db import Record, sealer_of, value_of
from portal.kernel.errors import N_, Conflict, Invalid, NotFound

PURPOSE = "delegation"


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """A delegation. key: opaque, of its acts. custom_names: of the roles that the side composed itself."""

    id: int
    key: str
    dealer_id: int | None
    giver_id: int
    giver_label: str
    taker_id: int
    taker_label: str
    roles: tuple[str, ...]
    custom_names: tuple[str, ...]
    first_day: date
    last_day: date
    reason: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    revoked_by_label: str | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody of the same side."""

    id: int
    name: str


def others_of_side(session: Session, *, actor: Actor) -> list[Other]:
    """To whom somebody may delegate: who is active on the same side, by name."""
    if actor.is_staff:
        return [Other(one.user_id, one.name) for one in colleagues(session) if one.user_id != actor.user_id]
    rows = session.execute(
        select(UserAccount.id, UserAccount.display_name)
        .where(UserAccount.dealer_id == actor.own_dealer_id, UserAccount.disabled_at.is_(None))
        .order_by(UserAccount.display_name, UserAccount.id)
    )
    return [Other(row.id, row.display_name) for row in rows if row.id != actor.user_id]


def delegate_rights(
    session: Session,
    *,
    actor: Actor,
    taker_id: int,
    roles: Sequence[str],
    first_day: date,
    last_day: date,
    reason: str,
    today: date,
    at: datetime,
) -> int:
    """Let another act in one's name on these days, by these of one's roles; its id.

    Needs a session of the issuer in the actor's scope. Raises Invalid with every fault, Forbidden for
    programs and for whoever acts on somebody's behalf itself.
    """
    require_person(actor)
    require_own_hands(actor)
    reason, lent = reason.strip(), roles_in_order(roles)
    others = {one.id: one.name for one in others_of_side(session, actor=actor)}
    faults = delegation_faults(
        roles=lent or roles,
        own_roles=actor.roles,
        is_colleague=taker_id in others,
        first_day=first_day,
        last_day=last_day,
        today=today,
        reason=reason,
    )
    if faults:
        raise Invalid(faults=faults)
    made = _insert(session, actor, taker_id, others[taker_id], lent, first_day, last_day, reason, at)
    after = {
        "giver": actor.key,
        "taker": f"user:{taker_id}",
        "roles": lent,
        "first_day": first_day.isoformat(),
        "last_day": last_day.isoformat(),
    }
    subject = f"delegation:{made}"
    given = IdentityAction.DELEGATION_GIVEN
    record(session, given, subject, actor=actor, dealer_id=actor.dealer_id, after=after, reason=reason)
    return made


def revoke_delegation(
    session: Session, *, actor: Actor, delegation_id: int, today: date, at: datetime
) -> None:
    """End a delegation at once: who gave it, who has it, or whoever manages their side.

    Raises NotFound, Conflict for one that has ended.
    """
    require_own_hands(actor)
    row = session.execute(_HELD, {"id": delegation_id}).one_or_none()
    if row is None or not (
        actor.user_id in (row.giver_id, row.taker_id) or actor.may(_manages(row.dealer_id))
    ):
        raise NotFound()
    standing = standing_of_days(row.first_day, row.last_day, row.revoked_at, today)
    if standing in (Standing.ENDED, Standing.REVOKED):
        raise Conflict("ended", N_("This has ended already."))
    session.execute(
        update(Delegation)
        .where(Delegation.id == delegation_id)
        .values(revoked_at=at, revoked_by_label=actor.label)
    )
    record(
        session,
        IdentityAction.DELEGATION_REVOKED,
        f"delegation:{delegation_id}",
        actor=actor,
        dealer_id=row.dealer_id,
    )


def delegations(session: Session, *, actor: Actor, today: date, limit: int = 100) -> list[DelegationRow]:
    """Those that somebody gave or has; everybody's of the side for whoever manages it. The latest first."""
    about = {
        "user_id": actor.user_id or 0,
        "all": actor.may(_manages(actor.dealer_id)) and actor.on_behalf_of is None,
        "dealer_id": actor.dealer_id,
        "limit": limit,
    }
    return [_row(session, row, today) for row in session.execute(_LIST, about)]


def opened_delegation(session: Session, key: str) -> int:
    """The delegation of a key. Raises NotFound."""
    try:
        return int(sealer_of(session).open(PURPOSE, key)[0])
    except ValueError:
        raise NotFound() from None


def _insert(
    session: Session,
    actor: Actor,
    taker_id: int,
    taker_label: str,
    roles: Sequence[str],
    first_day: date,
    last_day: date,
    reason: str,
    at: datetime,
) -> int:
    made: int = session.execute(
        insert(Delegation)
        .values(
            dealer_id=actor.dealer_id,
            giver_id=actor.user_id,
            giver_label=actor.label,
            taker_id=taker_id,
            taker_label=taker_label,
            roles=list(roles),
            first_day=first_day,
            last_day=last_day,
            reason=reason,
            created_at=at,
        )
        .returning(Delegation.id)
    ).scalar_one()
    return made


def _manages(dealer_id: int | None) -> IdentityRight:
    return IdentityRight.ADMINISTER if dealer_id is None else IdentityRight.PEOPLE


def _row(session: Session, row: Record, today: date) -> DelegationRow:
    return value_of(
        DelegationRow,
        row,
        key=sealer_of(session).seal(PURPOSE, [row.id]),
        roles=tuple(row.roles),
        custom_names=tuple(row.custom_names),
        standing=standing_of_days(row.first_day, row.last_day, row.revoked_at, today),
    )


_HELD = text(
    "SELECT giver_id, taker_id, dealer_id, first_day, last_day, revoked_at FROM delegation"
    " WHERE id = :id FOR NO KEY UPDATE"
)
_LIST = text(
    f"""
    SELECT id, dealer_id, giver_id, giver_label, taker_id, taker_label, roles, first_day, last_day, reason,
           created_at, used_at, revoked_at, revoked_by_label, {CUSTOM_NAMES.format("g")} AS custom_names
      FROM delegation g
     WHERE CASE WHEN :all THEN dealer_id IS NOT DISTINCT FROM CAST(:dealer_id AS bigint)
                ELSE :user_id IN (giver_id, taker_id) END
     ORDER BY last_day DESC, id DESC LIMIT :limit
    """
)
