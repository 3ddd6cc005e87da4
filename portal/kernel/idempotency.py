"""A creating call that is repeated answers what it answered first. Kept in the transaction of the act.

`remembered` takes the key before the act, so that a second identical call waits for the first one's commit;
`remember` writes the answer after it. Placing an order does both within its own statements
(`portal.orders.place_order`), with `KEEP_ANSWER`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, SmallInteger, func, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.actor import Actor
from portal.kernel.db import Base, Record, rows_changed
from portal.kernel.errors import N_, Invalid


class IdempotencyKey(Base):
    """The first answer to a creating call, given again when the same call comes again.

    `actor` is `Actor.key`.

    body: JSON as text, not JSONB, which would change the order of its keys: the answer is the same to the
    byte.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_created_at", "created_at"),)

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    dealer_id: Mapped[int | None]
    fingerprint: Mapped[str]
    status: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


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
_FORGET = text("DELETE FROM idempotency_key WHERE created_at < :before")
_KEEP = text(
    "UPDATE idempotency_key SET status = :status, body = CAST(:body AS json)"
    " WHERE actor = :actor AND key = :key"
)

KEEP_ANSWER = """
INSERT INTO idempotency_key (actor, key, dealer_id, fingerprint, status, body)
SELECT :actor, CAST(:key AS text), :dealer_id, :fingerprint, 201, CAST(:answer AS json)
 WHERE CAST(:key AS text) IS NOT NULL
ON CONFLICT DO NOTHING RETURNING 1
"""
"""Part of a statement that does the act too: keeps what it answers. No row without a key, or when the key is
taken.
"""


def remembered(session: Session, *, actor: Actor, key: str, fingerprint: str) -> Remembered | None:
    """The answer an earlier call with this key was given, or None.

    With None the key is taken until the transaction ends.

    Raises Invalid when the key came with another request.
    """
    parameters = {"actor": actor.key, "key": key, "dealer_id": actor.dealer_id, "fingerprint": fingerprint}
    if session.scalar(_TAKE, parameters):
        return None
    first = first_answer(session, actor=actor, key=key)
    if first.fingerprint != fingerprint:
        raise key_reused()
    return Remembered(first.status, first.body)


def key_reused() -> Invalid:
    """What is said to who sends another request with a key that was used."""
    fix = N_("Use a new key for a new request.")
    return Invalid(
        "idempotency_key_reused", N_("This idempotency key was used for another request."), fix=fix
    )


def first_answer(session: Session, *, actor: Actor, key: str) -> Record:
    """The answer that a key which is taken was given: fingerprint, status, body."""
    return session.execute(_FIND, {"actor": actor.key, "key": key}).one()


def remember(session: Session, *, actor: Actor, key: str, status: int, body: str) -> None:
    """Keep the answer, as JSON text, of the act under the key that was taken for it."""
    session.execute(_KEEP, {"actor": actor.key, "key": key, "status": status, "body": body})


def forget(session: Session, *, before: datetime) -> int:
    """Delete answers given before a moment; how many."""
    return rows_changed(session, _FORGET, {"before": before})
