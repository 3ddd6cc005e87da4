"""The company's bank accounts: files as they came, their bookings, and what each booking paid."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.bank.books_rules import BookingState, FileState, MatchKind
from portal.bank.rules import FileFormat
from portal.kernel.db import Amount, Base, Key, one_of


class BankAccount(Base):
    """An account of the company in one currency. number_key: as numbers are compared."""

    __tablename__ = "bank_account"
    __table_args__ = (
        UniqueConstraint("number_key", "currency"),
        CheckConstraint("number_key <> ''", name="number"),
    )

    id: Mapped[Key]
    number: Mapped[str]
    number_key: Mapped[str]
    currency: Mapped[str]
    added_by_label: Mapped[str]
    added_at: Mapped[datetime]


class BankLayout(Base):
    """Which column is what in tables of an account with these headings, as somebody set it."""

    __tablename__ = "bank_layout"

    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("bank_account.id"), primary_key=True)
    heads_key: Mapped[str] = mapped_column(primary_key=True)
    heads: Mapped[list[Any]]
    columns: Mapped[dict[str, Any]]
    set_by_label: Mapped[str]
    set_at: Mapped[datetime]


class BankFile(Base):
    """A file as it came. number: ``BS…``. A draft waits for an answer; what is taken never changes.

    doubts: what was confirmed when it was taken as an extract. left_out: rows that are no bookings.
    """

    __tablename__ = "bank_file"
    __table_args__ = (
        UniqueConstraint("number"),
        Index("uq_bank_file_taken", "sha256", unique=True, postgresql_where="state = 'taken'"),
        Index("ix_bank_file_sent_at", "sent_at", "id"),
        one_of("state", FileState),
        one_of("format", FileFormat),
        CheckConstraint("(state = 'taken') = (taken_at IS NOT NULL)", name="taken"),
        CheckConstraint("octet_length(content) BETWEEN 1 AND 8388608", name="size"),
    )

    id: Mapped[Key]
    number: Mapped[str]
    state: Mapped[str]
    name: Mapped[str]
    format: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    is_extract: Mapped[bool] = mapped_column(Boolean, server_default="false")
    doubts: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    left_out: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    sent_by: Mapped[str]
    sent_by_label: Mapped[str]
    sent_at: Mapped[datetime]
    taken_by_label: Mapped[str] = mapped_column(server_default="")
    taken_at: Mapped[datetime | None]


class StatementOfBank(Base):
    """A statement in a file that was taken, with its balances where it has some."""

    __tablename__ = "bank_statement"

    file_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("bank_file.id"), primary_key=True)
    statement_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("bank_account.id"))
    opening: Mapped[Amount | None]
    closing: Mapped[Amount | None]
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]


class BankBooking(Base):
    """Money in (positive) or out of an account, once, however many files tell of it.

    digest: of all that the bank says of it; nth: the how-manieth of its like, since equal bookings of one day
    are bookings of their own.
    """

    __tablename__ = "bank_booking"
    __table_args__ = (
        UniqueConstraint("account_id", "digest", "nth"),
        Index("ix_bank_booking_waiting", "booked_on", "id", postgresql_where="state = 'waiting'"),
        Index("ix_bank_booking_state_booked_on", "state", "booked_on", "id"),
        Index("ix_bank_booking_account_id_amount", "account_id", "amount", "booked_on"),
        one_of("state", BookingState),
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("nth > 0", name="nth"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("bank_account.id"))
    digest: Mapped[str]
    nth: Mapped[int] = mapped_column(Integer)
    booked_on: Mapped[date]
    value_on: Mapped[date | None]
    amount: Mapped[Amount]
    is_reversal: Mapped[bool]
    remittance: Mapped[str]
    reference: Mapped[str]
    bank_reference: Mapped[str]
    party: Mapped[str]
    party_account: Mapped[str]
    state: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    decided_by_label: Mapped[str] = mapped_column(server_default="")
    decided_at: Mapped[datetime | None]


class BankLine(Base):
    """A booking as it stands in a file. place: line or row of the file. is_new: no file told of it before."""

    __tablename__ = "bank_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["file_id", "statement_no"], ["bank_statement.file_id", "bank_statement.statement_no"]
        ),
        Index("ix_bank_line_booking_id", "booking_id"),
    )

    file_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(Integer, primary_key=True)
    statement_no: Mapped[int] = mapped_column(SmallInteger)
    booking_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("bank_booking.id"))
    place: Mapped[int] = mapped_column(Integer)
    balance: Mapped[Amount | None]
    is_new: Mapped[bool]


class BankMatch(Base):
    """What a booking paid. kind: posted by it, found in the books, or reversed by it.

    reason, score: why it was thought so. It stands until it is undone, and then remains.
    """

    __tablename__ = "bank_match"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "payment_no"], ["payment.dealer_id", "payment.number"]),
        Index(
            "uq_bank_match_live",
            "dealer_id",
            "booking_id",
            unique=True,
            postgresql_where="undone_at IS NULL",
        ),
        Index(
            "uq_bank_match_payment",
            "dealer_id",
            "payment_no",
            unique=True,
            postgresql_where="undone_at IS NULL AND kind <> 'reversed'",
        ),
        Index("ix_bank_match_booking_id", "booking_id"),
        one_of("kind", MatchKind),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        CheckConstraint("(undone_at IS NULL) = (undo_reason = '')", name="undone"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    booking_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("bank_booking.id"))
    kind: Mapped[str]
    payment_no: Mapped[str]
    invoices: Mapped[list[Any]]
    reason: Mapped[str]
    score: Mapped[int] = mapped_column(SmallInteger)
    matched_by: Mapped[str]
    matched_by_label: Mapped[str]
    matched_at: Mapped[datetime]
    undone_by_label: Mapped[str] = mapped_column(server_default="")
    undone_at: Mapped[datetime | None]
    undo_reason: Mapped[str] = mapped_column(server_default="")
