"""What dealers report of the stock they hold and of what they sold. Appended only."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.dealerstock.rules import Finding, LineKind, Source
from portal.kernel.db import Base, Key, one_of


class InventoryReport(Base):
    """A report of a dealer: counts of lots, sell-out, or both. as_of: the day for lines that name none."""

    __tablename__ = "inventory_report"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        one_of("source", Source),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    as_of: Mapped[date]
    source: Mapped[str]
    reported_at: Mapped[datetime]
    reported_by: Mapped[str]
    reported_by_label: Mapped[str]


class InventoryReportLine(Base):
    """A lot counted or sold. sku, lot_no: as they were sent.

    product_id, lot_id: what they mean, none where we do not know the article, or the dealer never bought the
    lot. change: units by which the book of the lot changed. finding: what was said of the line.
    """

    __tablename__ = "inventory_report_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "report_id"], ["inventory_report.dealer_id", "inventory_report.id"]
        ),
        one_of("kind", LineKind),
        one_of("finding", Finding),
        CheckConstraint("quantity >= 0", name="quantity"),
        CheckConstraint("lot_id IS NOT NULL OR change = 0", name="change"),
        CheckConstraint(
            "(lot_id IS NULL) = (finding IN ('unknown_product', 'not_bought'))"
            " AND (product_id IS NULL) = (finding = 'unknown_product')",
            name="meant",
        ),
        Index("ix_inventory_report_line_report", "report_id", "line_no"),
        Index("ix_inventory_report_line_lot", "dealer_id", "lot_id", postgresql_where="lot_id IS NOT NULL"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    report_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str]
    sku: Mapped[str]
    lot_no: Mapped[str]
    product_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("product.id"))
    lot_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("lot.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    day: Mapped[date]
    customer: Mapped[str] = mapped_column(server_default="")
    change: Mapped[int] = mapped_column(Integer)
    finding: Mapped[str] = mapped_column(server_default="")
