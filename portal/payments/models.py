"""Payments by Stripe, what Stripe told of them, what was posted; receipts as they were printed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, one_of
from portal.payments.rules import DisputeState, EventState, PaymentState, PostingKind, Stage


class OnlinePayment(Base):
    """A payment that a dealer makes at Stripe, over `amount`; what it pays, who makes it, never change.

    number: ``OP…``, which Stripe gets as the key under which it makes the intent once. invoices: numbers that
    it pays first; empty for an amount on account. stage, told_at: as `rules.Known`. state: what it is shown
    as. asked_at: when Stripe was last asked for it. fee: what Stripe keeps; no debt of the dealer's.
    request_key: of the call or form that began it, so that it begins once.
    """

    __tablename__ = "online_payment"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        UniqueConstraint("dealer_id", "intent"),
        Index("ix_online_payment_intent", "intent", postgresql_where="intent IS NOT NULL"),
        UniqueConstraint("dealer_id", "begun_by", "request_key", name="uq_online_payment_request"),
        Index("ix_online_payment_number", "number"),
        Index("ix_online_payment_begun_at", "begun_at", "id"),
        Index("ix_online_payment_dealer_id_begun_at", "dealer_id", "begun_at", "id"),
        Index(
            "ix_online_payment_pending",
            "begun_at",
            "id",
            postgresql_where="stage IN ('starting', 'open', 'failed', 'processing')",
        ),
        one_of("stage", Stage),
        one_of("state", PaymentState),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("captured BETWEEN 0 AND amount AND refunded >= 0", name="captured"),
        CheckConstraint("(request_key IS NULL) = (request_fingerprint IS NULL)", name="request"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    amount: Mapped[Amount]
    currency: Mapped[str]
    invoices: Mapped[list[Any]]
    begun_by: Mapped[str]
    begun_by_label: Mapped[str]
    begun_at: Mapped[datetime]
    request_key: Mapped[str | None]
    request_fingerprint: Mapped[str | None]
    intent: Mapped[str | None]
    stage: Mapped[str] = mapped_column(server_default="starting")
    state: Mapped[str] = mapped_column(server_default="starting")
    told_at: Mapped[datetime | None]
    captured: Mapped[Amount] = mapped_column(server_default="0")
    refunded: Mapped[Amount] = mapped_column(server_default="0")
    fee: Mapped[Amount | None]
    failure: Mapped[str] = mapped_column(server_default="")
    asked_at: Mapped[datetime | None]


class OnlineDispute(Base):
    """What a bank disputes of a payment in its customer's name. id: Stripe's."""

    __tablename__ = "online_dispute"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "payment_id"], ["online_payment.dealer_id", "online_payment.id"]),
        Index("ix_online_dispute_payment", "dealer_id", "payment_id"),
        one_of("state", DisputeState),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    amount: Mapped[Amount]
    reason: Mapped[str] = mapped_column(server_default="")
    told_at: Mapped[datetime]


class OnlinePosting(Base):
    """What the books took of an online payment: once, by `ref`. payment_no: of the payment in the books."""

    __tablename__ = "online_posting"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "payment_id"], ["online_payment.dealer_id", "online_payment.id"]),
        ForeignKeyConstraint(["dealer_id", "payment_no"], ["payment.dealer_id", "payment.number"]),
        UniqueConstraint("dealer_id", "kind", "ref"),
        Index("ix_online_posting_payment", "dealer_id", "payment_id"),
        Index("ix_online_posting_payment_no", "dealer_id", "payment_no"),
        one_of("kind", PostingKind),
        CheckConstraint("amount > 0", name="amount"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[Key]
    payment_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    ref: Mapped[str]
    amount: Mapped[Amount]
    payment_no: Mapped[str]
    posted_at: Mapped[datetime]


class StripeEvent(Base):
    """What Stripe told: kept first, handled after. id: Stripe's, or made of an answer to our question.

    content: as `stripe_rules.kept` has it. trouble: why it could not be booked; note: why it was set aside.
    unbooked: what the books lack of it, beside other events of its intent; what went back is negative.
    close_reason: why that stays so, by another person than who set it aside.
    """

    __tablename__ = "stripe_event"
    __table_args__ = (
        UniqueConstraint("event"),
        Index("ix_stripe_event_state_told_at", "state", "told_at", "id"),
        Index("ix_stripe_event_told_at", "told_at", "id"),
        Index("ix_stripe_event_intent", "intent", postgresql_where="intent <> ''"),
        one_of("state", EventState),
        Index(
            "ix_stripe_event_unbooked",
            "told_at",
            "id",
            postgresql_where="state IN ('waiting', 'aside') AND unbooked <> 0",
        ),
        CheckConstraint("state <> 'waiting' OR trouble <> ''", name="trouble"),
        CheckConstraint("state NOT IN ('aside', 'closed') OR note <> ''", name="note"),
        CheckConstraint("(state = 'closed') = (closed_by <> '')", name="closed"),
        CheckConstraint("(state = 'closed') = (close_reason <> '')", name="close_reason"),
        CheckConstraint("closed_by = '' OR closed_by <> decided_by", name="other_person"),
    )

    id: Mapped[Key]
    event: Mapped[str]
    kind: Mapped[str]
    intent: Mapped[str] = mapped_column(server_default="")
    content: Mapped[dict[str, Any]]
    told_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    state: Mapped[str] = mapped_column(server_default="kept")
    trouble: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    payment: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[str] = mapped_column(server_default="")
    decided_by_label: Mapped[str] = mapped_column(server_default="")
    decided_at: Mapped[datetime | None]
    unbooked: Mapped[Amount] = mapped_column(server_default="0")
    closed_by: Mapped[str] = mapped_column(server_default="")
    closed_by_label: Mapped[str] = mapped_column(server_default="")
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str] = mapped_column(server_default="")


class ReceiptPdf(Base):
    """The receipt of a payment in a language, as it was printed when it was first asked for."""

    __tablename__ = "receipt_pdf"
    __table_args__ = (ForeignKeyConstraint(["dealer_id", "number"], ["payment.dealer_id", "payment.number"]),)

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    rendered_at: Mapped[datetime]
