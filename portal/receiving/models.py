"""Suppliers, purchase orders, goods receipts and the records of acceptance."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.receiving.rules import PurchaseState, ReceiptState


class Supplier(Base):
    """Who brings goods, as records of acceptance name it. code: the ERP's."""

    __tablename__ = "supplier"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    address: Mapped[str] = mapped_column(server_default="")
    contact: Mapped[str] = mapped_column(server_default="")
    licence_no: Mapped[str] = mapped_column(server_default="")


class PurchaseOrder(Base):
    """What the ERP ordered of a supplier for a warehouse. number: the ERP's, by which it is sent again."""

    __tablename__ = "purchase_order"
    __table_args__ = (
        one_of("state", PurchaseState),
        Index("ix_purchase_order_expected_on", "expected_on", "id"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    supplier_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("supplier.id"))
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    expected_on: Mapped[date]
    state: Mapped[str]
    changed_at: Mapped[datetime]


class PurchaseOrderLine(Base):
    """Units of a product that were ordered, and that have come so far."""

    __tablename__ = "purchase_order_line"
    __table_args__ = (CheckConstraint("quantity > 0 AND received >= 0", name="units"),)

    purchase_order_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("purchase_order.id"), primary_key=True
    )
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    quantity: Mapped[int] = mapped_column(Integer)
    received: Mapped[int] = mapped_column(Integer, server_default="0")


class GoodsReceipt(Base):
    """Goods that arrived in a warehouse. reference: what whoever sent it calls it, such as a delivery note.

    supplier_id is empty where a program told of a receipt without saying whose goods they are.
    """

    __tablename__ = "goods_receipt"
    __table_args__ = (
        one_of("state", ReceiptState),
        Index("ix_goods_receipt_received_at", "received_at", "id"),
        Index("ix_goods_receipt_state", "state", "received_at", "id"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    reference: Mapped[str] = mapped_column(server_default="")
    supplier_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("supplier.id"))
    purchase_order_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("purchase_order.id"))
    supply_request_no: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str]
    received_at: Mapped[datetime]
    received_by: Mapped[str]
    received_by_label: Mapped[str]


class GoodsReceiptLine(Base):
    """Units of a lot on a receipt: every one is in inspection, accepted or refused."""

    __tablename__ = "goods_receipt_line"
    __table_args__ = (
        CheckConstraint(
            "inspecting >= 0 AND accepted >= 0 AND refused >= 0"
            " AND quantity = inspecting + accepted + refused AND quantity > 0",
            name="units",
        ),
        Index("ix_goods_receipt_line_lot", "lot_id"),
    )

    receipt_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("goods_receipt.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    inspecting: Mapped[int] = mapped_column(Integer)
    accepted: Mapped[int] = mapped_column(Integer, server_default="0")
    refused: Mapped[int] = mapped_column(Integer, server_default="0")
    serials: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    contract_maker: Mapped[str] = mapped_column(server_default="")
    contract_maker_licence: Mapped[str] = mapped_column(server_default="")


class AcceptanceRecord(Base):
    """A decision about units that arrived (验收记录), with everything the law wants in it. Never changed.

    Names, certificate and supplier are those of the moment, whatever is said of them later. arrived: units of
    the line. fault: why units were refused; they are set apart, which is the measure. serials: of the line,
    refused_serials: of the units refused now.
    """

    __tablename__ = "acceptance_record"
    __table_args__ = (
        CheckConstraint("accepted >= 0 AND refused >= 0 AND accepted + refused > 0", name="units"),
        CheckConstraint("refused = 0 OR fault <> ''", name="fault"),
        Index("ix_acceptance_record_at", "at", "id"),
        Index("ix_acceptance_record_lot", "product_id", "lot_no"),
    )

    id: Mapped[Key]
    at: Mapped[datetime]
    actor: Mapped[str]
    actor_label: Mapped[str]
    receipt_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("goods_receipt.id"))
    line_no: Mapped[int] = mapped_column(SmallInteger)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    sku: Mapped[str]
    udi_di: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    specification: Mapped[str]
    unit: Mapped[str]
    registrant: Mapped[str]
    contract_maker: Mapped[str]
    contract_maker_licence: Mapped[str]
    registration_no: Mapped[str]
    lot_no: Mapped[str]
    serials: Mapped[list[str]] = mapped_column(ARRAY(Text))
    produced_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    arrived: Mapped[int] = mapped_column(Integer)
    accepted: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    refused_serials: Mapped[list[str]] = mapped_column(ARRAY(Text))
    fault: Mapped[str]
    supplier: Mapped[str]
    supplier_address: Mapped[str]
    supplier_contact: Mapped[str]
    supplier_licence: Mapped[str]
