"""Regions of headquarters' people with dates, and who may act in whose name."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key


class StaffRegion(Base):
    """A region that somebody of headquarters answers for on some days, beside those without dates of the
    account. valid_to: the day from which not any more. assigned_by: `Actor.key`.
    """

    __tablename__ = "staff_region"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="dates"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), primary_key=True)
    region_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("region_node.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    assigned_by: Mapped[str]
    assigned_by_label: Mapped[str]
    assigned_at: Mapped[datetime]
    reason: Mapped[str]


class Delegation(Base):
    """Somebody who is away lets another of the same side act in their name, by some of their roles.

    first_day, last_day: business days, both inclusive. used_at: when that was last done. dealer_id: of both,
    None for headquarters.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="dates"),
        CheckConstraint("giver_id <> taker_id", name="another"),
        CheckConstraint("roles <> '{}'", name="roles"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_label IS NULL)", name="revoked"),
        Index("ix_delegation_giver_id", "giver_id", "last_day"),
        Index("ix_delegation_taker_id", "taker_id", "last_day"),
        Index("ix_delegation_dealer_id", "dealer_id"),
    )

    id: Mapped[Key]
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    giver_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    giver_label: Mapped[str]
    taker_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    taker_label: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_label: Mapped[str | None]


class ActingConsent(Base):
    """A dealer's owner lets somebody of headquarters act as one of the dealer's people.

    staff_mail, staff_role: whom; one of them. roles: as what. valid_from (inclusive) and valid_to
    (exclusive): moments.
    """

    __tablename__ = "acting_consent"
    __table_args__ = (
        CheckConstraint("valid_from < valid_to", name="dates"),
        CheckConstraint("num_nonnulls(staff_mail, staff_role) = 1", name="whom"),
        CheckConstraint("staff_mail = lower(staff_mail)", name="mail_lower"),
        CheckConstraint("roles <> '{}'", name="roles"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_label IS NULL)", name="revoked"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    staff_mail: Mapped[str | None]
    staff_role: Mapped[str | None]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    reason: Mapped[str]
    given_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    given_by_label: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by_label: Mapped[str | None]
