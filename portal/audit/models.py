"""The audit: a row for every business act, appended in its transaction, never changed, sealed in batches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key


class AuditEvent(Base):
    """`action` is ``subject:act``, one of those that the capabilities declare.

    `at`, `database_user` and `on_behalf_of` are the database's word: the roles that serve may not write them.
    `actor` must be the actor of the transaction's scope, except where the issuer's role says who has just
    signed in; on_behalf_of: for whom it acted, by the same scope.

    A trigger makes sure that a transaction has its number before it draws an id, by which sealing knows that
    no id up to a certain one is still to come (`portal.audit.seal`).
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_at_id", "at", "id"),
        Index("ix_audit_event_dealer_id_at", "dealer_id", "at"),
        Index("ix_audit_event_subject_subject_kind", "subject", "subject_kind"),
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
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str | None]
    database_user: Mapped[str | None] = mapped_column(server_default=func.session_user())
    on_behalf_of: Mapped[str | None] = mapped_column(server_default=func.app_on_behalf_of())


class AuditBatch(Base):
    """Events sealed together: the members of `portal.audit.seals.Head`, hashes and keys as bytes.

    digest: SHA-256 of what is signed. leaves: the hashes of its events one after the other, so that an event
    that was changed since is named, and not only its batch.
    """

    __tablename__ = "audit_batch"
    __table_args__ = (
        CheckConstraint("number > 0 AND after >= 0 AND last > after AND events > 0", name="span"),
        CheckConstraint(
            "octet_length(root) = 32 AND octet_length(previous) = 32 AND octet_length(key) = 32"
            " AND octet_length(signature) = 64 AND octet_length(digest) = 32"
            " AND octet_length(leaves) = 32 * events",
            name="lengths",
        ),
        Index("ix_audit_batch_last", "last", unique=True),
        Index("ix_audit_batch_last_at", "last_at"),
        Index("ix_audit_batch_digest", "digest", unique=True),
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    after: Mapped[int] = mapped_column(BigInteger, unique=True)
    last: Mapped[int] = mapped_column(BigInteger)
    events: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    root: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]
    key: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    leaves: Mapped[bytes] = mapped_column(LargeBinary)


class AuditHorizon(Base):
    """Up to which id events are complete once every transaction before `transaction` has ended. One row.

    cluster: whose transactions these are. A database that was restored elsewhere has none of them.
    """

    __tablename__ = "audit_horizon"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(BigInteger)
    transaction: Mapped[int] = mapped_column(BigInteger)
    cluster: Mapped[int] = mapped_column(BigInteger)
