"""A creating call that is repeated answers what it answered first. Kept in the transaction of the act.

`remembered` takes the key before the act, so that a second identical call waits for the first one's commit; `remember`
writes the answer after it. Placing an order does both within its own statements (`portal.orders.place_order`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.errors import Invalid, N_
from portal.identity.rules import Actor


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer that was given before."""

    status: int
    body: dict[str, Any]


_TAKE = text(
    """
    INSERT INTO idempotency_key (actor, key, dealer_id, fingerprint, status, body)
    VALUES (:actor, :key, :dealer_id, :fingerprint, 0, '{}') ON CONFLICT DO NOTHING RETURNING 1
    """
)
_FIND = text("SELECT fingerprint, status, body FROM idempotency_key WHERE actor = :actor AND key = :key")
_KEEP = text("UPDATE idempotency_key SET status = :status, body = CAST(:body AS json) WHERE actor = :actor AND key = :key")


def remembered(session: Session, *, actor: Actor, key: str, fingerprint: str) -> Remembered | None:
    """The answer an earlier call with this key was given, or None, and then the key is taken until the transaction ends.

    Raises Invalid when the key came with another request.
    """
    parameters = {"actor": actor.key, "key": key, "dealer_id": actor.dealer_id, "fingerprint": fingerprint}
    if session.scalar(_TAKE, parameters):
        return None
    first = session.execute(_FIND, {"actor": actor.key, "key": key}).one()
    if first.fingerprint != fingerprint:
        fix = N_("Use a new key for a new request.")
        raise Invalid("idempotency_key_reused", N_("This idempotency key was used for another request."), fix=fix)
    return Remembered(first.status, first.body)


def remember(session: Session, *, actor: Actor, key: str, status: int, body: str) -> None:
    """Keep the answer, as JSON text, of the act under the key that was taken for it."""
    session.execute(_KEEP, {"actor": actor.key, "key": key, "status": status, "body": body})
