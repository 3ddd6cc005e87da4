"""Give and take roles, deactivate, reactivate, hand over: what owners and administrators do to an account.

A side always keeps somebody who manages its people: the last owner of a dealer, and headquarters' last
administrator, neither leave nor lose the role. Whoever decides holds the rows of all of them, in the order of
their ids, and is asked once more whether it still is one: of two who remove each other one is too late.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.custom_role_queries import given_roles
from portal.identity.end_sign_ins import end_sign_ins
from portal.identity.models import Invitation, UserAccount
from portal.identity.people import require_manager
from portal.identity.people_rules import leading_role, region_faults, role_faults, roles_in_order
from portal.identity.rules import Role
from portal.identity.staff_regions import dated_regions
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import Actor
from portal.kernel.db import Record, rows_changed
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid, NotFound

REASON_MAX = 500

# The account, who acts, whoever takes over, and all who lead their side. A lock that keeps the key lets those
# who come in meanwhile refer to the account.
_HOLD = text(
    f"""
    SELECT a.id, a.dealer_id, a.roles, a.region_ids, a.all_regions, a.disabled_at
      FROM user_account a
     WHERE a.id IN (:user_id, :actor_id, :successor_id)
        OR (a.disabled_at IS NULL
            AND a.dealer_id IS NOT DISTINCT FROM (
              SELECT t.dealer_id FROM user_account t WHERE t.id = :user_id)
            AND CASE WHEN a.dealer_id IS NULL THEN '{Role.ADMINISTRATOR}' ELSE '{Role.DEALER_OWNER}' END
                = ANY (a.roles))
     ORDER BY a.id FOR NO KEY UPDATE
    """
)


def change_roles(
    session: Session,
    *,
    actor: Actor,
    user_id: int,
    roles: Sequence[str],
    region_ids: Collection[int] = (),
    all_regions: bool = False,
    known_regions: Collection[int] = (),
) -> None:
    """Say anew what somebody is and, of headquarters' people, for which regions.

    Needs a session of the issuer in the actor's scope. It counts from the next request on. Raises NotFound,
    Forbidden (of headquarters, nobody says it of themselves), Invalid, Conflict ``last_one``.
    """
    held, person = _held(session, actor, user_id)
    of_dealer = person.dealer_id is not None
    composed = given_roles(session, roles, person.dealer_id)
    faults = [
        *role_faults("/roles", roles, of_dealer=of_dealer, composed=composed),
        *region_faults(
            "/regions",
            region_ids,
            all_regions,
            known=known_regions,
            of_dealer=of_dealer,
            has_dated=bool(dated_regions(session, user_id=user_id)),
        ),
    ]
    if faults:
        raise Invalid(faults=faults)
    if actor.is_staff and actor.user_id == user_id:
        raise Forbidden(
            "own_roles",
            N_("Nobody gives themselves roles."),
            fix=N_("Ask another administrator."),
        )
    if leading_role(of_dealer=of_dealer) not in roles:
        _require_another_leader(held, person)
    wanted = {
        "roles": roles_in_order(roles),
        "region_ids": sorted(region_ids),
        "all_regions": all_regions,
    }
    _change(session, IdentityAction.USER_ROLES_CHANGED, actor, person, wanted)


def deactivate_person(
    session: Session,
    *,
    actor: Actor,
    user_id: int,
    reason: str,
    successor_id: int | None = None,
    at: datetime,
) -> None:
    """Let somebody in no more; every session and token ends. A successor is given the roles first.

    Whom the person invited and who has not come in yet, is invited no more: nobody leaves a way in behind.

    Raises NotFound, Forbidden, Invalid without a reason, Conflict ``last_one`` or for who is deactivated.
    """
    held, person = _held(session, actor, user_id, successor_id)
    reason = reason.strip()
    if not reason or len(reason) > REASON_MAX:
        raise Invalid(
            faults=[
                Fault(
                    "/reason",
                    "required",
                    N_("Say why, in at most %(max)s characters."),
                    params={"max": REASON_MAX},
                )
            ]
        )
    if person.disabled_at is not None:
        raise Conflict("deactivated", N_("This account is deactivated already."))
    if successor_id is not None:
        held = _hand_over(session, actor, held, person, successor_id)
    if leading_role(of_dealer=person.dealer_id is not None) in person.roles:
        _require_another_leader(held, person)
    session.execute(update(UserAccount).where(UserAccount.id == user_id).values(disabled_at=at))
    ended = end_sign_ins(session, user_id, at=at)
    revoked = rows_changed(
        session,
        update(Invitation)
        .where(
            Invitation.invited_by == f"user:{user_id}",
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(revoked_at=at),
    )
    record(
        session,
        IdentityAction.USER_DEACTIVATED,
        f"user:{user_id}",
        actor=actor,
        dealer_id=person.dealer_id,
        after={"sessions_ended": ended, "invitations_revoked": revoked},
        reason=reason,
    )


def reactivate_person(session: Session, *, actor: Actor, user_id: int) -> None:
    """Let somebody in again, with the roles and the password of before. Raises NotFound, Forbidden,
    Conflict for who is not deactivated.
    """
    _held_rows, person = _held(session, actor, user_id)
    if person.disabled_at is None:
        raise Conflict("active", N_("This account is active."))
    session.execute(update(UserAccount).where(UserAccount.id == user_id).values(disabled_at=None))
    record(
        session,
        IdentityAction.USER_REACTIVATED,
        f"user:{user_id}",
        actor=actor,
        dealer_id=person.dealer_id,
    )


def _held(
    session: Session, actor: Actor, user_id: int, successor_id: int | None = None
) -> tuple[list[Record], Record]:
    """Everybody whom the decision needs, locked, and the account itself. Raises NotFound, Forbidden."""
    require_manager(actor, actor.dealer_id)
    about = {
        "user_id": user_id,
        "actor_id": actor.user_id or 0,
        "successor_id": successor_id or 0,
    }
    held = list(session.execute(_HOLD, about))
    person = _of(held, user_id)
    if person is None:
        raise NotFound()
    require_manager(actor, person.dealer_id)
    if actor.user_id is not None:
        _require_still_leads(_of(held, actor.user_id), actor)
    return held, person


def _of(held: Sequence[Record], user_id: int) -> Record | None:
    return next((row for row in held if row.id == user_id), None)


def _require_still_leads(row: Record | None, actor: Actor) -> None:
    """Who was removed while waiting for the lock decides no more."""
    if (
        row is None
        or row.disabled_at is not None
        or leading_role(of_dealer=not actor.is_staff) not in row.roles
    ):
        raise Forbidden("not_any_more", N_("You do not manage people any more."))


def _require_another_leader(held: Sequence[Record], person: Record) -> None:
    leading = leading_role(of_dealer=person.dealer_id is not None)
    others = [
        row
        for row in held
        if row.id != person.id
        and row.dealer_id == person.dealer_id
        and row.disabled_at is None
        and leading in row.roles
    ]
    if others or person.disabled_at is not None or leading not in person.roles:
        return
    if person.dealer_id is None:
        raise Conflict(
            "last_one",
            N_("This is headquarters' last administrator."),
            fix=N_("Make somebody else an administrator first."),
        )
    raise Conflict(
        "last_one",
        N_("This is the dealer's last owner."),
        fix=N_("Make somebody else an owner first."),
    )


def _hand_over(
    session: Session, actor: Actor, held: list[Record], person: Record, successor_id: int
) -> list[Record]:
    """The successor has the leaver's roles beside its own; who leads then."""
    successor = _of(held, successor_id)
    if (
        successor is None
        or successor.id == person.id
        or successor.dealer_id != person.dealer_id
        or successor.disabled_at is not None
    ):
        raise Invalid(
            faults=[Fault("/successor", "successor", N_("Choose somebody of the same side who is active."))]
        )
    if actor.is_staff and actor.user_id == successor_id:
        raise Forbidden(
            "own_roles", N_("Nobody gives themselves roles."), fix=N_("Ask another administrator.")
        )
    wanted = {"roles": roles_in_order([*successor.roles, *person.roles])}
    _change(session, IdentityAction.USER_ROLES_CHANGED, actor, successor, wanted)
    about = {"user_id": person.id, "actor_id": actor.user_id or 0, "successor_id": successor_id}
    return list(session.execute(_HOLD, about))


def _change(
    session: Session, action: IdentityAction, actor: Actor, person: Record, wanted: dict[str, Any]
) -> None:
    before = {name: getattr(person, name) for name in wanted}
    changed = {name: value for name, value in wanted.items() if list_of(before[name]) != list_of(value)}
    if not changed:
        return
    session.execute(update(UserAccount).where(UserAccount.id == person.id).values(**changed))
    record(
        session,
        action,
        f"user:{person.id}",
        actor=actor,
        dealer_id=person.dealer_id,
        before={name: before[name] for name in changed},
        after=changed,
    )


def list_of(value: Any) -> Any:
    """Roles and regions compared whatever their order."""
    return sorted(value) if isinstance(value, list) else value
