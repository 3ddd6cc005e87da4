"""What was settled of each period, the runs that settle many dealers, and what is owed at a month's end."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, one_of
from portal.settlements.rules import RunState, SettlementKind


class RebateSettlement(Base):
    """What one act settled of one period: `paid` = accrued + guaranteed + carried_in − advanced −
    carried_out − cut, and a note of the ledger gives it (`note_no`; none where nothing is paid).

    source: number of the run or claim. advanced: negative in the advance itself, positive where it is taken
    off. guaranteed, cut: negative where an adjustment takes back what was added, or needs no cut any more.
    Appended, never changed: what a period was settled at is the sum of its rows.
    """

    __tablename__ = "rebate_settlement"
    __table_args__ = (
        UniqueConstraint("dealer_id", "source", "first_day", name="uq_rebate_settlement_source"),
        Index(
            "uq_rebate_settlement_final",
            "dealer_id",
            "programme_id",
            "first_day",
            unique=True,
            postgresql_where="kind = 'final'",
        ),
        Index("ix_rebate_settlement_programme_id", "programme_id", "first_day"),
        one_of("kind", SettlementKind),
        CheckConstraint(
            "paid = accrued + guaranteed + carried_in - advanced - carried_out - cut", name="paid"
        ),
        CheckConstraint(
            "carried_out >= 0 AND (kind = 'adjustment' OR cut >= 0 AND guaranteed >= 0)", name="cut"
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    programme_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("rebate_programme.id"))
    first_day: Mapped[date]
    period: Mapped[str]
    kind: Mapped[str]
    source: Mapped[str]
    accrued: Mapped[Amount]
    guaranteed: Mapped[Amount]
    carried_in: Mapped[Amount]
    advanced: Mapped[Amount]
    carried_out: Mapped[Amount]
    cut: Mapped[Amount]
    paid: Mapped[Amount]
    note_no: Mapped[str | None]
    settled_at: Mapped[datetime]
    settled_by_label: Mapped[str]


class RebateRun(Base):
    """The settlement of a period for all dealers of a programme: proposed, approved by another person, done
    by a job. dealers, amount: as they stood when it was proposed. percent: of an advance.

    ceiling: what is given by it at most, what it takes back apart; None for one that is older than ceilings.
    stopped_at: when it would have come to more, and waited for another word.
    """

    __tablename__ = "rebate_run"
    __table_args__ = (
        UniqueConstraint("number"),
        Index(
            "uq_rebate_run_open",
            "programme_id",
            "first_day",
            unique=True,
            postgresql_where="state IN ('proposed', 'approved')",
        ),
        Index("ix_rebate_run_state", "state", "id"),
        one_of("kind", SettlementKind),
        one_of("state", RunState),
        CheckConstraint(
            "(kind = 'provisional') = (percent IS NOT NULL)"
            " AND (percent IS NULL OR percent > 0 AND percent <= 100)",
            name="percent",
        ),
        CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND decided_by IS DISTINCT FROM proposed_by",
            name="other_person",
        ),
        CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    number: Mapped[str]
    programme_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("rebate_programme.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    period: Mapped[str]
    kind: Mapped[str]
    percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    state: Mapped[str] = mapped_column(server_default="proposed")
    dealers: Mapped[int] = mapped_column(Integer)
    amount: Mapped[Amount]
    ceiling: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    stopped_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(server_default="")
    proposed_by: Mapped[str]
    proposed_by_label: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")
    settled_at: Mapped[datetime | None]


class RebateLiability(Base):
    """What is owed to a dealer under a programme at the end of a month: accrued by then and not settled.

    amount: accrued less settled, as the programme reckons it; net: the same without tax. Headquarters' own:
    no dealer's page reads it.
    """

    __tablename__ = "rebate_liability"
    __table_args__ = (Index("ix_rebate_liability_month", "month", "programme_id"),)

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    programme_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("rebate_programme.id"), primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    accrued: Mapped[Amount]
    settled: Mapped[Amount]
    amount: Mapped[Amount]
    net: Mapped[Amount]


class RebateLiabilityMonth(Base):
    """A month whose liability is counted dealer by dealer, and then posted to the company's books."""

    __tablename__ = "rebate_liability_month"
    __table_args__ = (CheckConstraint("month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name="month"),)

    month: Mapped[str] = mapped_column(primary_key=True)
    through_dealer_id: Mapped[int] = mapped_column(BigInteger, server_default="0")
    posted_at: Mapped[datetime | None]


class RebateBalanceEntry(Base):
    """A rebate that is kept for later invoices: what a settlement added, and what an invoice was paid of it.

    source: number of the run, or of the invoice. amount: added, or negative for what was used, by the note
    `note_no`. The balance is the sum; it is never below zero.
    """

    __tablename__ = "rebate_balance_entry"
    __table_args__ = (
        UniqueConstraint("dealer_id", "programme_id", "source", name="uq_rebate_balance_entry_source"),
        CheckConstraint("amount <> 0 AND (amount < 0) = (note_no IS NOT NULL)", name="amount"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    programme_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("rebate_programme.id"))
    source: Mapped[str]
    amount: Mapped[Amount]
    note_no: Mapped[str | None]
    entered_on: Mapped[date]
    entered_at: Mapped[datetime]


class RebateNotePdf(Base):
    """A rebate note on paper in a language, as it was rendered."""

    __tablename__ = "rebate_note_pdf"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "number"], ["rebate_note.dealer_id", "rebate_note.number"]),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    rendered_at: Mapped[datetime]
