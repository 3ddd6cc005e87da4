"""Shipments and the lots in them: the link from a lot to its holder."""

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


class ShipmentLine(Base):
    """Units of one lot for one order line. The lot's expiry is frozen here as it was shipped.

    returned: units that came back; asked_back: units that are asked back.
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
