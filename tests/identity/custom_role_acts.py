"""Roles that a side composes itself, each act in a transaction of its own, as the person who does it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, update

from portal.identity import queries
from portal.identity.custom_roles import change_role, compose_role, delete_role
from portal.identity.manage_person import change_roles
from portal.identity.models import UserAccount
from portal.kernel.actor import Actor
from portal.kernel.db import Database, transaction
from tests import cast
from tests.roles import Person

ORDERS = ("catalogue:read", "orders:read", "orders:write", "prices:read")


def composed(
    issuer: Database,
    *,
    by: Person = cast.huadong.boss,
    name: str = "只下单",
    rights: Iterable[str] = ORDERS,
    told_as: Iterable[str] = (),
    actor: Actor | None = None,
) -> str:
    """Somebody composes a role; its code."""
    actor = actor or by.actor()
    with transaction(issuer.session_for(actor)) as session:
        return compose_role(
            session, actor=actor, name=name, rights=list(rights), told_as=list(told_as), at=cast.NOW
        )


def recomposed(
    issuer: Database,
    code: str,
    *,
    by: Person = cast.huadong.boss,
    name: str = "只下单",
    rights: Iterable[str] = ORDERS,
    told_as: Iterable[str] = (),
    revision: int | None = None,
) -> None:
    """Somebody says it anew."""
    with transaction(issuer.session_for(by.actor())) as session:
        change_role(
            session,
            actor=by.actor(),
            code=code,
            name=name,
            rights=list(rights),
            told_as=list(told_as),
            revision=revision,
        )


def deleted(issuer: Database, code: str, *, by: Person = cast.huadong.boss) -> None:
    """Somebody gives it up."""
    with transaction(issuer.session_for(by.actor())) as session:
        delete_role(session, actor=by.actor(), code=code)


def given(
    issuer: Database, whom: Person, *roles: str, by: Person = cast.huadong.boss, all_regions: bool = False
) -> None:
    """Somebody gives roles."""
    with transaction(issuer.session_for(by.actor())) as session:
        change_roles(session, actor=by.actor(), user_id=whom.id, roles=list(roles), all_regions=all_regions)


def has(owner: Connection, whom: Person, *roles: str) -> None:
    """An account has roles, however it came by them."""
    owner.execute(update(UserAccount).where(UserAccount.id == whom.id).values(roles=list(roles)))


def as_now(database: Database, whom: Person) -> queries.Person:
    """Somebody as the next request sees it."""
    with database.personal_session(whom.actor().key, whom.dealer_id) as session:
        found = queries.person(session, whom.id)
    assert found is not None
    return found
