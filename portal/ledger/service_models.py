"""Invoices of services: tables of the ledger, which its `models` names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, Rate, UnitPrice


class ServiceInvoice(Base):
    """An invoice of work and parts of a service, once for each `source`, such as a repair.

    reference: number of the request that it was for.
    """

    __tablename__ = "service_invoice"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        UniqueConstraint("dealer_id", "source", name="uq_service_invoice_source"),
        Index("ix_service_invoice_number", "number"),
        Index("ix_service_invoice_dealer_id_issued_on", "dealer_id", "issued_on", "id"),
        CheckConstraint("gross = net + tax AND gross > 0", name="gross"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    source: Mapped[str]
    reference: Mapped[str]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    net: Mapped[Amount]
    tax: Mapped[Amount]
    gross: Mapped[Amount]


class ServiceInvoiceLine(Base):
    """What a service invoice charges for hours, kilometres or units."""

    __tablename__ = "service_invoice_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "invoice_id"], ["service_invoice.dealer_id", "service_invoice.id"]
        ),
        CheckConstraint("quantity > 0 AND amount >= 0 AND tax >= 0", name="amount"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    invoice_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    text: Mapped[str]
    product_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("product.id"))
    quantity: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    unit_price: Mapped[UnitPrice]
    amount: Mapped[Amount]
    tax_rate: Mapped[Rate]
    tax: Mapped[Amount]
