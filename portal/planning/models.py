"""What a warehouse is advised to have, and the terms that headquarters sets for it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.planning.advice_rules import COVERED_LONGEST
from portal.planning.forecast_rules import Method


class ReplenishmentTerms(Base):
    """What headquarters set for a warehouse, or for one product in it; what is None counts as elsewhere."""

    __tablename__ = "replenishment_terms"
    __table_args__ = (
        UniqueConstraint("warehouse_id", "product_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("lead_days BETWEEN 1 AND 365", name="lead_days"),
        CheckConstraint("review_days BETWEEN 1 AND 90", name="review_days"),
        CheckConstraint("service_level BETWEEN 0.5 AND 0.999", name="service_level"),
    )

    id: Mapped[Key]
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    product_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("product.id"))
    lead_days: Mapped[int | None] = mapped_column(SmallInteger)
    review_days: Mapped[int | None] = mapped_column(SmallInteger)
    service_level: Mapped[Decimal | None] = mapped_column(Numeric(4, 3))
    set_by: Mapped[str]
    set_by_label: Mapped[str]
    set_at: Mapped[datetime]


class ReplenishmentAdvice(Base):
    """What a warehouse was last advised to have of a product, and why: written anew by every night's job.

    advised_on: business day it counts for. weeks: units asked for in the latest whole weeks, the oldest
    first. weekly: mean that is expected of a week, `trend` in it; `spread` around it. coming: on the way,
    ordered or in inspection. cover_days: how long what is free lasts, none where nothing is asked for.
    """

    __tablename__ = "replenishment_advice"
    __table_args__ = (
        UniqueConstraint("warehouse_id", "product_id"),
        one_of("method", Method),
        CheckConstraint(
            "safety_stock >= 0 AND reorder_point >= safety_stock AND order_up_to >= reorder_point",
            name="levels",
        ),
        CheckConstraint("quantity >= 0 AND surplus >= 0", name="quantity"),
        CheckConstraint("quantity = 0 OR surplus = 0", name="one_way"),
        # The job writes every row each night: room on the page keeps those that did not move off the indexes.
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: Mapped[Key]
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    advised_on: Mapped[date]
    advised_at: Mapped[datetime]
    method: Mapped[str]
    weeks: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    weekly: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    spread: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    trend: Mapped[Decimal] = mapped_column(Numeric(5, 3))
    lead_days: Mapped[int] = mapped_column(SmallInteger)
    review_days: Mapped[int] = mapped_column(SmallInteger)
    service_level: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    on_hand: Mapped[int] = mapped_column(Integer)
    reserved: Mapped[int] = mapped_column(Integer)
    free: Mapped[int] = mapped_column(Integer)
    coming: Mapped[int] = mapped_column(Integer)
    waiting: Mapped[int] = mapped_column(Integer)
    safety_stock: Mapped[int] = mapped_column(Integer)
    reorder_point: Mapped[int] = mapped_column(Integer)
    order_up_to: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(Integer)
    surplus: Mapped[int] = mapped_column(Integer)
    cover_days: Mapped[int | None] = mapped_column(Integer)


# What the advice is listed by; what nobody asks for lasts longest.
Index("ix_replenishment_advice_quantity", ReplenishmentAdvice.quantity, ReplenishmentAdvice.id)
Index(
    "ix_replenishment_advice_cover",
    func.coalesce(ReplenishmentAdvice.cover_days, COVERED_LONGEST),
    ReplenishmentAdvice.id,
)
