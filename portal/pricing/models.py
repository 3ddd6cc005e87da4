"""List prices, tax rates and price policies with their rules."""

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
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, Rate, UnitPrice, one_of
from portal.pricing.rules import PolicyState, RuleKind


class ListPrice(Base):
    """List price of a product from a moment on, VAT included. The latest row not after the moment counts."""

    __tablename__ = "list_price"
    __table_args__ = (CheckConstraint("unit_price > 0", name="unit_price"),)

    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    unit_price: Mapped[UnitPrice]


class TaxRate(Base):
    """VAT rate of a tax category from a day on; a fraction (0.13)."""

    __tablename__ = "tax_rate"
    __table_args__ = (CheckConstraint("rate >= 0 AND rate < 1", name="rate"),)

    category: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[Rate]


class PricePolicy(Base):
    """A price policy as a document. Only published versions count, and a published version never changes.

    region_id: None for the whole country, else the area or province whose manager answers for it; every rule
    stays within. valid_from is inclusive, valid_to exclusive; a successor sets the predecessor's `valid_to`
    in the commit that publishes it.
    """

    __tablename__ = "price_policy"
    __table_args__ = (
        UniqueConstraint("number", "version"),
        one_of("state", PolicyState),
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="dates"),
        CheckConstraint("(state = 'draft') = (published_at IS NULL)", name="published_at"),
        Index("ix_price_policy_in_force", "published_at", postgresql_where="published_at IS NOT NULL"),
    )

    id: Mapped[Key]
    number: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    title_zh: Mapped[str]
    title_en: Mapped[str]
    text: Mapped[str] = mapped_column(server_default="")
    region_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("region.id"))
    state: Mapped[str] = mapped_column(server_default="draft")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    published_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    published_at: Mapped[datetime | None]
    supersedes_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("price_policy.id"))
    revision: Mapped[int] = mapped_column(Integer, server_default="1")


class PriceRule(Base):
    """One rule of a policy.

    For whom (dealer, or region and tier), for what (product, category or all), and the price by quantity.

    kind: ``net`` (unit price), ``percent_off`` or ``amount_off`` the list price. min_quantities and values
    run in parallel; the first minimum is 1, ascending; a break prices all units of the line.
    """

    __tablename__ = "price_rule"
    __table_args__ = (
        UniqueConstraint(
            "policy_id",
            "dealer_id",
            "region_id",
            "tier",
            "product_id",
            "category_code",
            name="uq_price_rule_scope",
            postgresql_nulls_not_distinct=True,
        ),
        one_of("kind", RuleKind),
        CheckConstraint("dealer_id IS NULL OR (tier IS NULL AND region_id IS NULL)", name="party"),
        CheckConstraint("product_id IS NULL OR category_code IS NULL", name="subject"),
        CheckConstraint(
            'cardinality(min_quantities) = cardinality("values")'
            " AND cardinality(min_quantities) BETWEEN 1 AND 20"
            " AND min_quantities[1] = 1",
            name="breaks",
        ),
        CheckConstraint(
            '0 <= ALL ("values") AND (kind <> \'net\' OR 0 < ALL ("values"))'
            " AND (kind <> 'percent_off' OR 100 > ALL (\"values\"))",
            name="values",
        ),
        Index(
            "ix_price_rule_product",
            "product_id",
            "tier",
            postgresql_where="product_id IS NOT NULL AND dealer_id IS NULL",
        ),
        Index("ix_price_rule_contract", "dealer_id", "product_id", postgresql_where="dealer_id IS NOT NULL"),
        Index(
            "ix_price_rule_broad",
            "category_code",
            "tier",
            postgresql_where="product_id IS NULL AND dealer_id IS NULL",
        ),
    )

    id: Mapped[Key]
    policy_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("price_policy.id", ondelete="CASCADE"))
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    region_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("region.id"))
    tier: Mapped[str | None] = mapped_column(ForeignKey("tier.code"))
    product_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("product.id"))
    category_code: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    kind: Mapped[str]
    min_quantities: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    values: Mapped[list[Decimal]] = mapped_column(ARRAY(Numeric(14, 2)))
