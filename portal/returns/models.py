"""Returns: what a dealer wants to send back, what came, and what the inspection found."""

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
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, one_of
from portal.returns.rules import Disposition, Evidence, Remedy, ReturnReason, ReturnState


class ReturnRequest(Base):
    """Goods of one shipment that come back. warehouse: where to. The lock on its order guards it.

    replacement_no: the order that replaces what came back. gifts_of: the return whose goods had earned the
    gifts that come back here, because they left with another shipment. temperature_file: the attached file
    that tells how cold the goods were kept since the sale; evidence and its findings: what the file says of
    it.
    """

    __tablename__ = "return_request"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "order_id"], ["sales_order.dealer_id", "sales_order.id"]),
        ForeignKeyConstraint(["dealer_id", "shipment_id"], ["shipment.dealer_id", "shipment.id"]),
        UniqueConstraint("dealer_id", "number"),
        Index("ix_return_request_number", "number"),
        Index("ix_return_request_dealer_id_order_id", "dealer_id", "order_id"),
        Index("ix_return_request_dealer_id_asked_at", "dealer_id", "asked_at", "id"),
        Index("ix_return_request_state", "state", "asked_at", "id"),
        Index("ix_return_request_asked_at", "asked_at", "id"),
        one_of("state", ReturnState),
        CheckConstraint("(state IN ('received', 'settled')) = (received_at IS NOT NULL)", name="received"),
        CheckConstraint("(state = 'settled') = (inspected_at IS NOT NULL)", name="settled"),
        Index("uq_return_request_replacement_no", "dealer_id", "replacement_no", unique=True),
        one_of("evidence", Evidence),
        CheckConstraint("replacement_no IS NULL OR state = 'settled'", name="replaced"),
        Index(
            "ix_return_request_dealer_id_gifts_of",
            "dealer_id",
            "gifts_of",
            postgresql_where="gifts_of IS NOT NULL",
        ),
        CheckConstraint(
            "(evidence = 'accepted') = (evidence_at IS NOT NULL)"
            " AND (evidence <> 'accepted' OR evidence_reason <> '')",
            name="accepted",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    order_id: Mapped[int] = mapped_column(BigInteger)
    shipment_id: Mapped[int] = mapped_column(BigInteger)
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    state: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    asked_by: Mapped[str]
    asked_by_label: Mapped[str]
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(server_default="")
    received_by_label: Mapped[str | None]
    received_at: Mapped[datetime | None]
    inspected_by_label: Mapped[str | None]
    inspected_at: Mapped[datetime | None]
    credit_note_no: Mapped[str | None]
    replacement_no: Mapped[str | None]
    gifts_of: Mapped[str | None]
    evidence: Mapped[str] = mapped_column(server_default="not_needed")
    temperature_file: Mapped[str | None]
    evidence_findings: Mapped[list[Any]] = mapped_column(server_default="[]")
    evidence_by_label: Mapped[str | None]
    evidence_at: Mapped[datetime | None]
    evidence_reason: Mapped[str] = mapped_column(server_default="")


class ReturnLine(Base):
    """Units of one order line and lot that come back; `received` of them came."""

    __tablename__ = "return_line"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "return_id"], ["return_request.dealer_id", "return_request.id"]),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("received BETWEEN 0 AND quantity", name="received"),
        one_of("reason", ReturnReason),
        one_of("remedy", Remedy),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    return_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"), primary_key=True)
    quantity: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str]
    remedy: Mapped[str] = mapped_column(server_default="credit")
    received: Mapped[int] = mapped_column(Integer, server_default="0")
    serials: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")


class ReturnGift(Base):
    """Units of a gift that are not earned any more by what stays, as a return was asked for. Never changed.

    line_no: the gift's line of the order. due: units that have to come back; kept: those that the dealer
    keeps instead, for `charge` ¥. What is billed in the end is decided by what came.
    """

    __tablename__ = "return_gift"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "return_id"], ["return_request.dealer_id", "return_request.id"]),
        CheckConstraint("due > 0", name="due"),
        CheckConstraint("kept BETWEEN 0 AND due", name="kept"),
        CheckConstraint("charge >= 0 AND (kept > 0 OR charge = 0)", name="charge"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    return_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    due: Mapped[int] = mapped_column(Integer)
    kept: Mapped[int] = mapped_column(Integer, server_default="0")
    charge: Mapped[Amount]


class ReturnFinding(Base):
    """What the inspection found of units of one line and lot. Never changed."""

    __tablename__ = "return_finding"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "return_id", "line_no", "lot_id"],
            [
                "return_line.dealer_id",
                "return_line.return_id",
                "return_line.line_no",
                "return_line.lot_id",
            ],
        ),
        CheckConstraint("quantity > 0", name="quantity"),
        one_of("disposition", Disposition),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    return_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    disposition: Mapped[str] = mapped_column(primary_key=True)
    quantity: Mapped[int] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(server_default="")
    serials: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
