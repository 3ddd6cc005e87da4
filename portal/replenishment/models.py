"""Requests for goods."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.replenishment.rules import RequestState


class SupplyRequest(Base):
    """Units of a product that orders wait for in a warehouse, asked of the ERP: bought or made, as it knows.

    It belongs to no dealer: it sums what several wait for. requested: units asked for; quantity: units that
    come. reference: the ERP's own number. The lock on the level guards its requests too.
    """

    __tablename__ = "supply_request"
    __table_args__ = (
        one_of("state", RequestState),
        CheckConstraint("requested > 0 AND quantity > 0", name="quantity"),
        CheckConstraint(
            "state NOT IN ('confirmed', 'in_transit') OR expected_on IS NOT NULL", name="expected_on"
        ),
        Index("ix_supply_request_level", "warehouse_id", "product_id"),
        Index("ix_supply_request_state", "state", "requested_at", "id"),
        Index("ix_supply_request_requested_at", "requested_at", "id"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    requested: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(server_default="requested")
    expected_on: Mapped[date | None]
    reference: Mapped[str] = mapped_column(server_default="")
    requested_at: Mapped[datetime]
    changed_at: Mapped[datetime]
