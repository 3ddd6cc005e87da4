"""Claims of dealers for money, how each was decided, and who decides on which."""

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
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.claims.life import ClaimState
from portal.claims.rules import Approver, ChangeState, ClaimKind, StepAct, Treatment
from portal.kernel.db import Amount, Base, Key, UnitPrice, one_of


class RebateClaim(Base):
    """Money that a dealer asks for. The lock on its account guards it.

    calculated: None where nothing can be reckoned. allowed: what the steps of this round granted so far;
    approved: what the last one did. chain: who signs, copied when it was submitted; place: how many of them
    have; round: how often it was submitted. written_by: everybody who had a hand in it (`Actor.key`); none of
    them approves it. due_at: until when it is decided in time; remind_at: when those who can are reminded.
    first_day, last_day: of the period, or of the expenses; of price protection the day of the cut.
    """

    __tablename__ = "rebate_claim"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        one_of("kind", ClaimKind),
        one_of("treatment", Treatment),
        one_of("state", ClaimState),
        CheckConstraint("asked > 0 AND calculated >= 0", name="amounts"),
        CheckConstraint("allowed > 0 AND allowed <= asked", name="allowed"),
        CheckConstraint("approved > 0 AND approved <= asked", name="approved"),
        CheckConstraint(
            "(state IN ('approved', 'paid')) = (approved IS NOT NULL)"
            " AND (approved IS NULL OR approved_by IS NOT NULL)",
            name="approval",
        ),
        CheckConstraint("approved_by <> ALL (written_by)", name="other_person"),
        CheckConstraint("(state = 'paid') = (paid_no IS NOT NULL)", name="paid"),
        CheckConstraint("place BETWEEN 0 AND cardinality(chain)", name="place"),
        CheckConstraint(
            "(state IN ('draft', 'withdrawn')) OR (submitted_at IS NOT NULL AND due_at IS NOT NULL)",
            name="submitted",
        ),
        CheckConstraint(
            "(kind = 'period') = (programme <> '') AND (kind = 'period') = (period <> '')", name="period"
        ),
        CheckConstraint(
            "treatment = 'price_reduction' OR kind NOT IN ('period', 'price_protection')", name="reduces"
        ),
        Index("ix_rebate_claim_number", "number"),
        Index("ix_rebate_claim_dealer_id_entered_at", "dealer_id", "entered_at", "id"),
        Index("ix_rebate_claim_entered_at", "entered_at", "id"),
        Index(
            "ix_rebate_claim_waiting",
            "due_at",
            postgresql_where="state IN ('submitted', 'in_approval')",
        ),
        Index(
            "uq_rebate_claim_period",
            "dealer_id",
            "programme",
            "period",
            unique=True,
            postgresql_where="kind = 'period' AND state NOT IN ('rejected', 'withdrawn')",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    kind: Mapped[str]
    treatment: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="draft")
    programme: Mapped[str] = mapped_column(server_default="")
    period: Mapped[str] = mapped_column(server_default="")
    activity: Mapped[str] = mapped_column(server_default="")
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    hospital: Mapped[str] = mapped_column(server_default="")
    tender_reference: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    asked: Mapped[Amount]
    calculated: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    allowed: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    approved: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    chain: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    place: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    round: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    written_by: Mapped[list[str]] = mapped_column(ARRAY(Text))
    entered_by_label: Mapped[str]
    entered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    submitted_by_label: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    remind_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(server_default="")
    paid_no: Mapped[str | None]
    paid_at: Mapped[datetime | None]


