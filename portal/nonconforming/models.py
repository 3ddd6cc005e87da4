"""Reports of non-conforming goods: the record that is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.nonconforming.rules import ReportState, Source


class NonconformingReport(Base):
    """Units of a lot that are set apart, and what quality decides of them. Nothing of it is ever deleted.

    source: where they were found not to conform, document: in which document, if in one. serials: of the
    units. decision_note: why so.
    """

    __tablename__ = "nonconforming_report"
    __table_args__ = (
        one_of("state", ReportState),
        one_of("source", Source),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("(state = 'reported') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'destroyed') = (witnessed_at IS NOT NULL)", name="witnessed"),
        CheckConstraint("decided_by <> reported_by", name="another_decides"),
        CheckConstraint("witnessed_by <> decided_by", name="another_witnesses"),
        Index("ix_nonconforming_report_state", "state", "reported_at", "id"),
        Index("ix_nonconforming_report_reported_at", "reported_at", "id"),
        Index("ix_nonconforming_report_lot", "warehouse_id", "lot_id"),
        Index("ix_nonconforming_report_document", "document", postgresql_where="document <> ''"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    source: Mapped[str]
    document: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str]
    serials: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(server_default="reported")
    reported_by: Mapped[str]
    reported_by_label: Mapped[str]
    reported_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(server_default="")
    witnessed_by: Mapped[str | None]
    witnessed_by_label: Mapped[str | None]
    witnessed_at: Mapped[datetime | None]
