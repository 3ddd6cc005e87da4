"""What dealers say against statements, line by line, and what both sides wrote about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.disputes.rules import DisputeKind, DisputeState, EntryKind, Outcome
from portal.kernel.db import Amount, Base, Key, one_of


class Dispute(Base):
    """What a dealer says against one statement; one at a time. Its own lock is that of the statement.

    number: ``DP…``. amount: of all its lines. opened_by, ended_by, proposed_by: `Actor.key`. proposed: an
    answer above what one person may post; another person carries it out.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        ForeignKeyConstraint(["dealer_id", "statement_id"], ["statement.dealer_id", "statement.id"]),
        one_of("state", DisputeState),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "(proposed IS NULL) = (proposed_by IS NULL)"
            " AND (state <> 'resolved' OR proposed_by IS DISTINCT FROM ended_by)",
            name="other_person",
        ),
        Index("ix_dispute_number", "number"),
        Index("ix_dispute_dealer_id_opened_at", "dealer_id", "opened_at", "id"),
        Index("ix_dispute_opened_at", "opened_at", "id"),
        Index("uq_dispute_open", "dealer_id", "statement_id", unique=True, postgresql_where="state = 'open'"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    statement_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="open")
    amount: Mapped[Amount]
    opened_by: Mapped[str]
    opened_by_label: Mapped[str]
    opened_at: Mapped[datetime]
    ended_by: Mapped[str | None]
    ended_by_label: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    proposed: Mapped[dict[str, Any] | None]
    proposed_by: Mapped[str | None]


class DisputeLine(Base):
    """A disputed document. outcome, correction: how it was answered, and by which document."""

    __tablename__ = "dispute_line"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "dispute_id"], ["dispute.dealer_id", "dispute.id"]),
        one_of("kind", DisputeKind),
        one_of("outcome", Outcome),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "(outcome IN ('reversed', 'document', 'adjusted')) = (correction <> '') OR outcome IS NULL",
            name="correction",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    dispute_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    document: Mapped[str]
    amount: Mapped[Amount]
    kind: Mapped[str]
    reason: Mapped[str]
    outcome: Mapped[str | None]
    correction: Mapped[str] = mapped_column(server_default="")


class DisputeEntry(Base):
    """Something that was said or done. Never changed. files: ids of those that came with it."""

    __tablename__ = "dispute_entry"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "dispute_id"], ["dispute.dealer_id", "dispute.id"]),
        one_of("kind", EntryKind),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    dispute_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entry_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str]
    is_staff: Mapped[bool]
    author: Mapped[str]
    author_label: Mapped[str]
    text: Mapped[str] = mapped_column(server_default="")
    files: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    said_at: Mapped[datetime]
