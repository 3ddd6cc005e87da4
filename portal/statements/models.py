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
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, one_of
from portal.statements.rules import StatementState, TaskState, VersionState


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
    """The rendered document of one version.

    Kept in the database so that any web node can serve it under the same row-level security. signed_by,
    certificate: the name in the certificate of the electronic signature and its SHA-256, empty without one.
    """

    __tablename__ = "statement_pdf"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "statement_id"], ["statement.dealer_id", "statement.id"]),
        CheckConstraint("(signed_by = '') = (certificate = '')", name="signed"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    statement_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, server_default="1")
    locale: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    rendered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    signed_by: Mapped[str] = mapped_column(server_default="")
    certificate: Mapped[str] = mapped_column(server_default="")


class StatementAnswer(Base):
    """What the dealer said to a version of a statement; nothing yet without a row. Its lock guards it.

    confirmed_by: `Actor.key`. signed_name: as it was written under the confirmation. content_sha256: of what
    was confirmed (`portal.statements.content`). means: what makes the signature reliable, as it was seen:
    how somebody came in, from where. A confirmation never changes. by_clause: confirmed by time under a
    clause of the contract, without a name. since: when it came into its state, where that is not when it was
    issued. noticed_at: when the dealer was told of the day on which the clause confirms it.
    """

    __tablename__ = "statement_answer"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "statement_id"], ["statement.dealer_id", "statement.id"]),
        one_of("state", StatementState),
        CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed"),
        CheckConstraint(
            "confirmed_at IS NULL OR (confirmed_by <> '' AND (signed_name = '') = by_clause"
            " AND content_sha256 ~ '^[0-9a-f]{64}$')",
            name="signed",
        ),
        Index("ix_statement_answer_disputed", "dealer_id", postgresql_where="state = 'disputed'"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    statement_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, server_default="1")
    state: Mapped[str] = mapped_column(server_default="issued")
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str] = mapped_column(server_default="")
    confirmed_by_label: Mapped[str] = mapped_column(server_default="")
    signed_name: Mapped[str] = mapped_column(server_default="")
    content_sha256: Mapped[str] = mapped_column(server_default="")
    means: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    by_clause: Mapped[bool] = mapped_column(server_default="false")
    since: Mapped[datetime | None]
    noticed_at: Mapped[datetime | None]


class StatementCorrection(Base):
    """A correction of what a statement says beside its figures: proposed, then approved by somebody else.

    version: the number of the version it made, which supersedes those before; version 1 is the statement.
    documents: later documents of the books that belong to the month. snapshot: as `Statement.snapshot`.
    """

    __tablename__ = "statement_correction"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "statement_id"], ["statement.dealer_id", "statement.id"]),
        UniqueConstraint("dealer_id", "statement_id", "version"),
        one_of("state", VersionState),
        CheckConstraint(
            "(state = 'approved') = (version IS NOT NULL) AND (version IS NULL) = (snapshot IS NULL)"
            " AND (version IS NULL OR version >= 2)",
            name="version",
        ),
        CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND decided_by IS DISTINCT FROM proposed_by",
            name="other_person",
        ),
        Index(
            "uq_statement_correction_proposed",
            "dealer_id",
            "statement_id",
            unique=True,
            postgresql_where="state = 'proposed'",
        ),
        Index("ix_statement_correction_state", "state", "id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[Key]
    statement_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="proposed")
    version: Mapped[int | None] = mapped_column(SmallInteger)
    reason: Mapped[str]
    documents: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    snapshot: Mapped[dict[str, Any] | None]
    proposed_by: Mapped[str]
    proposed_by_label: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(server_default="")


class ConfirmationClause(Base):
    """That a dealer's contract has its statements confirmed by time. No row: it has no such clause.

    contract: which contract and clause say so. set_by: `Actor.key`.
    """

    __tablename__ = "confirmation_clause"
    __table_args__ = (
        CheckConstraint("days BETWEEN 10 AND 180", name="days"),
        CheckConstraint("contract <> '' OR NOT is_active", name="contract"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    is_active: Mapped[bool]
    days: Mapped[int] = mapped_column(Integer)
    contract: Mapped[str]
    set_by: Mapped[str]
    set_by_label: Mapped[str]
    set_at: Mapped[datetime]


class CloseProposal(Base):
    """That finance was told, once, of a month that can be closed."""

    __tablename__ = "close_proposal"

    period: Mapped[str] = mapped_column(primary_key=True)
    proposed_at: Mapped[datetime]


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
    """An invoice, of goods or a service, a credit note or an adjustment note on paper, as it was rendered."""

    __tablename__ = "invoice_pdf"

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    rendered_at: Mapped[datetime]
