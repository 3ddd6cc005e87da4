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
    made_in: Mapped[int] = mapped_column(BigInteger, server_default=func.txid_current())


class OrderLine(Base):
    """A line with the product as it was called and the price that was in force.

    receipt: the rules applied, in order.

    amount: what its bands of price cost together, less `discount`; `unit_price` is their average, rounded, so
    it may miss by half a fen a unit. Some of its units cost a share (`portal.kernel.money.share`). A gift has
    the product's list price and costs nothing.

    Every ordered unit is reserved, shipped, cancelled, or misses stock: then it waits for goods, if the order
    is a `backorder`, until `promised_on`; else the order is held.
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
