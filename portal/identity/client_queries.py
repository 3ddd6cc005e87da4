"""API clients as who owns them sees them; each in the scope of the session only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.client_rules import ClientState, Method, state_of
from portal.identity.create_client import require_keeper
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, cursors
from portal.kernel.search_pattern import containing_text

LISTED_MAX = 200


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client. dealer: its code, None for headquarters'. key_ids: names of the keys that are kept here."""

    client_id: str
    name: str
    scopes: list[str]
    dealer: str | None
    dealer_name_zh: str
    dealer_name_en: str
    method: str
    key_ids: list[str]
    keys: dict[str, Any] | None
    keys_url: str | None
    networks: list[str]
    created_at: datetime
    created_by_label: str | None
    secret_made_at: datetime | None
    former_until: datetime | None
    last_used_at: datetime | None
    last_used_from: str | None
    disabled_at: datetime | None
    revision: int

    def state(self, at: datetime) -> ClientState:
        """What is told of it."""
        return state_of(revoked=self.disabled_at is not None, former_until=self.former_until, at=at)

    @property
    def has_secret(self) -> bool:
        """Whether it proves itself by one."""
        return self.method == Method.SECRET


_CLIENTS = """
SELECT c.client_id, c.name, c.scopes, d.code AS dealer, coalesce(d.name_zh, '') AS dealer_name_zh,
       coalesce(d.name_en, '') AS dealer_name_en, c.method, c.keys, c.keys_url, c.networks,
       ARRAY(SELECT k ->> 'kid' FROM jsonb_array_elements(c.keys -> 'keys') AS k) AS key_ids,
       c.created_at, c.created_by_label, c.secret_made_at, c.former_secret_until AS former_until,
       c.last_used_at, c.last_used_from, c.disabled_at, c.revision
  FROM api_client c LEFT JOIN dealer d ON d.id = c.dealer_id
"""
_LISTED = text(
    _CLIENTS
    + """
 WHERE (CAST(:dealer_id AS bigint) IS NULL OR c.dealer_id = CAST(:dealer_id AS bigint))
   AND (CAST(:dealer AS text) IS NULL OR coalesce(d.code, '') = CAST(:dealer AS text))
   AND c.client_id > :from_key
 ORDER BY c.client_id LIMIT :most
"""
)
# Headquarters' own come first, then those of the dealers; of each the ones that are good.
_OF_OWNER = text(
    _CLIENTS
    + """
 WHERE (CAST(:dealer_id AS bigint) IS NULL OR c.dealer_id = CAST(:dealer_id AS bigint))
   AND (CAST(:dealer AS text) IS NULL OR coalesce(d.code, '') = CAST(:dealer AS text))
   AND (:q = '' OR c.name ILIKE :pattern OR c.client_id ILIKE :pattern)
 ORDER BY c.dealer_id IS NOT NULL, c.disabled_at IS NOT NULL, d.code, c.name, c.id
 LIMIT :most
"""
)
_ONE = text(_CLIENTS + " WHERE c.client_id = :client_id")


def clients(
    session: Session, *, actor: Actor, dealer: str | None = None, q: str = "", most: int = LISTED_MAX
) -> list[ClientRow]:
    """The clients that the actor looks after.

    dealer: the code of one, "" for headquarters' own, None for all. q: part of a name or identifier. Raises
    Forbidden.
    """
    require_keeper(actor)
    rows = session.execute(
        _OF_OWNER,
        {"dealer_id": actor.dealer_id, "dealer": dealer, "q": q, "pattern": containing_text(q), "most": most},
    )
    return [value_of(ClientRow, row) for row in rows]


def listed_clients(
    session: Session, *, actor: Actor, dealer: str | None, limit: int, cursor: str | None
) -> Page[ClientRow]:
    """A page of them by identifier. Raises Forbidden, Invalid for a foreign cursor."""
    require_keeper(actor)
    pages = cursors(session, "api-clients", str)
    place = pages.place_of(cursor)
    rows = session.execute(
        _LISTED,
        {
            "dealer_id": actor.dealer_id,
            "dealer": dealer,
            "from_key": place.key[0] if place else "",
            "most": limit + 1,
        },
    )
    found = [value_of(ClientRow, row) for row in rows]
    return pages.page_of(found, limit, lambda row: (row.client_id,), place)


def client_of(session: Session, *, actor: Actor, client_id: str) -> ClientRow:
    """One of them. Raises NotFound, Forbidden."""
    require_keeper(actor)
    row = session.execute(_ONE, {"client_id": client_id}).one_or_none()
    if row is None or (not actor.is_staff and row.dealer is None):
        raise NotFound()
    return value_of(ClientRow, row)