class RebateClaimStep(Base):
    """What was done to a claim, one after another. Never changed.

    in_name_of: who delegated it to whoever acted (`Actor.key`). approver: the step of the chain. calculated:
    as it was then.
    """

    __tablename__ = "rebate_claim_step"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "claim_id"], ["rebate_claim.dealer_id", "rebate_claim.id"]),
        one_of("act", StepAct),
        one_of("approver", Approver),
        CheckConstraint("in_name_of <> acted_by", name="in_name_of"),
        Index(
            "uq_rebate_claim_step_person",
            "dealer_id",
            "claim_id",
            "round",
            "acted_by",
            unique=True,
            postgresql_where="act = 'approved'",
        ),
        Index(
            "uq_rebate_claim_step_place",
            "dealer_id",
            "claim_id",
            "round",
            "place",
            unique=True,
            postgresql_where="act = 'approved'",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    claim_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    step_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    round: Mapped[int] = mapped_column(SmallInteger)
    place: Mapped[int] = mapped_column(SmallInteger)
    act: Mapped[str]
    approver: Mapped[str | None]
    acted_by: Mapped[str]
    acted_by_label: Mapped[str]
    in_name_of: Mapped[str | None]
    in_name_of_label: Mapped[str | None]
    amount: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    calculated: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    reason: Mapped[str] = mapped_column(server_default="")
    acted_at: Mapped[datetime]


class RebateClaimInvoice(Base):
    """An invoice of somebody else that the dealer paid. number: as it was written."""

    __tablename__ = "rebate_claim_invoice"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "claim_id"], ["rebate_claim.dealer_id", "rebate_claim.id"]),
        CheckConstraint("amount > 0", name="amount"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    claim_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    issuer: Mapped[str]
    number: Mapped[str]
    issued_on: Mapped[date]
    amount: Mapped[Amount]


class RebateClaimLine(Base):
    """Stock at a price cut."""

    __tablename__ = "rebate_claim_line"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "claim_id"], ["rebate_claim.dealer_id", "rebate_claim.id"]),
        CheckConstraint("quantity > 0 AND new_price >= 0 AND old_price > new_price", name="cut"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    claim_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    sku: Mapped[str]
    quantity: Mapped[int] = mapped_column(Integer)
    old_price: Mapped[UnitPrice]
    new_price: Mapped[UnitPrice]


class RebateClaimMark(Base):
    """Evidence that counts for a claim, the same nowhere twice: the hash of a file, or of an invoice's mark.

    holder_id: the dealer. Its name is not dealer_id because uniqueness goes across dealers here, on purpose.
    """

    __tablename__ = "rebate_claim_mark"
    __table_args__ = (Index("ix_rebate_claim_mark_claim", "claim"),)

    mark: Mapped[str] = mapped_column(primary_key=True)
    holder_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    claim: Mapped[str]


class RebateClaimChain(Base):
    """A step of the chain of a kind: needed for what is asked above an amount. revision: of the chain."""

    __tablename__ = "rebate_claim_chain"
    __table_args__ = (
        one_of("kind", ClaimKind),
        one_of("approver", Approver),
        CheckConstraint("above_amount >= 0 AND place > 0", name="above_amount"),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    above_amount: Mapped[Amount]
    approver: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer, server_default="1")


class ClaimChainChange(Base):
    """Other steps of a kind of claim, as somebody proposes them; they hold when another person agrees.

    revision: of the chain that was read. steps: above which amount who signs. proposed_by, decided_by:
    `Actor.key`.
    """

    __tablename__ = "claim_chain_change"
    __table_args__ = (
        one_of("kind", ClaimKind),
        one_of("state", ChangeState),
        CheckConstraint("decided_by <> proposed_by", name="other_person"),
        CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="decided",
        ),
        Index("uq_claim_chain_change_waiting", "kind", unique=True, postgresql_where="state = 'waiting'"),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer)
    steps: Mapped[list[list[str]]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default="waiting")
    reason: Mapped[str]
    proposed_by: Mapped[str]
    proposed_by_label: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(server_default="")


class ClaimDelegation(Base):
    """Somebody signs in another's name for some days. from_day, to_day: business days, inclusive."""

    __tablename__ = "claim_delegation"
    __table_args__ = (
        CheckConstraint("from_day <= to_day", name="days"),
        CheckConstraint("from_user_id <> to_user_id", name="other_person"),
        Index("ix_claim_delegation_to_user_id", "to_user_id", "to_day"),
        Index("ix_claim_delegation_from_user_id", "from_user_id", "to_day"),
    )

    id: Mapped[Key]
    from_user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    from_label: Mapped[str]
    to_user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    to_label: Mapped[str]
    from_day: Mapped[date]
    to_day: Mapped[date]
    reason: Mapped[str]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
