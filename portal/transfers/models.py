"""Transfers, their lines, and what became of the units."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.transfers.rules import Outcome, TransferState


class StockTransfer(Base):
    """Goods that go from one warehouse to another. Its row is locked before anything of it changes."""

    __tablename__ = "stock_transfer"
    __table_args__ = (
        one_of("state", TransferState),
        CheckConstraint("from_warehouse_id <> to_warehouse_id", name="two_warehouses"),
        Index("ix_stock_transfer_state", "state", "made_at", "id"),
        Index("ix_stock_transfer_made_at", "made_at", "id"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    from_warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    to_warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    state: Mapped[str] = mapped_column(server_default="draft")
    expected_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(server_default="")
    made_by: Mapped[str]
    made_by_label: Mapped[str]
    made_at: Mapped[datetime]
    dispatched_by: Mapped[str | None]
    dispatched_by_label: Mapped[str | None]
    dispatched_at: Mapped[datetime | None]
    received_by: Mapped[str | None]
    received_by_label: Mapped[str | None]
    received_at: Mapped[datetime | None]


class StockTransferLine(Base):
    """Units of a lot. What of `quantity` is neither received, damaged nor lost is still open.

    damaged: arrived and were set apart. serials: of the units that left.
    """

    __tablename__ = "stock_transfer_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "received >= 0 AND damaged >= 0 AND lost >= 0 AND received + damaged + lost <= quantity",
            name="within_quantity",
        ),
        Index("ix_stock_transfer_line_product_id", "product_id"),
    )

    transfer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("stock_transfer.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(Integer, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    received: Mapped[int] = mapped_column(Integer, server_default="0")
    damaged: Mapped[int] = mapped_column(Integer, server_default="0")
    lost: Mapped[int] = mapped_column(Integer, server_default="0")
    serials: Mapped[list[Any]]


class StockTransferOutcome(Base):
    """What somebody found out about units of a line."""

    __tablename__ = "stock_transfer_outcome"
    __table_args__ = (
        ForeignKeyConstraint(
            ["transfer_id", "line_no"], ["stock_transfer_line.transfer_id", "stock_transfer_line.line_no"]
        ),
        one_of("outcome", Outcome),
        CheckConstraint("units > 0", name="units"),
        Index("ix_stock_transfer_outcome_transfer_id", "transfer_id"),
    )

    id: Mapped[Key]
    transfer_id: Mapped[int] = mapped_column(BigInteger)
    line_no: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str]
    units: Mapped[int] = mapped_column(Integer)
    serials: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(server_default="")
    actor: Mapped[str]
    actor_label: Mapped[str]
    at: Mapped[datetime]
