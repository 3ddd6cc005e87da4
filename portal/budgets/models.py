"""Budgets of headquarters, what documents hold of them, and the activities that dealers plan."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.budgets.rules import (
    ActivityKind,
    ActivityState,
    BudgetKind,
    BudgetState,
    ProposalState,
    UseState,
)
from portal.kernel.db import Amount, Base, Key, one_of


class RebateBudget(Base):
    """A pot of headquarters. region_id: None for the whole country.

    reserved, spent: the sums of its uses; together never more than `amount`. first_day, last_day: business
    days, inclusive, on which what is paid from it begins.
    """

    __tablename__ = "rebate_budget"
    __table_args__ = (
        one_of("kind", BudgetKind),
        one_of("state", BudgetState),
        CheckConstraint("reserved >= 0 AND spent >= 0 AND reserved + spent <= amount", name="within"),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("(kind = 'programme') = (programme_id IS NOT NULL)", name="programme"),
        CheckConstraint("state = 'open' OR amount = 0", name="open"),
        Index(
            "uq_rebate_budget_programme_id",
            "programme_id",
            unique=True,
            postgresql_where="state <> 'rejected'",
        ),
        Index("ix_rebate_budget_region_id", "region_id"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    title_zh: Mapped[str]
    title_en: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    programme_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("rebate_programme.id"))
    region_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    amount: Mapped[Amount] = mapped_column(server_default="0")
    reserved: Mapped[Amount] = mapped_column(server_default="0")
    spent: Mapped[Amount] = mapped_column(server_default="0")
    created_at: Mapped[datetime]


class BudgetProposal(Base):
    """An amount that somebody proposes for a pot, and another person decides on; decided ones stand.

    amount: of the whole pot. before: what it was. proposed_by, decided_by: `Actor.key`.
    """

    __tablename__ = "budget_proposal"
    __table_args__ = (
        one_of("state", ProposalState),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("decided_by <> proposed_by", name="other_person"),
        CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="decided",
        ),
        Index("ix_budget_proposal_budget_id", "budget_id", "id"),
        Index("uq_budget_proposal_waiting", "budget_id", unique=True, postgresql_where="state = 'waiting'"),
    )

    id: Mapped[Key]
    budget_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("rebate_budget.id"))
    amount: Mapped[Amount]
    before: Mapped[Amount]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    proposed_by: Mapped[str]
    proposed_by_label: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(server_default="")


class Activity(Base):
    """What a dealer plans, and headquarters approves before it begins.

    place: the hospital, or where it is. planned: ¥ that the dealer asks for; approved: at most that, of
    budget_id. asked_by, decided_by: `Actor.key`.
    """

    __tablename__ = "activity"
    __table_args__ = (
        one_of("kind", ActivityKind),
        one_of("state", ActivityState),
        UniqueConstraint("dealer_id", "number"),
        Index("ix_activity_number", "number"),
        Index("ix_activity_state", "state", "asked_at", "id"),
        Index("ix_activity_asked_at", "asked_at", "id"),
        Index("ix_activity_dealer_id_asked_at", "dealer_id", "asked_at", "id"),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("planned > 0 AND approved > 0 AND approved <= planned", name="amounts"),
        CheckConstraint("decided_by <> asked_by", name="other_person"),
        CheckConstraint(
            "num_nulls(approved, budget_id) IN (0, 2)"
            " AND (state NOT IN ('approved', 'closed') OR approved IS NOT NULL)"
            " AND (approved IS NULL OR state IN ('approved', 'closed', 'withdrawn'))",
            name="approved",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    kind: Mapped[str]
    state: Mapped[str]
    title: Mapped[str]
    text: Mapped[str] = mapped_column(server_default="")
    place: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]
    planned: Mapped[Amount]
    approved: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    budget_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("rebate_budget.id"))
    asked_by: Mapped[str]
    asked_by_label: Mapped[str]
    asked_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")
    ended_at: Mapped[datetime | None]
    ended_by_label: Mapped[str | None]


class BudgetUse(Base):
    """What a document holds of a pot, reserved or spent.

    document: number of a claim or a settlement, or of the activity itself, whose row holds what is not
    claimed of it yet. activity_id: of a document that draws on one. amount: what is held, or was; negative
    of a settlement that took money back, which is free again.
    """

    __tablename__ = "budget_use"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "activity_id"], ["activity.dealer_id", "activity.id"]),
        one_of("state", UseState),
        CheckConstraint("amount >= 0 OR state = 'spent' AND activity_id IS NULL", name="amount"),
        Index("ix_budget_use_budget_id", "budget_id", "state"),
        Index("ix_budget_use_activity_id", "dealer_id", "activity_id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    document: Mapped[str] = mapped_column(primary_key=True)
    budget_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("rebate_budget.id"))
    activity_id: Mapped[int | None] = mapped_column(BigInteger)
    amount: Mapped[Amount]
    state: Mapped[str]
    changed_at: Mapped[datetime]
