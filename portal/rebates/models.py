"""Rebate programmes as documents, and what each dealer has earned under them, line by line."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, one_of
from portal.kernel.proposals import Proposal, proposal_checks
from portal.rebates.rules import FactKind, FactState, PeriodKind
from portal.rebates.simulated_past import SimulationState


class RebateProgramme(Proposal, Base):
    """A programme as headquarters writes it. Only published ones count, and a published one never changes.

    valid_from, valid_to: business days, inclusive; ended_on: its last day where it was withdrawn before its
    end, which may lie before its first. terms: everything else it says, by codes, as `portal.rebates.terms`
    has it. region_id: None for the whole country, else the area or province whose manager answers for it.
    """

    __tablename__ = "rebate_programme"
    __table_args__ = (
        *proposal_checks(),
        one_of("period", PeriodKind),
        CheckConstraint("valid_from <= valid_to", name="days"),
        CheckConstraint("ended_on IS NULL OR ended_on <= valid_to", name="ended_on"),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)"
            " AND (state = 'withdrawn') = (ended_on IS NOT NULL)",
            name="withdrawn_at",
        ),
        CheckConstraint("withdrawn_by <> published_by", name="withdrawn_by"),
        CheckConstraint("priority BETWEEN 1 AND 999", name="priority"),
        Index(
            "ix_rebate_programme_published",
            "valid_to",
            "valid_from",
            postgresql_where="published_at IS NOT NULL",
        ),
    )

    id: Mapped[Key]
    title_zh: Mapped[str]
    title_en: Mapped[str]
    text_zh: Mapped[str] = mapped_column(server_default="")
    text_en: Mapped[str] = mapped_column(server_default="")
    region_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    ended_on: Mapped[date | None]
    period: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    combinable: Mapped[bool]
    budget: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RebateAmendment(Proposal, Base):
    """Other tiers of a published programme from a stated day on. Nothing of the programme's row changes.

    tiers_of: as the programme's terms have them. why: what was agreed. One stands for each day.
    """

    __tablename__ = "rebate_amendment"
    __table_args__ = (
        *proposal_checks(),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
        CheckConstraint("withdrawn_by <> published_by", name="withdrawn_by"),
        Index(
            "ix_rebate_amendment_day",
            "programme_id",
            "starts_on",
            unique=True,
            postgresql_where="state <> 'withdrawn'",
        ),
    )

    id: Mapped[Key]
    programme_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("rebate_programme.id"))
    starts_on: Mapped[date]
    tiers_of: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    why: Mapped[str]


class RebateFact(Base):
    """Whether something that is no figure holds of a dealer, on some days; to_day: None until further notice.

    Said by one person with evidence and confirmed by another; of confirmed ones the latest counts on a day.
    """

    __tablename__ = "rebate_fact"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        one_of("kind", FactKind),
        one_of("state", FactState),
        CheckConstraint("to_day IS NULL OR from_day <= to_day", name="days"),
        CheckConstraint("(state = 'stated') = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("decided_by <> stated_by", name="other_person"),
        Index("ix_rebate_fact_stated_at", "stated_at", "id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    kind: Mapped[str]
    holds: Mapped[bool]
    from_day: Mapped[date]
    to_day: Mapped[date | None]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="stated")
    stated_by: Mapped[str]
    stated_by_label: Mapped[str]
    stated_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(server_default="")


class RebateAccrual(Base):
    """What a dealer has earned under a programme in a period, as of the last reckoning.

    qualified, base, next_from, next_missing: ¥ or pieces, as the programme's basis is. reached_tier: 0 is
    none. base, growth_percent, mix_percent: None where the programme asks for no such thing. unmet: the
    conditions that do not hold; why: what each of them lacks. digest: of all that was
    reckoned, to see whether it has changed.
    """

    __tablename__ = "rebate_accrual"
    __table_args__ = (
        CheckConstraint("accrued >= 0 AND reached_tier >= 0", name="amounts"),
        CheckConstraint(
            "num_nulls(next_from, next_missing, next_gain) IN (0, 3) AND next_missing > 0", name="next"
        ),
        Index("ix_rebate_accrual_programme_id", "programme_id", "first_day"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    programme_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("rebate_programme.id"), primary_key=True)
    first_day: Mapped[date] = mapped_column(primary_key=True)
    last_day: Mapped[date]
    period: Mapped[str]
    qualified: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    reached_tier: Mapped[int] = mapped_column(SmallInteger)
    accrued: Mapped[Amount]
    base: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    growth_percent: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    mix_percent: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    unmet: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    why: Mapped[dict[str, list[str]]] = mapped_column(JSONB, server_default="{}")
    next_from: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    next_missing: Mapped[Decimal | None] = mapped_column(Numeric(24, 8))
    next_gain: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    digest: Mapped[str]


class RebateAccrualLine(Base):
    """What one line of a document counted and earned in a period.

    place: in order of date, number and line. qualifier, cumulative: ¥ or pieces. rate: per cent or ¥ a
    piece, after grade, factor and multiplier; None where it has no single one.
    """

    __tablename__ = "rebate_accrual_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "programme_id", "first_day"],
            ["rebate_accrual.dealer_id", "rebate_accrual.programme_id", "rebate_accrual.first_day"],
            ondelete="CASCADE",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    programme_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    first_day: Mapped[date] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    on_day: Mapped[date]
    document: Mapped[str]
    line_no: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str]
    invoice: Mapped[str] = mapped_column(server_default="")
    sku: Mapped[str]
    quantity: Mapped[int] = mapped_column(Integer)
    qualifier: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    cumulative: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    payout: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    rate: Mapped[Decimal | None] = mapped_column(Numeric(16, 8))
    amount: Mapped[Amount]


class RebateReckoning(Base):
    """How far a dealer's rebates are reckoned.

    entry_id: the last entry of its journal that was known. programmes: how many acts on programmes were
    (`revision` of all published ones together), so that a new one is reckoned too. on_day: of the business.
    evidence: how many reports of its stock and confirmed facts about it were known.
    """

    __tablename__ = "rebate_reckoning"

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    programmes: Mapped[int] = mapped_column(BigInteger)
    evidence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    on_day: Mapped[date]
    reckoned_at: Mapped[datetime]


class RebateSimulation(Base):
    """A programme that is not published yet, run over days of the past.

    terms: as they were when it was asked for, whole. revision: of the programme then. total, done: dealers.
    after_dealer: the last that is done; whoever takes it up goes on behind it.
    """

    __tablename__ = "rebate_simulation"
    __table_args__ = (
        one_of("state", SimulationState),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("done BETWEEN 0 AND total", name="progress"),
        Index("ix_rebate_simulation_programme_id", "programme_id", "id"),
        Index(
            "uq_rebate_simulation_under_way",
            "programme_id",
            unique=True,
            postgresql_where="state IN ('waiting', 'running')",
        ),
    )

    id: Mapped[Key]
    programme_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("rebate_programme.id"))
    revision: Mapped[int] = mapped_column(Integer)
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    first_day: Mapped[date]
    last_day: Mapped[date]
    state: Mapped[str] = mapped_column(server_default="waiting")
    total: Mapped[int] = mapped_column(Integer, server_default="0")
    done: Mapped[int] = mapped_column(Integer, server_default="0")
    after_dealer: Mapped[int] = mapped_column(BigInteger, server_default="0")
    asked_by: Mapped[str]
    asked_by_label: Mapped[str]
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(server_default="")


class RebateSimulationDealer(Base):
    """What a dealer would have earned. For headquarters alone, each within its regions.

    sold: ¥ with tax that counted. qualified: ¥ or pieces. reached_tier: the highest of its periods. months,
    products: by month and by SKU what was sold and what that would have earned, as two texts.
    """

    __tablename__ = "rebate_simulation_dealer"
    __table_args__ = (Index("ix_rebate_simulation_dealer_simulation_id", "simulation_id"),)

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    simulation_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("rebate_simulation.id"), primary_key=True
    )
    sold: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    qualified: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    reached_tier: Mapped[int] = mapped_column(SmallInteger)
    accrued: Mapped[Amount]
    months: Mapped[dict[str, Any]] = mapped_column(JSONB)
    products: Mapped[dict[str, Any]] = mapped_column(JSONB)
