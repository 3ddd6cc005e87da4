"""Shipments and the lots in them, the link from a lot to its holder; how they were reviewed and packed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
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

from portal.kernel.db import Base, Key, one_of
from portal.shipping.packing_rules import PackageKind
from portal.shipping.review_rules import Outcome
from portal.shipping.rules import ShipmentStatus


class Shipment(Base):
    """One parcel of an order: picked lot by lot, shipped with carrier and number, received by the dealer.

    made_in: the transaction that made the row, by the database's word; lines are taken in it and never later.
    proof: what entitled the dealer to each line, ``picked`` and ``shipped``, by line number.
    """

    __tablename__ = "shipment"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "order_id"], ["sales_order.dealer_id", "sales_order.id"]),
        UniqueConstraint("dealer_id", "number"),
        Index("ix_shipment_number", "number"),
        Index("ix_shipment_dealer_id_order_id", "dealer_id", "order_id"),
        Index("ix_shipment_tracking_no", "tracking_no", postgresql_where="tracking_no <> ''"),
        Index("ix_shipment_shipped_at", "shipped_at", "id", postgresql_where="status <> 'picking'"),
        Index(
            "uq_shipment_picking", "dealer_id", "order_id", unique=True, postgresql_where="status = 'picking'"
        ),
        Index("ix_shipment_wave_id", "wave_id", postgresql_where="wave_id IS NOT NULL"),
        one_of("status", ShipmentStatus),
        CheckConstraint(
            "status = 'picking'"
            " OR (carrier <> '' AND tracking_no <> '' AND shipped_at IS NOT NULL AND shipped_on IS NOT NULL)",
            name="shipped",
        ),
        CheckConstraint("(status = 'received') = (received_at IS NOT NULL)", name="received"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    order_id: Mapped[int] = mapped_column(BigInteger)
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    status: Mapped[str]
    carrier: Mapped[str] = mapped_column(server_default="")
    tracking_no: Mapped[str] = mapped_column(server_default="")
    picked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    picked_by: Mapped[str]
    shipped_at: Mapped[datetime | None]
    shipped_on: Mapped[date | None]
    shipped_by: Mapped[str | None]
    received_at: Mapped[datetime | None]
    received_by: Mapped[str | None]
    proof: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    made_in: Mapped[int] = mapped_column(BigInteger, server_default=func.txid_current())
    wave_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("pick_wave.id"))


class ShipmentLine(Base):
    """Units of one lot for one order line. The lot's expiry is frozen here as it was shipped.

    returned: units that came back; asked_back: units that are asked back.
    taken_at, taken_by: when somebody confirmed at the shelf that these units are in the parcel.
    """

    __tablename__ = "shipment_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "shipment_id"], ["shipment.dealer_id", "shipment.id"], ondelete="CASCADE"
        ),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("returned BETWEEN 0 AND quantity", name="returned"),
        CheckConstraint("asked_back >= 0 AND returned + asked_back <= quantity", name="asked_back"),
        Index("ix_shipment_line_lot_id", "lot_id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    returned: Mapped[int] = mapped_column(Integer, server_default="0")
    asked_back: Mapped[int] = mapped_column(Integer, server_default="0")
    lot_no: Mapped[str]
    expires_on: Mapped[date | None]
    registration_no: Mapped[str]
    serials: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[str | None]


class PickWave(Base):
    """Orders of a warehouse that are picked together. refused: those left out, each with what was said."""

    __tablename__ = "pick_wave"
    __table_args__ = (Index("ix_pick_wave_made_at", "made_at", "id"),)

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    refused: Mapped[list[Any]] = mapped_column(server_default="[]")
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    made_by_label: Mapped[str]


class OutboundReview(Base):
    """What one person found of units of a parcel before it left: a record that stays, whatever becomes of it.

    It says all that the law asks of it by itself, as it was then; a parcel that is put back leaves its own
    behind, and none counts for another parcel. picked_by: who picked (`Actor.key`), never who reviewed.
    """

    __tablename__ = "outbound_review"
    __table_args__ = (
        one_of("outcome", Outcome),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("outcome = 'passed' OR note <> ''", name="finding"),
        Index("ix_outbound_review_parcel", "dealer_id", "shipment_no", "line_no", "lot_id"),
        Index("ix_outbound_review_reviewed_at", "reviewed_at", "id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    shipment_no: Mapped[str]
    order_no: Mapped[str]
    buyer: Mapped[str]
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    line_no: Mapped[int] = mapped_column(SmallInteger)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    sku: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    specification: Mapped[str]
    unit: Mapped[str]
    registration_no: Mapped[str]
    lot_no: Mapped[str]
    expires_on: Mapped[date | None]
    quantity: Mapped[int] = mapped_column(Integer)
    serials: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    udi: Mapped[str] = mapped_column(server_default="")
    outcome: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    reviewed_at: Mapped[datetime]
    reviewed_by: Mapped[str]
    reviewed_by_label: Mapped[str]
    picked_by: Mapped[str]


class Package(Base):
    """A box of a parcel, counted from 1. weight_g: grams, with what is in it. sscc: its number by GS1."""

    __tablename__ = "package"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "shipment_id"], ["shipment.dealer_id", "shipment.id"], ondelete="CASCADE"
        ),
        one_of("kind", PackageKind),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("weight_g > 0", name="weight_g"),
        Index("uq_package_sscc", "dealer_id", "sscc", unique=True, postgresql_where="sscc <> ''"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str]
    weight_g: Mapped[int | None] = mapped_column(Integer)
    sscc: Mapped[str] = mapped_column(server_default="")


class PackageLine(Base):
    """Units of one lot for one order line in a package."""

    __tablename__ = "package_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "shipment_id", "number"],
            ["package.dealer_id", "package.shipment_id", "package.number"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["dealer_id", "shipment_id", "line_no", "lot_id"],
            [
                "shipment_line.dealer_id",
                "shipment_line.shipment_id",
                "shipment_line.line_no",
                "shipment_line.lot_id",
            ],
            ondelete="CASCADE",
        ),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    quantity: Mapped[int] = mapped_column(Integer)


class DeliveryNotePrint(Base):
    """One print of a parcel's delivery note; the second and every later copy is marked as such."""

    __tablename__ = "delivery_note_print"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "shipment_id"], ["shipment.dealer_id", "shipment.id"]),
        CheckConstraint("copy > 0", name="copy"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    copy: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    printed_at: Mapped[datetime]
    printed_by: Mapped[str]
    printed_by_label: Mapped[str]
