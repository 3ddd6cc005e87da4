"""Monthly statements: one row a dealer and period, the rendered PDFs, and the work list of a close."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, one_of
from portal.statements.rules import StatementState, TaskState


class Statement(Base):
    """Opening + debits − credits = closing, and the ageing of the closing balance.

    Its lines are the ledger's, which never change.

    snapshot: everything else that it shows, as it was when it was issued (`portal.statements.snapshot`).
    """

    __tablename__ = "statement"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        UniqueConstraint("dealer_id", "period"),
        Index("ix_statement_number", "number"),
        Index("ix_statement_period_id", "period", "id"),
        CheckConstraint("closing = opening + debits - credits", name="closing"),
        CheckConstraint(
            "current_due + days_1_30 + days_31_60 + days_61_90 + days_over_90 + unallocated = closing",
            name="ageing",
        ),
        CheckConstraint("unallocated <= 0", name="unallocated"),
        CheckConstraint("jsonb_typeof(snapshot -> 'version') = 'number'", name="snapshot"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    period: Mapped[str] = mapped_column(ForeignKey("accounting_period.period"))
    currency: Mapped[str]
    opening: Mapped[Amount]
    debits: Mapped[Amount]
    credits: Mapped[Amount]
    closing: Mapped[Amount]
    current_due: Mapped[Amount]
    days_1_30: Mapped[Amount]
    days_31_60: Mapped[Amount]
    days_61_90: Mapped[Amount]
    days_over_90: Mapped[Amount]
    unallocated: Mapped[Amount]
    line_count: Mapped[int] = mapped_column(Integer)
    issued_at: Mapped[datetime]
    snapshot: Mapped[dict[str, Any]]


class StatementPdf(Base):
    """The rendered document.

    Kept in the database so that any web node can serve it under the same row-level security.
    """

    __tablename__ = "statement_pdf"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "statement_id"], ["statement.dealer_id", "statement.id"]),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    statement_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    rendered_at: Mapped[datetime] = mapped_column(server_default=func.now())


class StatementAnswer(Base):
    """What the dealer said to a statement; none yet where there is no row. Its own lock guards it.

    confirmed_by: `Actor.key`. signed_name: as it was written under the confirmation. content_sha256: of what
    was confirmed (`portal.statements.content`). means: what makes the signature reliable, as it was seen:
    how somebody came in, from where. A confirmation never changes.
    """

    __tablename__ = "statement_answer"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "statement_id"], ["statement.dealer_id", "statement.id"]),
        one_of("state", StatementState),
        CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed"),
        CheckConstraint(
            "confirmed_at IS NULL OR (confirmed_by <> '' AND signed_name <> ''"
            " AND content_sha256 ~ '^[0-9a-f]{64}$')",
            name="signed",
        ),
        Index("ix_statement_answer_disputed", "dealer_id", postgresql_where="state = 'disputed'"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    statement_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    state: Mapped[str] = mapped_column(server_default="issued")
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str] = mapped_column(server_default="")
    confirmed_by_label: Mapped[str] = mapped_column(server_default="")
    signed_name: Mapped[str] = mapped_column(server_default="")
    content_sha256: Mapped[str] = mapped_column(server_default="")
    means: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


class CloseTask(Base):
    """One dealer's share of a month close.

    Claimed with ``FOR UPDATE SKIP LOCKED``: a killed worker's claim dies with its transaction.
    """

    __tablename__ = "close_task"
    __table_args__ = (
        one_of("state", TaskState),
        Index(
            "ix_close_task_waiting", "period", "attempts", "dealer_id", postgresql_where="state = 'waiting'"
        ),
        Index("ix_close_task_period", "period", "state"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    period: Mapped[str] = mapped_column(ForeignKey("accounting_period.period"), primary_key=True)
    state: Mapped[str] = mapped_column(server_default="waiting")
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    last_error: Mapped[str | None]
    finished_at: Mapped[datetime | None]


class InvoicePdf(Base):
    """An invoice, credit note or service invoice on paper in a language, as it was rendered."""

    __tablename__ = "invoice_pdf"

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    rendered_at: Mapped[datetime]
