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
    LargeBinary,
    Numeric,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, Rate, UnitPrice, one_of
from portal.kernel.proposals import Drafted
from portal.pricing.life import BelowFloor, PolicyKind, PolicyState
from portal.pricing.rules import BreaksAre, RuleKind


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


class FloorPrice(Base):
    """The price a product is not sold below, from a moment on, VAT included; 0 means none any more.

    The latest row not after the moment counts. Headquarters only: a dealer reads no row.
    """

    __tablename__ = "floor_price"
    __table_args__ = (CheckConstraint("unit_price >= 0", name="unit_price"),)

    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    unit_price: Mapped[UnitPrice]
    set_by: Mapped[str]
    set_by_label: Mapped[str]


class PricePolicy(Drafted, Base):
    """A version of a price policy or contract. Only published ones count; what was published never changes.

    kind: ``policy``, or ``contract`` with one dealer, whose every rule is this dealer's net price.
    region_id: None for the whole country, else the area or province whose manager answers for it; every rule
    stays within. below_floor: what becomes of a price below the floor: ``refuse`` it, or ``clamp``, lift it.
    valid_from is inclusive, valid_to exclusive: when it ends in effect, by a successor's beginning, by its
    withdrawal, or at `planned_to`, as the document itself says.
    returned_reason: why
    it came back to its authors. review_basis: what the review at submission depended on, if it found nothing
    risky (`portal.pricing.review_basis`). restores_id: the version that this one puts in force again,
    unchanged, after the withdrawal of another. Of two equally strong rules the later published counts; what
    is restored keeps its old place there, `ranked_at`.
    """

    __tablename__ = "price_policy"
    __table_args__ = (
        UniqueConstraint("number", "version"),
        one_of("kind", PolicyKind),
        CheckConstraint("(kind = 'contract') = (dealer_id IS NOT NULL)", name="contract"),
        one_of("state", PolicyState),
        CheckConstraint(
            "valid_to IS NULL OR valid_from < valid_to OR (state = 'withdrawn' AND valid_from = valid_to)",
            name="dates",
        ),
        CheckConstraint(
            "planned_to IS NULL OR (valid_to IS NOT NULL AND valid_to <= planned_to)", name="planned_to"
        ),
        CheckConstraint(
            "(state IN ('draft', 'submitted', 'approved')) = (published_at IS NULL)", name="published_at"
        ),
        CheckConstraint(
            "(ranked_at IS NULL) = (restores_id IS NULL OR published_at IS NULL)", name="ranked_at"
        ),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
        CheckConstraint(
            "CASE state WHEN 'draft' THEN submitted_at IS NULL AND approved_at IS NULL"
            " WHEN 'submitted' THEN submitted_at IS NOT NULL AND approved_at IS NULL"
            " WHEN 'approved' THEN submitted_at IS NOT NULL AND approved_at IS NOT NULL ELSE true END",
            name="progress",
        ),
        CheckConstraint("approved_by <> ALL (written_by)", name="other_person"),
        one_of("below_floor", BelowFloor),
        Index("ix_price_policy_in_force", "published_at", postgresql_where="published_at IS NOT NULL"),
        Index("ix_price_policy_dealer_id", "dealer_id", postgresql_where="dealer_id IS NOT NULL"),
    )

    id: Mapped[Key]
    number: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(server_default="policy")
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    title_zh: Mapped[str]
    title_en: Mapped[str]
    text: Mapped[str] = mapped_column(server_default="")
    region_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    planned_to: Mapped[datetime | None]
    below_floor: Mapped[str] = mapped_column(server_default="refuse")
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    created_by_label: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    submitted_by: Mapped[str | None]
    submitted_by_label: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    approved_by_label: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    returned_reason: Mapped[str] = mapped_column(server_default="")
    review_basis: Mapped[str | None]
    published_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    published_by_label: Mapped[str | None]
    published_at: Mapped[datetime | None]
    ranked_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_by_label: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(server_default="")
    supersedes_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("price_policy.id"))
    restores_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("price_policy.id"))


class PolicyAttachment(Base):
    """A file of a policy, checked like those of the feed, which hands it to the dealers it is for.

    media_type: found in its bytes. What is submitted keeps its files.
    """

    __tablename__ = "policy_attachment"
    __table_args__ = (
        CheckConstraint("size BETWEEN 1 AND 10485760 AND size = octet_length(content)", name="size"),
        CheckConstraint("place BETWEEN 1 AND 10", name="place"),
    )

    policy_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("price_policy.id"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class PriceRule(Base):
    """One rule of a policy.

    For whom (dealer, or region and tier), for what (product, category or all), and the price by quantity.

    kind: ``net`` (unit price), ``percent_off`` or ``amount_off`` the list price. min_quantities and values
    run in parallel, ascending; below the first minimum the rule does not take part.
    breaks_are: ``all_units``, the break that is reached prices all of them, or ``incremental``, each unit has
    the price of its own band. max_quantity: how many units of a line it prices at most; the rest is priced
    without it. tax_included: False for a net price to which VAT is added, unit by unit.
    A draft may have two rules for the same thing, nothing that is submitted has.
    """

    __tablename__ = "price_rule"
    __table_args__ = (
        one_of("kind", RuleKind),
        CheckConstraint("dealer_id IS NULL OR (tier IS NULL AND region_id IS NULL)", name="party"),
        CheckConstraint("product_id IS NULL OR category_code IS NULL", name="subject"),
        CheckConstraint(
            'cardinality(min_quantities) = cardinality("values")'
            " AND cardinality(min_quantities) BETWEEN 1 AND 20"
            " AND min_quantities[1] >= 1",
            name="breaks",
        ),
        one_of("breaks_are", BreaksAre),
        CheckConstraint("max_quantity >= min_quantities[1]", name="max_quantity"),
        CheckConstraint("tax_included OR kind = 'net'", name="tax_included"),
        CheckConstraint(
            '0 <= ALL ("values") AND (kind <> \'net\' OR 0 < ALL ("values"))'
            " AND (kind <> 'percent_off' OR 100 > ALL (\"values\"))",
            name="values",
        ),
        Index(
            "ix_price_rule_scope",
            "policy_id",
            "product_id",
            "dealer_id",
            "tier",
            "region_id",
            "category_code",
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
    region_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    tier: Mapped[str | None] = mapped_column(ForeignKey("tier.code"))
    product_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("product.id"))
    category_code: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    kind: Mapped[str]
    min_quantities: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    values: Mapped[list[Decimal]] = mapped_column(ARRAY(Numeric(14, 2)))
    breaks_are: Mapped[str] = mapped_column(server_default="all_units")
    max_quantity: Mapped[int | None] = mapped_column(Integer)
    tax_included: Mapped[bool] = mapped_column(server_default="true")
