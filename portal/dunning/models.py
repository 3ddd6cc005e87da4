"""How debts are demanded, the runs that propose letters, and the letters as they were sent."""

from __future__ import annotations

from datetime import date, datetime
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
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.dunning.rules import LetterState, RunState
from portal.kernel.db import Amount, Base, Key, Rate, one_of


class DunningPolicy(Base):
    """A version of how debts are demanded; the latest counts. See `portal.dunning.rules.Policy`."""

    __tablename__ = "dunning_policy"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("cardinality(days) BETWEEN 1 AND 5", name="days"),
        CheckConstraint("minimum >= 0", name="minimum"),
        CheckConstraint("interest_rate > 0 AND interest_rate <= 0.24", name="interest_rate"),
        CheckConstraint("day_count IN (360, 365)", name="day_count"),
        CheckConstraint("stop_level BETWEEN 1 AND cardinality(days)", name="stop_level"),
        CheckConstraint("respite BETWEEN 1 AND 60", name="respite"),
    )

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    days: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    minimum: Mapped[Amount]
    interest_rate: Mapped[Rate | None]
    day_count: Mapped[int] = mapped_column(SmallInteger)
    stop_level: Mapped[int | None] = mapped_column(SmallInteger)
    respite: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str]
    set_by: Mapped[str]
    set_by_label: Mapped[str]
    set_at: Mapped[datetime]


class DunningRun(Base):
    """Letters proposed together, of which a person releases all or some. number: ``DG…``."""

    __tablename__ = "dunning_run"
    __table_args__ = (
        one_of("state", RunState),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
        Index("uq_dunning_run_waiting", "state", unique=True, postgresql_where="state = 'proposed'"),
        Index("ix_dunning_run_proposed_at", "proposed_at", "id"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    day: Mapped[date]
    policy_version: Mapped[int] = mapped_column(Integer, ForeignKey("dunning_policy.version"))
    state: Mapped[str] = mapped_column(server_default="proposed")
    proposed_by: Mapped[str]
    proposed_by_label: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class DunningLetter(Base):
    """A demand to a dealer. number: ``DN…``. content: what its paper says, from when it is sent on.

    interest_no: the note by which its interest was posted.
    """

    __tablename__ = "dunning_letter"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        UniqueConstraint("dealer_id", "run_id"),
        one_of("state", LetterState),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("amount > 0 AND interest >= 0", name="amount"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint(
            "(interest_no IS NULL) = (interest_at IS NULL)"
            " AND (interest_no IS NULL OR (state = 'sent' AND interest > 0))",
            name="interest",
        ),
        Index("ix_dunning_letter_number", "number"),
        Index("ix_dunning_letter_run_id", "run_id", "state", "dealer_id"),
        Index("ix_dunning_letter_made_at", "made_at", "id"),
        Index("ix_dunning_letter_dealer_id_made_at", "dealer_id", "made_at", "id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    run_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dunning_run.id"))
    level: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(server_default="proposed")
    written_on: Mapped[date]
    pay_by: Mapped[date]
    amount: Mapped[Amount]
    interest: Mapped[Amount] = mapped_column(server_default="0")
    content: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    interest_no: Mapped[str | None]
    interest_by: Mapped[str | None]
    interest_by_label: Mapped[str | None]
    interest_at: Mapped[datetime | None]


class DunningItem(Base):
    """A debt in a letter: an entry of the journal with what was open of it."""

    __tablename__ = "dunning_item"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "letter_id"], ["dunning_letter.dealer_id", "dunning_letter.id"]),
        ForeignKeyConstraint(["dealer_id", "entry_id"], ["journal_entry.dealer_id", "journal_entry.id"]),
        CheckConstraint("amount > 0 AND interest >= 0", name="amount"),
        CheckConstraint("level BETWEEN 0 AND 5 AND level - was_level BETWEEN 0 AND 1", name="level"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    letter_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    document_no: Mapped[str]
    occurred_on: Mapped[date]
    due_on: Mapped[date]
    amount: Mapped[Amount]
    days_late: Mapped[int] = mapped_column(Integer)
    was_level: Mapped[int] = mapped_column(SmallInteger)
    level: Mapped[int] = mapped_column(SmallInteger)
    interest: Mapped[Amount] = mapped_column(server_default="0")


class DunningReached(Base):
    """A debt was demanded at a level, once: its key says so. Never changed."""

    __tablename__ = "dunning_reached"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "letter_id"], ["dunning_letter.dealer_id", "dunning_letter.id"]),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    letter_id: Mapped[int] = mapped_column(BigInteger)
    reached_on: Mapped[date]


class DunningLetterPdf(Base):
    """The paper of a letter in one language, as it was sent. Never changed."""

    __tablename__ = "dunning_letter_pdf"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "letter_id"], ["dunning_letter.dealer_id", "dunning_letter.id"]),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    letter_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    rendered_at: Mapped[datetime]
