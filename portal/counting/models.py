"""Stock counts, their lines, and what people counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.counting.rules import CountState, Standing
from portal.kernel.db import Base, Key, one_of


class StockCount(Base):
    """A count of what lies in a warehouse. Its row is locked before anything of it changes.

    scope: what was to be counted, as it was asked for.
    """

    __tablename__ = "stock_count"
    __table_args__ = (
        one_of("state", CountState),
        Index("ix_stock_count_state", "state", "opened_at", "id"),
        Index("ix_stock_count_opened_at", "opened_at", "id"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    scope: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default="counting")
    opened_by: Mapped[str]
    opened_by_label: Mapped[str]
    opened_at: Mapped[datetime]
    submitted_by: Mapped[str | None]
    submitted_by_label: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(server_default="")


class StockCountLine(Base):
    """Units of a lot that may be sold, are inspected or are set apart.

    expected_start: there when the count was opened. counted: by the entries of `round`; expected: there at
    the last of them, which is expected_start and every movement since. serials: scanned in that round;
    missing and surplus: what they are compared with where each serial should be. is_open: nobody has decided
    on the count; a lot is in one such count at most, or two would post the same difference.
    """

    __tablename__ = "stock_count_line"
    __table_args__ = (
        one_of("standing", Standing),
        CheckConstraint("counted >= 0", name="counted"),
        CheckConstraint("(counted IS NULL) = (expected IS NULL)", name="expected"),
        CheckConstraint("round BETWEEN 1 AND 2", name="round"),
        Index(
            "uq_stock_count_line_open",
            "warehouse_id",
            "lot_id",
            "standing",
            unique=True,
            postgresql_where="is_open",
        ),
    )

    count_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("stock_count.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"), primary_key=True)
    standing: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    is_open: Mapped[bool] = mapped_column(Boolean, server_default="true")
    expected_start: Mapped[int] = mapped_column(Integer)
    round: Mapped[int] = mapped_column(Integer, server_default="1")
    counted: Mapped[int | None] = mapped_column(Integer)
    expected: Mapped[int | None] = mapped_column(Integer)
    serials: Mapped[list[Any]]
    missing: Mapped[list[Any]]
    surplus: Mapped[list[Any]]


class StockCountEntry(Base):
    """What one person counted at one moment: entries of a round add up. expected: there at that moment."""

    __tablename__ = "stock_count_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["count_id", "lot_id", "standing"],
            ["stock_count_line.count_id", "stock_count_line.lot_id", "stock_count_line.standing"],
        ),
        Index("ix_stock_count_entry_line", "count_id", "lot_id", "standing"),
    )

    id: Mapped[Key]
    count_id: Mapped[int] = mapped_column(BigInteger)
    lot_id: Mapped[int] = mapped_column(BigInteger)
    standing: Mapped[str]
    round: Mapped[int] = mapped_column(Integer)
    units: Mapped[int] = mapped_column(Integer)
    expected: Mapped[int] = mapped_column(Integer)
    serials: Mapped[list[Any]]
    actor: Mapped[str]
    actor_label: Mapped[str]
    at: Mapped[datetime]
