"""Places, the movements of lots between them, what lies where as their sum, and the one place of a serial.

Triggers of the stock write all of it, in the transaction that moves the goods (docs/decisions/0105).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, func
from sqlalchemy.orm import Mapped, mapped_column

from portal.custody.rules import CustodyKind, PlaceKind
from portal.kernel.db import Base, Key, one_of


class Place(Base):
    """Where goods can be; made when something first gets there.

    The carrier is the one place of what is between two warehouses. What was used is gathered by dealer; what
    we destroyed has no dealer. dealer_id: whose place it is.
    """

    __tablename__ = "place"
    __table_args__ = (
        one_of("kind", PlaceKind),
        CheckConstraint(
            "(warehouse_id IS NOT NULL) = (kind = 'warehouse')"
            " AND (kind <> 'dealer' OR dealer_id IS NOT NULL)"
            " AND (kind NOT IN ('warehouse', 'carrier', 'outside') OR dealer_id IS NULL)",
            name="whose",
        ),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    warehouse_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    code: Mapped[str] = mapped_column(server_default="")
    name: Mapped[str] = mapped_column(server_default="")


Index(
    "uq_place_which",
    Place.kind,
    func.coalesce(Place.warehouse_id, 0),
    func.coalesce(Place.dealer_id, 0),
    Place.code,
    unique=True,
)


class CustodyMovement(Base):
    """Units of a lot that went from one place to another, appended only.

    movement_id: the movement of the stock that it follows; one of more units than the place they came from
    held has a second, from outside. dealer_id: whose document caused it.
    """

    __tablename__ = "custody_movement"
    __table_args__ = (
        one_of("kind", CustodyKind),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("from_place_id <> to_place_id", name="places"),
        Index(
            "ix_custody_movement_lot_id",
            "lot_id",
            "at",
            postgresql_include=["from_place_id", "to_place_id", "quantity", "kind"],
        ),
        Index("ix_custody_movement_document", "document"),
        Index(
            "uq_custody_movement_movement_id",
            "movement_id",
            "from_place_id",
            unique=True,
            postgresql_where="movement_id IS NOT NULL",
        ),
    )

    id: Mapped[Key]
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    from_place_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("place.id"))
    to_place_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("place.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    document: Mapped[str]
    movement_id: Mapped[int | None] = mapped_column(BigInteger)
    actor: Mapped[str]


class Holding(Base):
    """Units of a lot in a place: what came less what went, kept by a trigger, never below zero.

    since: when the oldest of what may still be there came. There is none of what is outside.
    """

    __tablename__ = "holding"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity"),
        Index("ix_holding_place_id", "place_id"),
        # Every movement updates two: room on the page keeps such an update off the indexes.
        {"postgresql_with": {"fillfactor": 70}},
    )

    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("place.id"), primary_key=True)
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime]


class SerialPlace(Base):
    """The one place where a unit with a serial number is."""

    __tablename__ = "serial_place"
    __table_args__ = (
        Index("ix_serial_place_lot_id", "lot_id", "place_id"),
        Index("ix_serial_place_serial", "serial"),
    )

    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    serial: Mapped[str] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    place_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("place.id"))
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    since: Mapped[datetime]


class SerialStep(Base):
    """A unit with a serial number went from one place to another, appended only: its life."""

    __tablename__ = "serial_step"
    __table_args__ = (
        CheckConstraint("from_place_id <> to_place_id", name="places"),
        Index("ix_serial_step_serial", "product_id", "serial", "id"),
    )

    id: Mapped[Key]
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    serial: Mapped[str]
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    from_place_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("place.id"))
    to_place_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("place.id"))
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    at: Mapped[datetime]
    document: Mapped[str]
