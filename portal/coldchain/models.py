"""Cold records: of shipments to dealers, with the files of their loggers, and of goods that come in."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.coldchain.rules import RecordState, Transport
from portal.kernel.db import Base, one_of

Celsius = Numeric(4, 1)
DECIDED = "(state IN ('released', 'condemned')) = (decided_at IS NOT NULL AND reason <> '')"


class ColdRecord(Base):
    """The temperatures of a shipment with cold goods. low, high: what all of them bear, °C, when it was made.

    box: box or van, as it is labelled. findings: what speaks against the transport, as it was judged last.
    """

    __tablename__ = "cold_record"
    __table_args__ = (
        # A shipment that is put back before it left was never packed.
        ForeignKeyConstraint(
            ["dealer_id", "shipment_id"], ["shipment.dealer_id", "shipment.id"], ondelete="CASCADE"
        ),
        one_of("state", RecordState),
        one_of("transport", Transport),
        CheckConstraint("low IS NOT NULL OR high IS NOT NULL", name="range"),
        CheckConstraint("(departed_at IS NULL) = (departure_celsius IS NULL)", name="departed"),
        CheckConstraint("(arrived_at IS NULL) = (arrival_celsius IS NULL)", name="arrived"),
        CheckConstraint("departed_at IS NULL OR arrived_at IS NULL OR departed_at <= arrived_at", name="way"),
        CheckConstraint(DECIDED, name="decided"),
        Index("ix_cold_record_state", "state", "packed_at"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    state: Mapped[str] = mapped_column(server_default="open")
    low: Mapped[Decimal | None] = mapped_column(Celsius)
    high: Mapped[Decimal | None] = mapped_column(Celsius)
    transport: Mapped[str]
    box: Mapped[str] = mapped_column(server_default="")
    box_celsius: Mapped[Decimal] = mapped_column(Celsius)
    packed_at: Mapped[datetime]
    packed_by: Mapped[str]
    packed_by_label: Mapped[str]
    departed_at: Mapped[datetime | None]
    departure_celsius: Mapped[Decimal | None] = mapped_column(Celsius)
    departure_by: Mapped[str | None]
    departure_by_label: Mapped[str | None]
    arrived_at: Mapped[datetime | None]
    arrival_celsius: Mapped[Decimal | None] = mapped_column(Celsius)
    arrival_by: Mapped[str | None]
    arrival_by_label: Mapped[str | None]
    findings: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    reason: Mapped[str] = mapped_column(server_default="")


class ColdLog(Base):
    """A logger's file as it came, and what was read in it. days: extremes of days without readings.

    at and celsius are of one length. zone: in which its times were taken to be.
    """

    __tablename__ = "cold_log"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "shipment_id"],
            ["cold_record.dealer_id", "cold_record.shipment_id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("dealer_id", "shipment_id", "sha256"),
        CheckConstraint("cardinality(at) = cardinality(celsius)", name="readings"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    device: Mapped[str]
    serial: Mapped[str] = mapped_column(server_default="")
    unit: Mapped[str]
    zone: Mapped[str]
    interval_seconds: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
    celsius: Mapped[list[Decimal]] = mapped_column(ARRAY(Numeric(6, 2)))
    days: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    alarms: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[str]
    uploaded_by_label: Mapped[str]


class ColdReceipt(Base):
    """How cold goods came in: mode, temperatures and times of a document's transport. It is no dealer's.

    kind, number: the document, a goods receipt.
    """

    __tablename__ = "cold_receipt"
    __table_args__ = (
        one_of("state", RecordState),
        one_of("transport", Transport),
        CheckConstraint("low IS NOT NULL OR high IS NOT NULL", name="range"),
        CheckConstraint("departed_at <= arrived_at", name="way"),
        CheckConstraint(DECIDED, name="decided"),
        Index("ix_cold_receipt_state", "state", "recorded_at"),
        Index("ix_cold_receipt_recorded_at", "recorded_at", "number"),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    low: Mapped[Decimal | None] = mapped_column(Celsius)
    high: Mapped[Decimal | None] = mapped_column(Celsius)
    transport: Mapped[str]
    departed_at: Mapped[datetime]
    departure_celsius: Mapped[Decimal] = mapped_column(Celsius)
    arrived_at: Mapped[datetime]
    arrival_celsius: Mapped[Decimal] = mapped_column(Celsius)
    findings: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    log_name: Mapped[str] = mapped_column(server_default="")
    log_content: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)), server_default="{}")
    celsius: Mapped[list[Decimal]] = mapped_column(ARRAY(Numeric(6, 2)), server_default="{}")
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    recorded_by_label: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    reason: Mapped[str] = mapped_column(server_default="")
