"""Roles that a dealer's owner or an administrator composes, changes and gives up for the own side.

What a role gives counts for everybody who has it from their next request on. Nobody composes more than they
may themselves, so that nobody comes by a right in this way. A role that somebody has, or is invited to,
stays: who gives it holds its row against deletion (`portal.identity.custom_role_queries.given_roles`).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.custom_role_rules import (
    OF_ONE_SIDE_MAX,
    code_of,
    composition_faults,
    rights_to_give,
    roles_to_be_told_as,
    told_faults,
)
from portal.identity.models import CustomRole
from portal.identity.people import require_manager
from portal.identity.people_rules import roles_in_order
from portal.identity.rules import name_faults, plain_name
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import Actor, require_own_hands
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from portal.kernel.numbering import ALPHABET
from portal.kernel.registry import registry

_SIGNS = 12


def compose_role(
    session: Session,
    *,
    actor: Actor,
    name: str,
    rights: Sequence[str],
    told_as: Sequence[str] = (),
    at: datetime,
) -> str:
    """Make a role of the own side; its code. told_as: built-in roles whose letters its people get.

    Needs a session of the issuer in the actor's scope. Raises Forbidden, Invalid with every fault, Conflict
    for a name that another role has, and ``too_many``.
    """
    _require_composer(actor)
    values = _read(actor, name, rights, told_as)
    of_side = CustomRole.dealer_id.is_not_distinct_from(actor.dealer_id)
    if (session.scalar(select(func.count()).where(of_side)) or 0) >= OF_ONE_SIDE_MAX:
        message = N_("There are %(max)s roles already. Delete one that nobody has.")
        raise Conflict("too_many", message, max=OF_ONE_SIDE_MAX)
    code = code_of("".join(secrets.choice(ALPHABET) for _ in range(_SIGNS)).lower())
    session.execute(
        insert(CustomRole).values(
            **values, dealer_id=actor.dealer_id, code=code, created_at=at, created_by_label=actor.label
        )
    )
    _record(session, IdentityAction.ROLE_COMPOSED, actor, code, None, values)
    return code


def change_role(
    session: Session,
    *,
    actor: Actor,
    code: str,
    name: str,
    rights: Sequence[str],
    told_as: Sequence[str] = (),
    revision: int | None = None,
) -> None:
    """Say anew what a role is called, what it gives and of what it is told, for everybody who has it.

    revision: as it was read, None for as it is. Raises NotFound, Forbidden, Invalid, Conflict.
    """
    found = _held(session, actor, code)
    if revision is not None and revision != found.revision:
        raise Conflict(
            "overtaken", N_("Somebody changed this meanwhile."), fix=N_("Look at it as it is now.")
        )
    values = _read(actor, name, rights, told_as)
    changed = {field: value for field, value in values.items() if getattr(found, field) != value}
    if not changed:
        return
    session.execute(
        update(CustomRole).where(CustomRole.id == found.id).values(**changed, revision=found.revision + 1)
    )
    before = {field: getattr(found, field) for field in changed}
    _record(session, IdentityAction.ROLE_CHANGED, actor, code, before, changed)


def delete_role(session: Session, *, actor: Actor, code: str) -> None:
    """Give a role up. Raises NotFound, Forbidden, Conflict ``role_in_use`` while somebody has it, be the
    account deactivated, or is invited to it.
    """
    found = _held(session, actor, code)
    if session.execute(_IN_USE, {"code": code, "dealer_id": actor.dealer_id}).scalar_one():
        raise Conflict(
            "role_in_use",
            N_("Somebody has this role, or is invited to it."),
            fix=N_("Take it from everybody first, and revoke the invitations."),
        )
    session.execute(delete(CustomRole).where(CustomRole.id == found.id))
    before = {"name": found.name, "rights": found.rights, "told_as": found.told_as}
    _record(session, IdentityAction.ROLE_DELETED, actor, code, before, None)


def _require_composer(actor: Actor) -> None:
    """Who manages the people of a side composes its roles, and nobody in another's name."""
    require_manager(actor, actor.dealer_id)
    require_own_hands(actor)
    if actor.is_staff and actor.region_ids is not None:
        raise Forbidden(
            "whole_country",
            N_("Headquarters' roles are composed by an administrator of the whole country."),
        )


def _held(session: Session, actor: Actor, code: str) -> Record:
    """A role of the own side, locked: who gives it meanwhile waits. Raises NotFound, Forbidden."""
    _require_composer(actor)
    found: Record | None = session.execute(_ROLE, {"code": code, "dealer_id": actor.dealer_id}).one_or_none()
    if found is None:
        raise NotFound()
    return found


def _read(actor: Actor, name: str, rights: Sequence[str], told_as: Sequence[str]) -> dict[str, Any]:
    """Name, rights and letters as they are kept. Raises Invalid with every fault."""
    name, chosen, held = plain_name(name), sorted(set(rights)), registry().rights
    allowed = rights_to_give(held, of_dealer=not actor.is_staff)
    letters = roles_to_be_told_as(held, actor.rights, of_dealer=not actor.is_staff)
    faults = [
        *name_faults("/name", name),
        *composition_faults(chosen, allowed=allowed, own=actor.rights),
        *told_faults(told_as, allowed=letters),
    ]
    if faults:
        raise Invalid(faults=faults)
    return {"name": name, "rights": chosen, "told_as": roles_in_order(told_as)}


def _record(
    session: Session,
    action: IdentityAction,
    actor: Actor,
    code: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    record(
        session, action, f"role:{code}", actor=actor, dealer_id=actor.dealer_id, before=before, after=after
    )


_ROLE = text(
    "SELECT id, name, rights, told_as, revision FROM custom_role"
    " WHERE code = :code AND dealer_id IS NOT DISTINCT FROM CAST(:dealer_id AS bigint) FOR UPDATE"
)
_IN_USE = text(
    """
    SELECT EXISTS (SELECT FROM user_account a
                    WHERE a.dealer_id IS NOT DISTINCT FROM CAST(:dealer_id AS bigint)
                      AND :code = ANY (a.roles))
        OR EXISTS (SELECT FROM invitation i
                    WHERE i.dealer_id IS NOT DISTINCT FROM CAST(:dealer_id AS bigint)
                      AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND :code = ANY (i.roles))
    """
)
