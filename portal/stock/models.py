"""Warehouses, levels, lots and the movements that explain them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.stock.rules import NEVER, LotState, MovementKind
from portal.stock.serial_rules import SerialState


class Warehouse(Base):
    """A regional warehouse."""

    __tablename__ = "warehouse"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    region_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    city: Mapped[str]
    address: Mapped[str]


class WarehouseService(Base):
    """Which warehouses may serve a province, in which order (rank 1 first)."""

    __tablename__ = "warehouse_service"
    __table_args__ = (UniqueConstraint("region_id", "rank"),)

    region_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("region_node.id"), primary_key=True)
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(SmallInteger)


class StockLevel(Base):
    """Units of a product in a warehouse.

    `on_hand` counts saleable lots only, `reserved` ≤ `on_hand` of them for orders.

    `backordered` units are ordered and wait for goods to arrive here.

    What may be promised today is less where a lot has expired and is not retired yet: see
    `portal.stock.available`.
    """

    __tablename__ = "stock_level"
    __table_args__ = (
        CheckConstraint("reserved >= 0", name="reserved"),
        CheckConstraint("on_hand >= reserved", name="available"),
        CheckConstraint("in_transit >= 0", name="in_transit"),
        CheckConstraint("backordered >= 0", name="backordered"),
        Index("ix_stock_level_product_id", "product_id"),
        # Every order updates a level: room on the page keeps such an update off the indexes.
        {"postgresql_with": {"fillfactor": 70}},
    )

    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(Integer)
    reserved: Mapped[int] = mapped_column(Integer, server_default="0")
    in_transit: Mapped[int] = mapped_column(Integer, server_default="0")
    backordered: Mapped[int] = mapped_column(Integer, server_default="0")
    next_arrival: Mapped[date | None]


class Lot(Base):
    """A production lot. Products without lot control have one lot ``-``."""

    __tablename__ = "lot"
    __table_args__ = (UniqueConstraint("product_id", "lot_no"),)

    id: Mapped[Key]
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    lot_no: Mapped[str]
    produced_on: Mapped[date | None]
    expires_on: Mapped[date | None]


# What somebody types is found whichever capitals it is in; lots are kept in one width.
Index("ix_lot_upper", func.upper(Lot.lot_no))


class LotStock(Base):
    """Units of a lot in a warehouse: what lies there is `on_hand` + `inspecting` + `quarantined`.

    on_hand: may be sold; `allocated` of them wait in a shipment that is being picked. inspecting: received,
    not accepted yet. quarantined: set apart until somebody decides, or because the lot expired. location: the
    bin.

    `expires_on` is the lot's, kept equal by a trigger: what may be sold is asked with every price and order.
    """

    __tablename__ = "lot_stock"
    __table_args__ = (
        CheckConstraint("allocated >= 0 AND on_hand >= allocated", name="available"),
        CheckConstraint("inspecting >= 0 AND quarantined >= 0", name="set_apart"),
        one_of("state", LotState),
        Index("ix_lot_stock_warehouse_id_product_id", "warehouse_id", "product_id"),
        Index(
            "ix_lot_stock_saleable",
            "warehouse_id",
            "product_id",
            "expires_on",
            postgresql_where="state = 'saleable'",
        ),
    )

    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    on_hand: Mapped[int] = mapped_column(Integer)
    allocated: Mapped[int] = mapped_column(Integer, server_default="0")
    state: Mapped[str] = mapped_column(server_default="saleable")
    expires_on: Mapped[date | None]
    inspecting: Mapped[int] = mapped_column(Integer, server_default="0")
    quarantined: Mapped[int] = mapped_column(Integer, server_default="0")
    location: Mapped[str] = mapped_column(server_default="")


# What lots are listed by; those that never expire come last. It has no condition on units, since each update
# of them would touch it then.
Index(
    "ix_lot_stock_expiry",
    func.coalesce(LotStock.expires_on, NEVER),
    LotStock.lot_id,
    LotStock.warehouse_id,
)


class SerialUnit(Base):
    """One unit with a serial number, in exactly one place: a warehouse, on its way, a dealer's, or scrapped.

    document: the last that moved it; while it is shipped, the shipment.
    """

    __tablename__ = "serial_unit"
    __table_args__ = (
        one_of("state", SerialState),
        CheckConstraint(
            "(warehouse_id IS NOT NULL) = (state IN ('inspecting', 'saleable', 'quarantined'))", name="here"
        ),
        CheckConstraint("(dealer_id IS NOT NULL) = (state = 'shipped')", name="shipped"),
        Index("ix_serial_unit_lot", "warehouse_id", "lot_id", postgresql_where="warehouse_id IS NOT NULL"),
        Index("ix_serial_unit_document", "dealer_id", "document", postgresql_where="dealer_id IS NOT NULL"),
    )

    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    serial: Mapped[str] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    state: Mapped[str]
    warehouse_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    document: Mapped[str]


class StockMovement(Base):
    """One change of stock with its document. What lies somewhere equals the sum of its movements.

    The deltas of a lot are those of `lot_stock`; a movement without a lot changes what a level has reserved.
    `dealer_id` where a dealer's document caused it.
    """

    __tablename__ = "stock_movement"
    __table_args__ = (
        one_of("kind", MovementKind),
        Index("ix_stock_movement_lot_id", "lot_id", postgresql_where="lot_id IS NOT NULL"),
        Index("ix_stock_movement_level", "warehouse_id", "product_id", "id"),
    )

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    warehouse_id: Mapped[int] = mapped_column(BigInteger)
    product_id: Mapped[int] = mapped_column(BigInteger)
    lot_id: Mapped[int | None]
    kind: Mapped[str]
    on_hand_delta: Mapped[int] = mapped_column(Integer, server_default="0")
    reserved_delta: Mapped[int] = mapped_column(Integer, server_default="0")
    inspecting_delta: Mapped[int] = mapped_column(Integer, server_default="0")
    quarantined_delta: Mapped[int] = mapped_column(Integer, server_default="0")
    dealer_id: Mapped[int | None]
    document: Mapped[str]
    actor: Mapped[str]
