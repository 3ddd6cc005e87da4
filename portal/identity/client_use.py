"""When and from where a client has come in last: written down once in some minutes, not each time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.client_rules import USE_NOTED
from portal.identity.oauth_client import OAuthClient
from portal.kernel.network import network_of

# Who comes at the same moment waits for nobody: one of them writes it down.
_NOTE = text(
    """
    UPDATE api_client SET last_used_at = :at, last_used_from = :network
     WHERE id = (SELECT id FROM api_client WHERE id = :id FOR UPDATE SKIP LOCKED)
    """
)


def note_use(session: Session, client: OAuthClient, *, address: str, at: datetime) -> None:
    """Write down that a client came in, unless that was done a moment ago."""
    if client.last_used_at is None or at - client.last_used_at >= USE_NOTED:
        session.execute(_NOTE, {"id": client.actor.client_id, "network": network_of(address), "at": at})
