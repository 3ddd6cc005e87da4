"""Which roles a side composed, what they are called, and who has them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.custom_role_rules import is_custom
from portal.identity.people import require_manager
from portal.kernel.actor import Actor
from portal.kernel.db import Record, value_of
from portal.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class OwnRole:
    """A role that a side composed. told_as: built-in roles whose letters it gets. people: how many accounts
    have it.
    """

    code: str
    name: str
    rights: tuple[str, ...]
    told_as: tuple[str, ...]
    revision: int
    people: int
    created_at: datetime
    created_by_label: str


@dataclass(frozen=True, slots=True)
class Composed:
    """What a role gives."""

    name: str
    rights: frozenset[str]


def own_roles(session: Session, *, actor: Actor) -> list[OwnRole]:
    """Those of the actor's side, by name. Needs a session of the issuer. Raises Forbidden."""
    require_manager(actor, actor.dealer_id)
    return [_role(row) for row in session.execute(_ROLES, {"dealer_id": actor.dealer_id, "code": None})]


def own_role(session: Session, *, actor: Actor, code: str) -> OwnRole:
    """One of them. Raises NotFound, Forbidden."""
    require_manager(actor, actor.dealer_id)
    row = session.execute(_ROLES, {"dealer_id": actor.dealer_id, "code": code}).one_or_none()
    if row is None:
        raise NotFound()
    return _role(row)


def roles_of_side(session: Session, dealer_id: int | None) -> dict[str, str]:
    """Names by code of the roles that a side composed, by name; of a side that the session sees."""
    return {row.code: row.name for row in session.execute(_OF_SIDE, {"dealer_id": dealer_id})}


def composed_by_headquarters(session: Session) -> list[Composed]:
    """Those of headquarters, by name, for whoever reads which role has which right."""
    return [Composed(row.name, frozenset(row.rights)) for row in session.execute(_OF_HEADQUARTERS)]


def names_of_roles(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Names by code, of roles that are there and that the session sees; no statement where none is meant."""
    custom = sorted({code for code in codes if is_custom(code)})
    rows = session.execute(_NAMES, {"codes": custom}) if custom else ()
    return {row.code: row.name for row in rows}


def told_as(session: Session, roles: Collection[str]) -> frozenset[str]:
    """The roles, and the built-in ones whose letters the composed ones among them get; of a side that the
    session sees. No statement where none is composed.
    """
    custom = sorted(filter(is_custom, roles))
    letters = session.execute(_TOLD_AS, {"codes": custom}).scalars() if custom else ()
    return frozenset(roles).union(letters)


def given_roles(session: Session, codes: Collection[str], dealer_id: int | None) -> frozenset[str]:
    """Which of these codes a side may be given: roles that it composed, which nobody deletes until the
    transaction ends. Needs a session of the issuer.
    """
    custom = sorted({code for code in codes if is_custom(code)})
    rows = session.execute(_GIVEN, {"codes": custom, "dealer_id": dealer_id}) if custom else ()
    return frozenset(row.code for row in rows)


def _role(row: Record) -> OwnRole:
    return value_of(OwnRole, row, rights=tuple(row.rights), told_as=tuple(row.told_as))


_ROLES = text(
    """
    SELECT c.code, c.name, c.rights, c.told_as, c.revision, c.created_at, c.created_by_label,
           (SELECT count(*) FROM user_account a
             WHERE a.dealer_id IS NOT DISTINCT FROM c.dealer_id AND c.code = ANY (a.roles)) AS people
      FROM custom_role c
     WHERE c.dealer_id IS NOT DISTINCT FROM CAST(:dealer_id AS bigint)
       AND (CAST(:code AS text) IS NULL OR c.code = :code)
     ORDER BY lower(c.name), c.code
    """
)
_OF_SIDE = text(
    """
    SELECT code, name FROM custom_role WHERE dealer_id IS NOT DISTINCT FROM CAST(:dealer_id AS bigint)
     ORDER BY lower(name), code
    """
)
_OF_HEADQUARTERS = text(
    "SELECT name, rights FROM custom_role WHERE dealer_id IS NULL ORDER BY lower(name), code"
)
_NAMES = text("SELECT code, name FROM custom_role WHERE code = ANY (CAST(:codes AS text[]))")
_TOLD_AS = text("SELECT unnest(told_as) FROM custom_role WHERE code = ANY (CAST(:codes AS text[]))")
_GIVEN = text(
    """
    SELECT code FROM custom_role
     WHERE code = ANY (CAST(:codes AS text[])) AND dealer_id IS NOT DISTINCT FROM CAST(:dealer_id AS bigint)
     ORDER BY id FOR KEY SHARE
    """
)
