"""Dealers with their accounts and what their rights rest on: addresses, licences, authorised regions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key


class Dealer(Base):
    """A distributor.

    `region_id` is its province, `tier` one of S A B C (S is best). search_key: what it is looked up by,
    folded.
    """

    __tablename__ = "dealer"
    __table_args__ = (
        Index("ix_dealer_region_id_id", "region_id", "id"),
        CheckConstraint("tier IN ('S', 'A', 'B', 'C')", name="tier"),
        CheckConstraint("state IN ('active', 'suspended', 'closed')", name="state"),
        CheckConstraint("payment_terms_days BETWEEN 0 AND 365", name="payment_terms_days"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    credit_code: Mapped[str] = mapped_column(unique=True)
    search_key: Mapped[str] = mapped_column(
        Computed(
            "search_fold(code || ' ' || name_zh || ' ' || name_en || ' ' || credit_code)", persisted=True
        )
    )
    region_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("region.id"))
    tier: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="active")
    city: Mapped[str]
    address: Mapped[str]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    payment_terms_days: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class DealerAccount(Base):
    """Running position of a dealer: exposure = balance (billed, unpaid) + open_orders (placed, unbilled)."""

    __tablename__ = "dealer_account"
    __table_args__ = (
        CheckConstraint("credit_limit >= 0", name="credit_limit"),
        CheckConstraint("open_orders >= 0", name="open_orders"),
        {"postgresql_with": {"fillfactor": 50}},
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    credit_limit: Mapped[Amount]
    balance: Mapped[Amount] = mapped_column(server_default="0")
    open_orders: Mapped[Amount] = mapped_column(server_default="0")


class DealerAddress(Base):
    """A place a dealer may be delivered to."""

    __tablename__ = "dealer_address"
    __table_args__ = (
        UniqueConstraint("dealer_id", "code"),
        Index("uq_dealer_address_default", "dealer_id", unique=True, postgresql_where="is_default"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    code: Mapped[str]
    region_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("region.id"))
    city: Mapped[str]
    line: Mapped[str]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    is_default: Mapped[bool] = mapped_column(Boolean, server_default="false")


class DealerLicence(Base):
    """Business licence (经营许可证, class III) or filing (备案, class II) with its dates.

    category_codes: prefixes of category codes it covers; empty means every category. valid_to: its last day;
    a filing may have none.
    latest: whether none of the dealer's licences of the class ends later; kept by a trigger.
    """

    __tablename__ = "dealer_licence"
    __table_args__ = (
        CheckConstraint("device_class IN (2, 3)", name="device_class"),
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="dates"),
        UniqueConstraint("dealer_id", "number"),
        Index("ix_dealer_licence_ending", "valid_to", "dealer_id", postgresql_where="latest"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    device_class: Mapped[int] = mapped_column(SmallInteger)
    category_codes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    latest: Mapped[bool] = mapped_column(server_default="true")


class DealerAuthorisation(Base):
    """A region a dealer may sell in; `region_id` is a sales area or a province."""

    __tablename__ = "dealer_authorisation"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="dates"),)

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    region_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("region.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
