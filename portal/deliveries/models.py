"""Links for the door, proofs of delivery, and cases about differences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.deliveries.rules import CaseKind, CaseState, Outcome, Way
from portal.kernel.db import Base, Key, one_of


def _of_shipment() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["dealer_id", "shipment_id"], ["shipment.dealer_id", "shipment.id"])


class DeliveryLink(Base):
    """The link by which somebody without an account signs for a shipment: one a shipment.

    mark: random, part of what the link's token seals; without the application secret it opens nothing. A link
    that is made anew gets another, and the old token is over.
    """

    __tablename__ = "delivery_link"
    __table_args__ = (_of_shipment(),)

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    shipment_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    mark: Mapped[str]
    expires_at: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    made_by_label: Mapped[str]
    revoked_at: Mapped[datetime | None]
    revoked_by_label: Mapped[str | None]


class DeliveryProof(Base):
    """Who took a shipment over, when and how. Appended once, never changed.

    signed_name: as somebody typed it. signed_by: the account or link it was sent by (`Actor.key`). form_key:
    of the form that was sent; a second sending of it is answered with this. signature: strokes
    (`portal.kernel.signature_rules`).
    """

    __tablename__ = "delivery_proof"
    __table_args__ = (_of_shipment(), one_of("way", Way))

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    shipment_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    way: Mapped[str]
    signed_name: Mapped[str]
    signed_by: Mapped[str]
    signed_by_label: Mapped[str]
    signed_at: Mapped[datetime]
    address: Mapped[str | None]
    form_key: Mapped[str] = mapped_column(server_default="")
    signature: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    note: Mapped[str] = mapped_column(server_default="")


class DeliveryProofLine(Base):
    """Units of a lot as they arrived. A lot that was not shipped has 0 of `shipped`."""

    __tablename__ = "delivery_proof_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "shipment_id"], ["delivery_proof.dealer_id", "delivery_proof.shipment_id"]
        ),
        CheckConstraint("shipped >= 0 AND received >= 0 AND damaged BETWEEN 0 AND received", name="units"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    lot_no: Mapped[str] = mapped_column(primary_key=True)
    shipped: Mapped[int] = mapped_column(Integer)
    received: Mapped[int] = mapped_column(Integer)
    damaged: Mapped[int] = mapped_column(Integer)


class DeliveryCase(Base):
    """A difference of one kind in a delivery, and what headquarters decides about it."""

    __tablename__ = "delivery_case"
    __table_args__ = (
        _of_shipment(),
        UniqueConstraint("dealer_id", "number"),
        UniqueConstraint("dealer_id", "shipment_id", "kind"),
        Index("ix_delivery_case_number", "number"),
        Index("ix_delivery_case_opened_at", "opened_at", "id"),
        Index("ix_delivery_case_dealer_id_opened_at", "dealer_id", "opened_at", "id"),
        Index("ix_delivery_case_undecided", "state", postgresql_where="state IN ('open', 'in_review')"),
        one_of("kind", CaseKind),
        one_of("state", CaseState),
        CheckConstraint(
            "(state IN ('settled', 'rejected')) = (decided_at IS NOT NULL)"
            " AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="decided",
        ),
        CheckConstraint("(state = 'settled') = (outcome IS NOT NULL)", name="settled"),
        one_of("outcome", Outcome),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    shipment_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="open")
    opened_at: Mapped[datetime]
    reviewed_at: Mapped[datetime | None]
    reviewed_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    outcome: Mapped[str | None]
    reason: Mapped[str] = mapped_column(server_default="")


class DeliveryCaseLine(Base):
    """Units of a lot that a case is about. came_lot: what came in its place, empty for the other kinds."""

    __tablename__ = "delivery_case_line"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "case_id"], ["delivery_case.dealer_id", "delivery_case.id"]),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    lot_no: Mapped[str] = mapped_column(primary_key=True)
    came_lot: Mapped[str] = mapped_column(primary_key=True, server_default="")
    quantity: Mapped[int] = mapped_column(Integer)
