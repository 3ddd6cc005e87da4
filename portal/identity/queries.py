"""Who somebody is, in one statement: the account with its roles, dealer and regions, or nobody.

"Nobody" covers unknown, disabled, signed out, and everyone of a closed dealer. A suspended dealer's people
come in: they still have statements to read; orders refuse them with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.identity.rules import Role, rights_of
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.registry import registry


@dataclass(frozen=True, slots=True)
class Person:
    """A user who may come in. `company_zh` and `company_en` are empty for headquarters.

    deputies: keys of those who lately acted in the person's name.
    custom_rights, custom_names: of the roles that the side composed, rights and names.
    session_hash: of the session by which the person is known, if by one. used_at, proved_at: when that was
    last used, to within some minutes, and when the person last proved who they are.
    """

    id: int
    email: str
    display_name: str
    locale: str
    roles: tuple[str, ...]
    dealer_id: int | None
    region_ids: tuple[int, ...] | None
    company_zh: str
    company_en: str
    dealer_state: str
    has_second_factor: bool = False
    deputies: tuple[str, ...] = ()
    custom_rights: frozenset[str] = frozenset()
    custom_names: tuple[str, ...] = ()
    session_hash: str = ""
    used_at: datetime | None = None
    proved_at: datetime | None = None

    @property
    def subject(self) -> str:
        """How the audit names this person."""
        return f"user:{self.id}"

    def get_user_id(self) -> str:
        """The subject, by the name under which Authlib asks for it."""
        return self.subject

    def actor(self) -> Actor:
        """As a verb wants to know who acts."""
        roles = frozenset(self.roles)
        return Actor(
            label=self.display_name,
            rights=rights_of(roles, registry().rights) | self.custom_rights,
            user_id=self.id,
            dealer_id=self.dealer_id,
            region_ids=self.region_ids,
            roles=roles,
            locale=self.locale,
            deputies=frozenset(self.deputies),
        )


@dataclass(frozen=True, slots=True)
class Client:
    """An API client that may call. generation, former_until: of its proof, and how long the one before it is
    good. networks: from which it may ask, empty for any.
    """

    id: int
    client_id: str
    name: str
    scopes: tuple[str, ...]
    dealer_id: int | None
    generation: int = 1
    former_until: datetime | None = None
    networks: tuple[str, ...] = ()

    def actor(self) -> Actor:
        """As a verb wants to know who acts. Headquarters' clients see every region."""
        return Actor(
            label=self.name,
            rights=frozenset(self.scopes),
            client_id=self.id,
            dealer_id=self.dealer_id,
            region_ids=None if self.dealer_id is None else (),
        )


@dataclass(frozen=True, slots=True)
class Credentials:
    """By what a client proves itself. secrets: hashes of those that are good, each with its generation."""

    secrets: tuple[tuple[int, str], ...]
    keys: dict[str, Any] | None = None
    keys_url: str | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who gets a letter."""

    user_id: int
    email: str
    name: str
    locale: str


# Headquarters, or a dealer that is not closed. A dealer row hidden by the scope counts as none.
_BELONGS_SOMEWHERE = "(a.dealer_id IS NULL OR d.state <> 'closed')"

HELD = """
a.region_ids || ARRAY(SELECT s.region_id FROM staff_region s
                       WHERE s.user_id = a.id AND s.valid_from <= app_today()
                         AND (s.valid_to IS NULL OR s.valid_to > app_today()))
"""
"""SQL: the regions that an account ``a`` of headquarters holds today, without those below them."""

CUSTOM_RIGHTS = """
ARRAY(SELECT DISTINCT o.granted FROM custom_role c CROSS JOIN LATERAL unnest(c.rights) AS o (granted)
       WHERE c.code = ANY ({0}.roles) AND c.dealer_id IS NOT DISTINCT FROM {0}.dealer_id)
"""
"""SQL: what the roles give that the side of an account, or of who lends, composed itself."""
CUSTOM_NAMES = """
ARRAY(SELECT c.name FROM custom_role c
       WHERE c.code = ANY ({0}.roles) AND c.dealer_id IS NOT DISTINCT FROM {0}.dealer_id ORDER BY c.name)
"""
"""SQL: what they are called."""

TOLD_AS = """
({0}.roles && CAST(:roles AS text[])
 OR EXISTS (SELECT FROM custom_role c
             WHERE c.code = ANY ({0}.roles) AND c.dealer_id IS NOT DISTINCT FROM {0}.dealer_id
               AND c.told_as && CAST(:roles AS text[])))
"""
"""SQL: whether an account gets the letters of one of `roles`."""

# region_ids: the regions an employee was given and the provinces below them.
_PERSON = f"""
SELECT a.id, a.email, a.display_name, a.locale, a.roles, a.dealer_id, a.all_regions,
       ARRAY(SELECT r.id FROM region r WHERE r.id = ANY (h.ids) OR r.parent_id = ANY (h.ids)
              ORDER BY r.id) AS region_ids,
       ARRAY(SELECT DISTINCT 'user:' || g.taker_id FROM delegation g
              WHERE g.giver_id = a.id AND g.used_at IS NOT NULL AND g.last_day > app_today() - 90)
         AS deputies,
       {CUSTOM_RIGHTS.format("a")} AS custom_rights, {CUSTOM_NAMES.format("a")} AS custom_names,
       coalesce(d.name_zh, '') AS company_zh, coalesce(d.name_en, '') AS company_en,
       coalesce(d.state, '') AS dealer_state, a.has_second_factor, {{session}}
  FROM user_account a CROSS JOIN LATERAL (SELECT {HELD} AS ids) h
  LEFT JOIN dealer d ON d.id = a.dealer_id {{signed_in}}
 WHERE a.id = :user_id AND a.disabled_at IS NULL AND {_BELONGS_SOMEWHERE}
