"""Repairs with their quotes, parts, visits and reports; what is checked at a device."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    column,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, Rate, UnitPrice, one_of
from portal.repairs.rules import LineKind, QuoteState, RepairState, Result, VisitState


class Repair(Base):
    """What is done about a request for repair. The lock of its request guards it and all that belongs to it.

    quote_version: the quote that counts, once it is accepted. warehouse_id: where its parts are held. short:
    parts are wanted that no warehouse has together.
    """

    __tablename__ = "repair"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        ForeignKeyConstraint(
            ["dealer_id", "request_id"], ["service_request.dealer_id", "service_request.id"]
        ),
        one_of("state", RepairState),
        CheckConstraint("state NOT IN ('accepted', 'done') OR quote_version IS NOT NULL", name="accepted"),
        CheckConstraint("(state IN ('done', 'cancelled')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("invoice_no IS NULL OR (state = 'done' AND NOT is_warranty)", name="invoiced"),
        Index("ix_repair_number", "number"),
        Index("ix_repair_open", "id", postgresql_where="ended_at IS NULL"),
        Index("uq_repair_live", "dealer_id", "request_id", unique=True, postgresql_where="ended_at IS NULL"),
        Index("ix_repair_dealer_id_request_id", "dealer_id", "request_id", "id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    request_id: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    state: Mapped[str] = mapped_column(server_default="quoting")
    is_warranty: Mapped[bool] = mapped_column(server_default="false")
    quote_version: Mapped[int | None] = mapped_column(SmallInteger)
    warehouse_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    short: Mapped[bool] = mapped_column(server_default="false")
    invoice_no: Mapped[str | None]
    made_at: Mapped[datetime]
    made_by_label: Mapped[str]
    ended_at: Mapped[datetime | None]


class RepairQuote(Base):
    """A version of a quote; its lines never change. gross: VAT included, with the `tax` within."""

    __tablename__ = "repair_quote"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "repair_id"], ["repair.dealer_id", "repair.id"]),
        one_of("state", QuoteState),
        CheckConstraint(
            "state NOT IN ('offered', 'accepted', 'declined', 'expired') OR issued_at IS NOT NULL",
            name="issued",
        ),
        CheckConstraint(
            "state NOT IN ('accepted', 'declined') OR is_warranty OR decided_by IS NOT NULL", name="decided"
        ),
        CheckConstraint(
            "state NOT IN ('accepted', 'declined') OR is_warranty"
            " OR (decided_by <> written_by AND decided_by <> issued_by)",
            name="other_person",
        ),
        CheckConstraint("NOT is_warranty OR gross = 0", name="free"),
        CheckConstraint("gross >= 0 AND tax >= 0 AND tax <= gross", name="gross"),
        Index(
            "uq_repair_quote_accepted",
            "dealer_id",
            "repair_id",
            unique=True,
            postgresql_where="state = 'accepted'",
        ),
        Index(
            "uq_repair_quote_offered",
            "dealer_id",
            "repair_id",
            unique=True,
            postgresql_where="state = 'offered'",
        ),
        Index("ix_repair_quote_valid_until", "valid_until", postgresql_where="state = 'offered'"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    repair_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    state: Mapped[str] = mapped_column(server_default="draft")
    is_warranty: Mapped[bool]
    valid_until: Mapped[date]
    note: Mapped[str] = mapped_column(server_default="")
    gross: Mapped[Amount]
    tax: Mapped[Amount]
    written_by: Mapped[str]
    written_by_label: Mapped[str]
    written_at: Mapped[datetime]
    issued_by: Mapped[str | None]
    issued_by_label: Mapped[str] = mapped_column(server_default="")
    issued_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str] = mapped_column(server_default="")
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")


class RepairQuoteLine(Base):
    """Labour, travel, a part or something else of a quote. quantity: hours, kilometres, units."""

    __tablename__ = "repair_quote_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "repair_id", "version"],
            ["repair_quote.dealer_id", "repair_quote.repair_id", "repair_quote.version"],
            name="fk_repair_quote_line_dealer_id_repair_id_version",
        ),
        one_of("kind", LineKind),
        CheckConstraint("(kind = 'part') = (product_id IS NOT NULL)", name="part"),
        CheckConstraint("kind <> 'part' OR quantity = trunc(quantity)", name="whole"),
        CheckConstraint("quantity > 0 AND unit_price >= 0 AND amount >= 0 AND tax >= 0", name="amount"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    repair_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str]
    product_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("product.id"))
    text: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    unit_price: Mapped[UnitPrice]
    tax_rate: Mapped[Rate]
    amount: Mapped[Amount]
    tax: Mapped[Amount]


class RepairPart(Base):
    """Units of a product that an accepted repair needs: of them reserved in stock, and used at visits."""

    __tablename__ = "repair_part"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "repair_id"], ["repair.dealer_id", "repair.id"]),
        CheckConstraint(
            "quantity > 0 AND reserved >= 0 AND used >= 0 AND reserved + used <= quantity", name="quantity"
        ),
        Index("ix_repair_part_reserved", "product_id", postgresql_where="reserved > 0"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    repair_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    quantity: Mapped[int] = mapped_column(Integer)
    reserved: Mapped[int] = mapped_column(Integer, server_default="0")
    used: Mapped[int] = mapped_column(Integer, server_default="0")


class RepairVisit(Base):
    """An appointment of a technician; nobody has two that overlap."""

    __tablename__ = "repair_visit"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "repair_id"], ["repair.dealer_id", "repair.id"]),
        one_of("state", VisitState),
        CheckConstraint("starts_at < ends_at", name="times"),
        ExcludeConstraint(
            (func.int8range(column("technician_id"), column("technician_id"), "[]"), "&&"),
            (func.tstzrange(column("starts_at"), column("ends_at")), "&&"),
            where=column("state") == "planned",
            using="gist",
            name="ex_repair_visit_technician",
        ),
        Index("ix_repair_visit_starts_at", "starts_at", "technician_id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    repair_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    visit_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    state: Mapped[str] = mapped_column(server_default="planned")
    technician_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    technician_label: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    address: Mapped[str]
    contact: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    planned_by_label: Mapped[str]


class RepairReport(Base):
    """What was found and done at a visit, once. client_key: of the form, which may come twice from a phone
    that was offline; fingerprint: of what it said. signature: strokes.
    """

    __tablename__ = "repair_report"
    __table_args__ = (
        UniqueConstraint("dealer_id", "client_key", name="uq_repair_report_client_key"),
        ForeignKeyConstraint(
            ["dealer_id", "repair_id", "visit_no"],
            ["repair_visit.dealer_id", "repair_visit.repair_id", "repair_visit.visit_no"],
            name="fk_repair_report_dealer_id_repair_id_visit_no",
        ),
        one_of("result", Result),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    repair_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    visit_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    client_key: Mapped[str]
    fingerprint: Mapped[str]
    result: Mapped[str]
    findings: Mapped[str]
    checks: Mapped[list[Any]] = mapped_column(server_default="[]")
    signed_name: Mapped[str]
    signature: Mapped[list[Any] | None] = mapped_column(JSONB)
    files: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    filed_by: Mapped[str]
    filed_by_label: Mapped[str]
    filed_at: Mapped[datetime]


class RepairPartUsed(Base):
    """Units of a lot that went into the device of a repair, with their serial numbers."""

    __tablename__ = "repair_part_used"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "repair_id", "visit_no"],
            ["repair_report.dealer_id", "repair_report.repair_id", "repair_report.visit_no"],
            name="fk_repair_part_used_dealer_id_repair_id_visit_no",
        ),
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_repair_part_used_lot_id", "lot_id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    repair_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    visit_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    serials: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")


class RepairCheckItem(Base):
    """What is checked at devices of a category and below; an empty one means every device."""

    __tablename__ = "repair_check_item"
    __table_args__ = (UniqueConstraint("category", "place", name="uq_repair_check_item_category"),)

    id: Mapped[Key]
    category: Mapped[str] = mapped_column(server_default="")
    place: Mapped[int] = mapped_column(SmallInteger)
    name_zh: Mapped[str]
    name_en: Mapped[str]
