"""Promotions as documents, what is left of their budgets, and what each order got from them."""

from __future__ import annotations

from datetime import datetime
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
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, one_of
from portal.kernel.proposals import Proposal, proposal_checks
from portal.promotions.rules import Kind


class Promotion(Proposal, Base):
    """A promotion as headquarters writes it. Only published ones count, and a published one never changes.

    region_id: None for the whole country, else the area or province whose manager answers for it.
    valid_from is inclusive, valid_to exclusive; withdrawing sets `valid_to` to that moment.
    region_ids, tiers, dealer_ids: whom it is for; all three empty means everybody. A region holds what lies
    below it.
    product_ids, category_code: the goods it counts (neither: all); of a bundle, what one set is made of.
    """

    __tablename__ = "promotion"
    __table_args__ = (
        *proposal_checks(),
        one_of("kind", Kind),
        CheckConstraint("valid_from <= valid_to", name="dates"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
        CheckConstraint("product_ids = '{}' OR category_code IS NULL", name="goods"),
        CheckConstraint(
            "num_nonnulls(reward_percent, reward_amount, gift_product_id) = 1"
            " AND (kind = 'gift') = (gift_product_id IS NOT NULL)"
            " AND (gift_product_id IS NULL) = (gift_quantity IS NULL)",
            name="reward",
        ),
        CheckConstraint(
            "reward_percent > 0 AND reward_percent < 100 AND reward_amount > 0 AND gift_quantity > 0"
            " AND gift_for_each > 0 AND min_quantity > 0 AND min_amount > 0 AND period_amount > 0"
            " AND budget > 0 AND per_dealer_cap > 0 AND priority BETWEEN 1 AND 999",
            name="values",
        ),
        CheckConstraint("(kind = 'cumulative') = (period_amount IS NOT NULL)", name="period_amount"),
        Index(
            "ix_promotion_in_force",
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
    kind: Mapped[str]
    region_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    region_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    tiers: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    dealer_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    product_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    category_code: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    min_quantity: Mapped[int | None] = mapped_column(Integer)
    min_amount: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    period_amount: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    first_order: Mapped[bool] = mapped_column(server_default="false")
    reward_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    reward_amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    gift_product_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("product.id"))
    gift_quantity: Mapped[int | None] = mapped_column(Integer)
    gift_for_each: Mapped[int | None] = mapped_column(Integer)
    priority: Mapped[int] = mapped_column(SmallInteger)
    combinable: Mapped[bool]
    budget: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    per_dealer_cap: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    registration_required: Mapped[bool] = mapped_column(server_default="false")
    may_pass_floor: Mapped[bool] = mapped_column(server_default="false")


class PromotionLot(Base):
    """A lot of short-dated goods that a clearance is bound to.

    units: how many are offered at the price of the promotion; used: how many orders have taken. Locked with
    the budget.
    """

    __tablename__ = "promotion_lot"
    __table_args__ = (CheckConstraint("units >= 0 AND used >= 0 AND used <= units", name="used"),)

    promotion_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("promotion.id", ondelete="CASCADE"), primary_key=True
    )
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"), primary_key=True)
    product_id: Mapped[int]
    units: Mapped[int] = mapped_column(Integer)
    used: Mapped[int] = mapped_column(Integer, server_default="0")


class PromotionBudget(Base):
    """What all orders together have spent of a promotion that is limited: the one row they wait for.

    budget: None where only its lots are limited. A row of its own, since the promotion never changes.
    """

    __tablename__ = "promotion_budget"
    __table_args__ = (CheckConstraint("spent >= 0 AND (budget IS NULL OR spent <= budget)", name="spent"),)

    promotion_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("promotion.id"), primary_key=True)
    budget: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    spent: Mapped[Amount] = mapped_column(server_default="0")


class PromotionDealer(Base):
    """A dealer in a promotion: whether it takes part, what it has reached and what it has had of it.

    Guarded by the lock on the dealer's account.
    """

    __tablename__ = "promotion_dealer"
    __table_args__ = (
        CheckConstraint("spent >= 0 AND (cap IS NULL OR spent <= cap)", name="spent"),
        CheckConstraint("reached >= 0", name="reached"),
        Index("ix_promotion_dealer_promotion_id", "promotion_id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    promotion_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("promotion.id"), primary_key=True)
    cap: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    spent: Mapped[Amount] = mapped_column(server_default="0")
    reached: Mapped[Amount] = mapped_column(server_default="0")
    registered_at: Mapped[datetime | None]
    registered_by: Mapped[str | None]
    registered_by_label: Mapped[str | None]


class PromotionUse(Base):
    """What one line of an order got from a promotion, or counts in it.

    quantity: units of the line. amount: ¥ off, or the value of a gift at the dealer's own price. counted: ¥
    that count in a cumulative promotion. lot_units: units taken from the promotion's lots.
    cancelled: units that were cancelled since, counted from the back; what they had is given back.
    """

    __tablename__ = "promotion_use"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "order_id"], ["sales_order.dealer_id", "sales_order.id"]),
        CheckConstraint("amount >= 0 AND counted >= 0 AND lot_units >= 0", name="amounts"),
        CheckConstraint("cancelled BETWEEN 0 AND quantity", name="cancelled"),
        Index("ix_promotion_use_promotion_id", "promotion_id", "dealer_id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    promotion_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("promotion.id"), primary_key=True)
    at: Mapped[datetime]
    quantity: Mapped[int] = mapped_column(Integer)
    amount: Mapped[Amount]
    counted: Mapped[Amount] = mapped_column(server_default="0")
    lot_units: Mapped[int] = mapped_column(Integer, server_default="0")
    cancelled: Mapped[int] = mapped_column(Integer, server_default="0")
