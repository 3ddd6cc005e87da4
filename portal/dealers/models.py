"""Dealers with their accounts and what their rights rest on: addresses, licences, authorised regions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    Constraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.dealers.rules import DealerState, TierChangeState
from portal.kernel.db import Amount, Base, Key, one_of


class Dealer(Base):
    """A distributor. Its tier and its region are dated: `DealerTier`, `DealerRegion`.

    search_key: what it is looked up by, folded.
    """

    __tablename__ = "dealer"
    __table_args__ = (
        one_of("state", DealerState),
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
    state: Mapped[str] = mapped_column(server_default="active")
    city: Mapped[str]
    address: Mapped[str]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    payment_terms_days: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Tier(Base):
    """A grade of dealers, which prices and terms may depend on. rank: 1 is the best."""

    __tablename__ = "tier"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    rank: Mapped[int] = mapped_column(SmallInteger, unique=True)


def _dated(table: str) -> tuple[Constraint, ...]:
    """Constraints of what a dealer has from a day on: exactly one row on every day since the first.

    Each row ends on the day another begins, no two end on one day, and one is open: so they form one chain.
    """
    return (
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="dates"),
        UniqueConstraint("dealer_id", "valid_to", postgresql_nulls_not_distinct=True),
        ForeignKeyConstraint(
            ["dealer_id", "valid_to"],
            [f"{table}.dealer_id", f"{table}.valid_from"],
            deferrable=True,
            initially="DEFERRED",
        ),
    )


class DealerTier(Base):
    """The tier of a dealer from a day on. valid_to: the day from which another counts; None for the last.

    assigned_by: key of an actor, such as ``user:12``.
    """

    __tablename__ = "dealer_tier"
    __table_args__ = _dated("dealer_tier")

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    tier: Mapped[str] = mapped_column(ForeignKey("tier.code"))
    assigned_by: Mapped[str]
    assigned_at: Mapped[datetime] = mapped_column(server_default=func.now())
    reason: Mapped[str] = mapped_column(server_default="")


class DealerTierChange(Base):
    """Another tier of a dealer from a day on, as one person asks and another agrees; then it is a
    `DealerTier`. number: ``TJ…``. proposed_by, decided_by: `Actor.key`.
    """

    __tablename__ = "dealer_tier_change"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        one_of("state", TierChangeState),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(
            """CASE WHEN state = 'waiting' THEN num_nulls(decided_by, decided_by_label, decided_at) = 3
            ELSE num_nulls(decided_by, decided_by_label, decided_at) = 0 END""",
            name="decided",
        ),
        CheckConstraint(
            "CASE WHEN state = 'withdrawn' THEN decided_by = proposed_by ELSE decided_by <> proposed_by END",
            name="other_person",
        ),
        Index("ix_dealer_tier_change_number", "number"),
        Index(
            "uq_dealer_tier_change_waiting", "dealer_id", unique=True, postgresql_where="state = 'waiting'"
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    tier: Mapped[str] = mapped_column(ForeignKey("tier.code"))
    valid_from: Mapped[date]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=TierChangeState.WAITING)
    proposed_by: Mapped[str]
    proposed_by_label: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(server_default="")


class DealerRegion(Base):
    """The province a dealer belongs to from a day on, dated as its tier is.

    Who may see the dealer follows the row of today, what an order keeps the row of its day. Employees with
    regions see no more of it than the row of today.
    """

    __tablename__ = "dealer_region"
    __table_args__ = (
        *_dated("dealer_region"),
        Index("ix_dealer_region_region_id_dealer_id", "region_id", "dealer_id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    region_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    assigned_by: Mapped[str]
    assigned_at: Mapped[datetime] = mapped_column(server_default=func.now())
    reason: Mapped[str] = mapped_column(server_default="")


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


class DealerStop(Base):
    """A dealer's new orders are held, until somebody ends it or through the day `until`.

    number: ``XS…``. letter_no: of the dunning letter that put it, empty where a person did. put_by, ended_by:
    `Actor.key`.
    """

    __tablename__ = "dealer_stop"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index("uq_dealer_stop_standing", "dealer_id", unique=True, postgresql_where="ended_at IS NULL"),
        Index("ix_dealer_stop_number", "number"),
        Index("ix_dealer_stop_put_at", "put_at", "id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    letter_no: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str]
    until: Mapped[date | None]
    put_by: Mapped[str]
    put_by_label: Mapped[str]
    put_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    ended_by_label: Mapped[str | None]
    end_reason: Mapped[str] = mapped_column(server_default="")


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
    region_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    city: Mapped[str]
    line: Mapped[str]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    is_default: Mapped[bool] = mapped_column(Boolean, server_default="false")


class DealerLicence(Base):
    """Business licence (经营许可证, class III) or filing (备案, class II) with its dates, as orders ask it.

    Written by a trigger from the paper that quality accepted, `paper_id` of `portal.papers`.

    category_codes: prefixes of category codes it covers; empty means every category. valid_to: its last day;
    a filing may have none. renewal_asked_on: the day its renewal was asked for, on which nobody has decided
    yet; until then it counts as renewed.
    latest: whether none of the dealer's licences of the class ends later; kept by a trigger.
    """

    __tablename__ = "dealer_licence"
    __table_args__ = (
        CheckConstraint("device_class IN (2, 3)", name="device_class"),
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="dates"),
        CheckConstraint("renewal_asked_on <= valid_to", name="renewal"),
        UniqueConstraint("dealer_id", "paper_id"),
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
    renewal_asked_on: Mapped[date | None]
    paper_id: Mapped[int | None] = mapped_column(BigInteger)


class DealerAuthorisation(Base):
    """A region a dealer may sell in, as an order asks it; `region_id` is a sales area or a province.

    Written by a trigger from what another person approved, `authorisation_id` of `portal.papers`.

    category_codes: prefixes of the product lines it is for, none for all. hospitals: codes of the only
    hospitals it is for, none for all.
    """

    __tablename__ = "dealer_authorisation"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="dates"),
        UniqueConstraint("dealer_id", "authorisation_id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    region_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    category_codes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    hospitals: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    authorisation_id: Mapped[int | None] = mapped_column(BigInteger)
