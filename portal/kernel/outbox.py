"""Effects of a business act, written in its transaction and carried out after it: mail, PDF, webhooks.

`add` is called by verbs. After the commit the process signals the workers; `jobs.outbox` claims rows with
``FOR UPDATE SKIP LOCKED`` and marks them in the transaction that did the work; a schedule sweeps what a crash
left behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, func, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.db import Base, Key


@dataclass(frozen=True, slots=True)
class Effect:
    """A row of the outbox, as its handler gets it."""

    id: int
    topic: str
    dealer_id: int | None
    payload: dict[str, Any]
    attempts: int


class Outbox(Base):
    """One effect to carry out. `attempts` and `last_error` tell an operator what keeps failing."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "id", postgresql_where="dispatched_at IS NULL"),)

    id: Mapped[Key]
    dealer_id: Mapped[int | None] = mapped_column(BigInteger)
    topic: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    not_before: Mapped[datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    last_error: Mapped[str | None]
    dispatched_at: Mapped[datetime | None]


def add(session: Session, topic: str, *, dealer_id: int | None, **payload: object) -> None:
    """Record an effect of the running transaction. `payload` must be JSON."""
    # Inline: nothing is returned, so that staff of one region may leave an effect of no dealer, which they
    # may not read.
    session.execute(insert(Outbox).inline().values(topic=topic, dealer_id=dealer_id, payload=payload))
    mark(session)


def mark(session: Session) -> None:
    """Say that this transaction left something in the outbox (for set-based SQL that inserted it itself)."""
    session.info["outbox"] = True