"""
_NO_SESSION = "CAST(NULL AS timestamptz) AS used_at, CAST(NULL AS timestamptz) AS proved_at"
_SIGNED_IN = """
  JOIN user_session s ON s.user_id = a.id AND s.secret_hash = :secret_hash AND s.ended_at IS NULL
                     AND s.expires_at > :at
"""
_ANY_PERSON = text(_PERSON.format(session=_NO_SESSION, signed_in=""))
_PERSON_SIGNED_IN = text(_PERSON.format(session="s.used_at, s.proved_at", signed_in=_SIGNED_IN))
_CLIENT = text(
    f"""
    SELECT a.id, a.client_id, a.name, a.scopes, a.dealer_id, a.generation,
           a.former_secret_until AS former_until, a.networks
      FROM api_client a LEFT JOIN dealer d ON d.id = a.dealer_id
     WHERE a.client_id = :client_id AND a.disabled_at IS NULL AND {_BELONGS_SOMEWHERE}
       AND NOT EXISTS (SELECT FROM revoked_token r WHERE r.token_hash = :token_hash)
    """
)
_CREDENTIALS = text(
    """
    SELECT generation, secret_hash, former_secret_hash, former_secret_until, keys, keys_url, last_used_at
      FROM api_client WHERE id = :id
    """
)

_READERS = text(
    f"""
    SELECT a.id AS user_id, a.email, a.display_name AS name, a.locale FROM user_account a
     WHERE a.dealer_id = :dealer_id AND a.disabled_at IS NULL AND {TOLD_AS.format("a")} ORDER BY a.id
    """
)
_READER = text(
    """
    SELECT id AS user_id, email, display_name AS name, locale FROM user_account
     WHERE id = :user_id AND disabled_at IS NULL
    """
)


def person(session: Session, user_id: int) -> Person | None:
    """The person of an account."""
    return _one_person(session, _ANY_PERSON, user_id=user_id)


def person_of_session(session: Session, *, user_id: int, secret_hash: str, at: datetime) -> Person | None:
    """The person of a sign-in that has neither ended nor run out."""
    found = _one_person(session, _PERSON_SIGNED_IN, user_id=user_id, secret_hash=secret_hash, at=at)
    return found and replace(found, session_hash=secret_hash)


def client(session: Session, client_id: str, *, token_hash: str = "") -> Client | None:
    """The API client of an identifier. token_hash: of the identifier of a token by which it asks; None for
    one that was revoked.
    """
    row = session.execute(_CLIENT, {"client_id": client_id, "token_hash": token_hash}).one_or_none()
    if row is None:
        return None
    return value_of(Client, row, scopes=tuple(row.scopes), networks=tuple(row.networks))


def credentials_of(session: Session, client: Client, *, at: datetime) -> Credentials:
    """By what a client proves itself. Needs a session of the role that signs people in."""
    row = session.execute(_CREDENTIALS, {"id": client.id}).one()
    secrets = [(row.generation, row.secret_hash)] if row.secret_hash else []
    if row.former_secret_hash and row.former_secret_until > at:
        secrets.append((row.generation - 1, row.former_secret_hash))
    return Credentials(tuple(secrets), row.keys, row.keys_url, row.last_used_at)


def readers(session: Session, *, dealer_id: int | None, role: Role) -> list[Reader]:
    """The people of a dealer who hold a role, or get its letters, and may sign in."""
    rows = session.execute(_READERS, {"dealer_id": dealer_id, "roles": [str(role)]})
    return [Reader(**row._mapping) for row in rows]


def reader(session: Session, *, user_id: int) -> Reader | None:
    """Somebody in the session's scope who may sign in."""
    row = session.execute(_READER, {"user_id": user_id}).one_or_none()
    return None if row is None else Reader(**row._mapping)


def _one_person(session: Session, statement: TextClause, **parameters: Any) -> Person | None:
    row = session.execute(statement, parameters).one_or_none()
    if row is None:
        return None
    return Person(
        id=row.id,
        email=row.email,
        display_name=row.display_name,
        locale=row.locale,
        roles=tuple(row.roles),
        dealer_id=row.dealer_id,
        region_ids=None if row.all_regions else tuple(row.region_ids),
        company_zh=row.company_zh,
        company_en=row.company_en,
        dealer_state=row.dealer_state,
        has_second_factor=row.has_second_factor,
        deputies=tuple(row.deputies),
        custom_rights=frozenset(row.custom_rights),
        custom_names=tuple(row.custom_names),
        used_at=row.used_at,
        proved_at=row.proved_at,
    )
