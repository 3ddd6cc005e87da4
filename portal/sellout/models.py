"""What dealers report of goods sold, used and given back, line by line."""

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

from portal.kernel.db import Base, Key, one_of
from portal.sellout.decide_rules import LineKind, LineState, Source
from portal.sellout.rules import Defect


class SellOutReport(Base):
    """A report of a dealer."""

    __tablename__ = "sell_out_report"
    __table_args__ = (UniqueConstraint("dealer_id", "number"), one_of("source", Source))

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    source: Mapped[str]
    reported_at: Mapped[datetime]
    reported_by: Mapped[str]
    reported_by_label: Mapped[str]


class SellOutLine(Base):
    """A line as it was sent, and what became of it. document, document_line: by which it counts once.

    product_id, lot_id: what it means, as far as we know. defect: why it waits or was refused.
    """

    __tablename__ = "sell_out_line"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "report_id"], ["sell_out_report.dealer_id", "sell_out_report.id"]),
        one_of("kind", LineKind),
        one_of("state", LineState),
        one_of("defect", Defect),
        CheckConstraint("quantity > 0 AND (serial = '' OR quantity = 1)", name="quantity"),
        CheckConstraint("(state IN ('waiting', 'refused')) = (defect <> '')", name="told"),
        CheckConstraint("defect <> '' OR (product_id IS NOT NULL AND lot_id IS NOT NULL)", name="meant"),
        CheckConstraint("(state = 'reversed') = (reversed_at IS NOT NULL)", name="reversed"),
        Index(
            "uq_sell_out_line_counted",
            "dealer_id",
            "document",
            "document_line",
            unique=True,
            postgresql_where="state <> 'refused'",
        ),
        Index("ix_sell_out_line_waiting", "dealer_id", postgresql_where="state = 'waiting'"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    report_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    document: Mapped[str]
    document_line: Mapped[str]
    kind: Mapped[str]
    day: Mapped[date]
    sku: Mapped[str]
    lot_no: Mapped[str]
    serial: Mapped[str] = mapped_column(server_default="")
    quantity: Mapped[int] = mapped_column(Integer)
    hospital: Mapped[str] = mapped_column(server_default="")
    product_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("product.id"))
    lot_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("lot.id"))
    state: Mapped[str]
    defect: Mapped[str] = mapped_column(server_default="")
    waits_until: Mapped[date]
    decided_at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]
    reversed_by_label: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
