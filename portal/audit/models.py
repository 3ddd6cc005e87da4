"""The audit: one row for every business act, appended in its transaction, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key


class AuditEvent(Base):
    """`action` is ``subject:act``, one of those that the capabilities declare.

    `at` and `database_user` are the database's word: the roles that serve may not write them. `actor` must be
    the actor of the transaction's scope, except where the issuer's role says who has just signed in.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject", "subject_kind", "subject"),
        Index("ix_audit_event_dealer_id_at", "dealer_id", "at"),
    )

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor: Mapped[str]
    actor_label: Mapped[str]
    dealer_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject: Mapped[str]
    request_id: Mapped[str | None]
    address: Mapped[str | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    reason: Mapped[str | None]
    database_user: Mapped[str | None] = mapped_column(server_default=func.session_user())
