"""What dealers upload of their own books, how it was read, what differs, and what both sides say of it."""

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
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, one_of
from portal.own_ledgers.difference_rules import Kind
from portal.own_ledgers.layout_rules import Books
from portal.own_ledgers.rules import Answer, LedgerState, Side, Verdict


class OwnLedger(Base):
    """A file out of a dealer's accounting, and what comparing it came to.

    layout: its columns. books: whose view its sides are in, as somebody said it; found_books: as its figures
    showed. error: what kept it from being read. result: what was proven, and the two sums. attempts: of
    comparing it since it was asked for, the last one begun at `tried_at`. superseded_by: number of the newer
    one of the same days. content: empty where it was discarded.
    """

    __tablename__ = "own_ledger"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        Index("ix_own_ledger_number", "number"),
        Index("ix_own_ledger_dealer_id_uploaded_at", "dealer_id", "uploaded_at", "id"),
        Index("ix_own_ledger_state", "state", "uploaded_at", "id"),
        one_of("state", LedgerState),
        one_of("books", Books),
        one_of("found_books", Books),
        CheckConstraint("last_day >= first_day AND (first_day IS NULL) = (last_day IS NULL)", name="days"),
        CheckConstraint(
            "octet_length(content) <= 20971520 AND (octet_length(content) = 0) = (state = 'discarded')",
            name="content",
        ),
        CheckConstraint("(state = 'superseded') <= (superseded_by IS NOT NULL)", name="superseded"),
        CheckConstraint(
            "(state = 'discarded') = (discarded_at IS NOT NULL)"
            " AND (discarded_at IS NULL) = (discarded_by_label IS NULL)",
            name="discarded",
        ),
        CheckConstraint("(state = 'failed') = (error IS NOT NULL)", name="error"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    state: Mapped[str] = mapped_column(server_default="draft")
    filename: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    layout: Mapped[dict[str, Any]]
    books: Mapped[str | None]
    found_books: Mapped[str | None]
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    skip_unread: Mapped[bool] = mapped_column(Boolean, server_default="false")
    line_count: Mapped[int] = mapped_column(Integer, server_default="0")
    matched: Mapped[int] = mapped_column(Integer, server_default="0")
    difference_count: Mapped[int] = mapped_column(Integer, server_default="0")
    ours_sum: Mapped[Amount] = mapped_column(server_default="0")
    theirs_sum: Mapped[Amount] = mapped_column(server_default="0")
    result: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    error: Mapped[list[Any] | None]
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[str]
    uploaded_by_label: Mapped[str]
    asked_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    tried_at: Mapped[datetime | None]
    superseded_by: Mapped[str | None]
    discarded_at: Mapped[datetime | None]
    discarded_by_label: Mapped[str | None]


class OwnLedgerDifference(Base):
    """One thing to agree about. ours, theirs: the documents. amount: theirs less ours."""

    __tablename__ = "own_ledger_difference"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "ledger_id"], ["own_ledger.dealer_id", "own_ledger.id"]),
        one_of("class", Kind),
        one_of("dealer_answer", Answer),
        one_of("staff_answer", Answer),
        CheckConstraint("confidence BETWEEN 0 AND 100", name="confidence"),
        CheckConstraint("jsonb_array_length(ours) + jsonb_array_length(theirs) > 0", name="documents"),
        Index("ix_own_ledger_difference_class", "dealer_id", "ledger_id", "class", "no"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ledger_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    no: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column("class")
    ours: Mapped[list[Any]]
    theirs: Mapped[list[Any]]
    amount: Mapped[Amount]
    confidence: Mapped[int] = mapped_column(Integer)
    dealer_answer: Mapped[str] = mapped_column(server_default="open")
    staff_answer: Mapped[str] = mapped_column(server_default="open")
    revision: Mapped[int] = mapped_column(Integer, server_default="1")


class OwnLedgerRemark(Base):
    """What one side said of a difference, and when. It stays."""

    __tablename__ = "own_ledger_remark"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "ledger_id", "difference_no"],
            [
                "own_ledger_difference.dealer_id",
                "own_ledger_difference.ledger_id",
                "own_ledger_difference.no",
            ],
        ),
        one_of("side", Side),
        one_of("verdict", Verdict),
        CheckConstraint("verdict <> 'note' OR said <> ''", name="said"),
        Index("ix_own_ledger_remark_difference", "dealer_id", "ledger_id", "difference_no", "id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[Key]
    ledger_id: Mapped[int] = mapped_column(BigInteger)
    difference_no: Mapped[int] = mapped_column(Integer)
    side: Mapped[str]
    verdict: Mapped[str]
    said: Mapped[str] = mapped_column(server_default="")
    said_at: Mapped[datetime]
    said_by: Mapped[str]
    said_by_label: Mapped[str]


class OwnLedgerLayout(Base):
    """How a dealer's files with some headings are read, as it corrected that last."""

    __tablename__ = "own_ledger_layout"

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    heads: Mapped[str] = mapped_column(primary_key=True)
    layout: Mapped[dict[str, Any]]
    kept_at: Mapped[datetime]


class OwnLedgerSignature(Base):
    """A side stands for the sheet: who, when, and the hash of what was signed."""

    __tablename__ = "own_ledger_signature"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "ledger_id"], ["own_ledger.dealer_id", "own_ledger.id"]),
        one_of("side", Side),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ledger_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    sha256: Mapped[str]
    signed_at: Mapped[datetime]
    signed_by: Mapped[str]
    signed_by_label: Mapped[str]
