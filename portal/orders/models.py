"""Carts and orders.

The rows written by every order carry no foreign key to rows that all dealers share (product, warehouse,
region): its check would lock the shared row for every order. Those rows are never deleted (see
docs/decisions/0004).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, Rate, UnitPrice, one_of
from portal.orders.lifecycle import Channel, Status
from portal.orders.severity_rules import Severity


class CartLine(Base):
    """What a person means to order. Prices are never kept here: they are asked each time."""

    __tablename__ = "cart_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    quantity: Mapped[int] = mapped_column(Integer)
    added_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SalesOrder(Base):
    """A dealer's order.

    `tier`, `region_id` and `names` (of dealer and warehouse) are frozen as they were when it was placed;
    amounts include VAT.

    purchase_order_key: the dealer's number without what is easily mistaken in a code, to look it up by. A
    column, because a policy lets no function into an index.

    made_in: the transaction that made the row, by the database's word; lines are taken in it and never later.

    status: see `portal.orders.lifecycle.Status` (diagram in docs/orders.md). backorder: the dealer waits for
    what is not in stock. replaces: number of the order that was cancelled to be ordered anew as this one.
    hospital: code of the hospital it is for, where the dealer said so. verdict: what held it or was warned of
    when it was last judged (`portal.orders.severity_rules.kept`).
    """

    __tablename__ = "sales_order"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        Index("ix_sales_order_number", "number"),
        Index("ix_sales_order_dealer_id_placed_at", "dealer_id", "placed_at", "id"),
        Index("ix_sales_order_status", "status", "placed_at", "id", postgresql_include=["dealer_id"]),
        Index("ix_sales_order_dealer_id_status", "dealer_id", "status", "placed_at", "id"),
        Index(
            "ix_sales_order_purchase_order_key",
            "purchase_order_key",
            postgresql_where="purchase_order_key <> ''",
        ),
        Index("ix_sales_order_replaces", "replaces", postgresql_where="replaces <> ''"),
        one_of("status", Status),
        CheckConstraint("(status = 'on_hold') = (cardinality(holds) > 0)", name="holds"),
        one_of("channel", Channel),
        CheckConstraint("total >= 0 AND tax >= 0 AND tax <= total", name="total"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    status: Mapped[str]
    holds: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    purchase_order_no: Mapped[str] = mapped_column(server_default="")
    purchase_order_key: Mapped[str] = mapped_column(Computed("code_key(purchase_order_no)", persisted=True))
    channel: Mapped[str]
    tier: Mapped[str]
    region_id: Mapped[int]
    warehouse_id: Mapped[int]
    replaces: Mapped[str] = mapped_column(server_default="")
    backorder: Mapped[bool] = mapped_column(Boolean, server_default="false")
    ship_to: Mapped[dict[str, Any]]
    names: Mapped[dict[str, Any]]
    requested_date: Mapped[date | None]
    currency: Mapped[str]
    total: Mapped[Amount]
    tax: Mapped[Amount]
    placed_at: Mapped[datetime]
    placed_by: Mapped[str]
    placed_by_label: Mapped[str]
    released_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    received_at: Mapped[datetime | None]
    hospital: Mapped[str] = mapped_column(server_default="")
    verdict: Mapped[list[Any]] = mapped_column(server_default="[]")
    made_in: Mapped[int] = mapped_column(BigInteger, server_default=func.txid_current())


class OrderLine(Base):
    """A line with the product as it was called and the price that was in force.

    receipt: the rules applied, in order.

    amount: what its bands of price cost together, less `discount`; `unit_price` is their average, rounded, so
    it may miss by half a fen a unit. Some of its units cost a share (`portal.kernel.money.share`). A gift has
    the product's list price and costs nothing.

    Every ordered unit is reserved, shipped, cancelled, or misses stock: then it waits for goods, if the order
    is a `backorder`, until `promised_on`; else the order is held. Reserved are they in the order's warehouse,
    but for those that `OrderLineSource` names.

    proof: what entitled the dealer to it on the day of the order (`portal.orders.compliance_rules.Proof`).
    """

    __tablename__ = "order_line"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "order_id"], ["sales_order.dealer_id", "sales_order.id"]),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "reserved >= 0 AND shipped >= 0 AND cancelled >= 0 AND returned >= 0", name="counters"
        ),
        CheckConstraint("reserved + shipped + cancelled <= quantity", name="within_quantity"),
        CheckConstraint("returned <= shipped", name="returned"),
        CheckConstraint(
            "amount >= 0 AND abs(amount + discount - unit_price * quantity) <= 0.005 * quantity",
            name="amount",
        ),
        CheckConstraint("discount >= 0", name="discount"),
        CheckConstraint("NOT gift OR (unit_price = 0 AND discount = 0 AND amount = 0)", name="gift"),
        CheckConstraint("tax >= 0 AND tax <= amount", name="tax"),
        Index("ix_order_line_product_id", "product_id"),
        Index(
            "ix_order_line_missing",
            "product_id",
            postgresql_where="reserved + shipped + cancelled < quantity",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    product_id: Mapped[int]
    sku: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    specification: Mapped[str]
    unit: Mapped[str]
    quantity: Mapped[int] = mapped_column(Integer)
    reserved: Mapped[int] = mapped_column(Integer)
    shipped: Mapped[int] = mapped_column(Integer, server_default="0")
    cancelled: Mapped[int] = mapped_column(Integer, server_default="0")
    returned: Mapped[int] = mapped_column(Integer, server_default="0")
    promised_on: Mapped[date | None]
    list_price: Mapped[UnitPrice]
    unit_price: Mapped[UnitPrice]
    tax_rate: Mapped[Rate]
    discount: Mapped[Amount] = mapped_column(server_default="0")
    gift: Mapped[bool] = mapped_column(Boolean, server_default="false")
    amount: Mapped[Amount]
    tax: Mapped[Amount]
    receipt: Mapped[list[Any]]
    proof: Mapped[dict[str, Any] | None]


class OrderLineSource(Base):
    """Units of a line that are reserved in another warehouse than the order's: few lines have any.

    They count in the line's `reserved` too.
    """

    __tablename__ = "order_line_source"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "order_id", "line_no"],
            ["order_line.dealer_id", "order_line.order_id", "order_line.line_no"],
        ),
        ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"]),
        CheckConstraint("reserved >= 0", name="reserved"),
        Index("ix_order_line_source_warehouse_id", "warehouse_id", postgresql_where="reserved > 0"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    warehouse_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    reserved: Mapped[int] = mapped_column(Integer)


class _Setting:
    """A version of a setting; the latest whose moment has come is in force."""

    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    valid_from: Mapped[datetime]
    reason: Mapped[str]
    set_by: Mapped[str]
    set_by_label: Mapped[str]
    set_at: Mapped[datetime]


class FaultSeverity(_Setting, Base):
    """How grave a fault of an order is, where headquarters decided it."""

    __tablename__ = "fault_severity"
    __table_args__ = (
        one_of("severity", Severity),
        CheckConstraint("version > 0", name="version"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    severity: Mapped[str]


class ReleaseLimit(_Setting, Base):
    """Up to which amount one person with a role releases orders from a hold; `up_to` None: any amount."""

    __tablename__ = "release_limit"
    __table_args__ = (
        CheckConstraint("up_to >= 0", name="up_to"),
        CheckConstraint("version > 0", name="version"),
    )

    role: Mapped[str] = mapped_column(primary_key=True)
    hold: Mapped[str] = mapped_column(primary_key=True)
    up_to: Mapped[Amount | None]


class OrderTerm(Base):
    """What a dealer's orders keep to, in all or of one product: amounts, quantities, quota, shelf life.

    quota: units within the last `quota_days` days. shelf_life_days: what its goods have left at the least.
    """

    __tablename__ = "order_term"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="dates"),
        CheckConstraint("min_amount > 0", name="min_amount"),
        CheckConstraint(
            "min_quantity > 0 AND max_quantity > 0 AND quota > 0 AND shelf_life_days > 0", name="quantities"
        ),
        CheckConstraint("min_quantity <= max_quantity", name="range"),
        CheckConstraint("(quota IS NULL) = (quota_days IS NULL) AND quota_days > 0", name="quota"),
        CheckConstraint(
            "CASE WHEN product_id IS NULL THEN num_nulls(min_quantity, max_quantity, quota) = 3"
            " ELSE min_amount IS NULL END",
            name="product",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    product_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("product.id"))
    min_amount: Mapped[Amount | None]
    min_quantity: Mapped[int | None] = mapped_column(Integer)
    max_quantity: Mapped[int | None] = mapped_column(Integer)
    quota: Mapped[int | None] = mapped_column(Integer)
    quota_days: Mapped[int | None] = mapped_column(SmallInteger)
    shelf_life_days: Mapped[int | None] = mapped_column(SmallInteger)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class ReleaseProposal(Base):
    """One person's word that a held order may go, where a second one has to agree.

    It counts for these holds and this amount only.
    """

    __tablename__ = "release_proposal"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "order_id"], ["sales_order.dealer_id", "sales_order.id"]),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    holds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    amount: Mapped[Amount]
    reason: Mapped[str]
    proposed_by: Mapped[str]
    proposed_by_label: Mapped[str]
    proposed_at: Mapped[datetime]
