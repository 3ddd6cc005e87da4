"""Webhooks: who is told of what, what is to be sent, and each attempt at it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.webhooks.rules import DeliveryState, StopReason, SubscriptionState


class WebhookSubscription(Base):
    """A receiver and the events it is told of. dealer_id: whose, None for headquarters; then region_ids are
    the regions whose dealers it is told of, None for all.

    secret, former_secret: sealed; the former one signs too until `former_until`. failures: attempts that
    failed one after the other, since `failing_since`. rests_until: nothing is sent before.
    """

    __tablename__ = "webhook_subscription"
    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_webhook_subscription_dealer_id", "dealer_id", "id"),
        one_of("state", SubscriptionState),
        one_of("stop_reason", StopReason),
        CheckConstraint("(state = 'stopped') = (stop_reason IS NOT NULL)", name="stopped"),
        CheckConstraint("dealer_id IS NULL OR region_ids IS NULL", name="dealer_has_no_regions"),
        CheckConstraint("(former_secret IS NULL) = (former_until IS NULL)", name="former_secret"),
        CheckConstraint("cardinality(events) > 0", name="events"),
        CheckConstraint("(failures > 0) = (failing_since IS NOT NULL)", name="failing"),
    )

    id: Mapped[Key]
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    number: Mapped[str]
    region_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    name: Mapped[str]
    url: Mapped[str]
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    ordered: Mapped[bool] = mapped_column(Boolean, server_default="false")
    secret: Mapped[str]
    former_secret: Mapped[str | None]
    former_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(server_default="active")
    stop_reason: Mapped[str | None]
    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    failing_since: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    created_by: Mapped[str]
    created_by_label: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class WebhookDelivery(Base):
    """One event for one subscription. message_id: the same at every attempt. outbox_id: the effect it tells
    of, None for a test. subject: of which document; those of one document are sent in their order where the
    subscription asks for it. leased_until: a worker is sending it.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("message_id"),
        UniqueConstraint("subscription_id", "outbox_id"),
        Index("ix_webhook_delivery_listed", "subscription_id", "happened_at", "id"),
        Index(
            "ix_webhook_delivery_due",
            "subscription_id",
            "next_at",
            "id",
            postgresql_where="state = 'waiting'",
        ),
        Index(
            "ix_webhook_delivery_subject",
            "subscription_id",
            "subject",
            "id",
            postgresql_where="state = 'waiting'",
        ),
        Index(
            "ix_webhook_delivery_test",
            "next_at",
            postgresql_where="state = 'waiting' AND outbox_id IS NULL",
        ),
        Index(
            "ix_webhook_delivery_leased",
            "subscription_id",
            "leased_until",
            postgresql_where="leased_until IS NOT NULL",
        ),
        Index("ix_webhook_delivery_happened_at", "happened_at"),
        Index("ix_webhook_delivery_dead", "id", postgresql_where="state = 'dead'"),
        one_of("state", DeliveryState),
        CheckConstraint("(state = 'waiting') = (next_at IS NOT NULL)", name="waiting"),
    )

    id: Mapped[Key]
    subscription_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("webhook_subscription.id", ondelete="CASCADE")
    )
    message_id: Mapped[str]
    outbox_id: Mapped[int | None] = mapped_column(BigInteger)
    event: Mapped[str]
    subject: Mapped[str]
    data: Mapped[dict[str, Any]]
    happened_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="waiting")
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    next_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    leased_until: Mapped[datetime | None]
    last_status: Mapped[int | None] = mapped_column(SmallInteger)
    last_error: Mapped[str | None]
    last_at: Mapped[datetime | None]


class WebhookAttempt(Base):
    """An attempt at a delivery. status: None where no answer came; then error says why. Never changed."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (CheckConstraint("(status IS NULL) = (error IS NOT NULL)", name="answered"),)

    delivery_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("webhook_delivery.id", ondelete="CASCADE"), primary_key=True
    )
    attempt_no: Mapped[int] = mapped_column(Integer, primary_key=True)
    sent_at: Mapped[datetime]
    milliseconds: Mapped[int] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    error: Mapped[str | None]
    answer: Mapped[str] = mapped_column(server_default="")
