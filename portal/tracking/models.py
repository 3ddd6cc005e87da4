"""Carriers, how long they take, what they told, and where each parcel stands by it."""

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
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, one_of
from portal.tracking.answers.read_answer import Adapter
from portal.tracking.rules import EventCode, Source


class Carrier(Base):
    """Who carries parcels.

    aliases: how shipments name it beside its own names. link: address of a parcel's page with ``{number}``.
    """

    __tablename__ = "carrier"
    __table_args__ = (
        CheckConstraint("code ~ '^[a-z0-9-]{1,20}$'", name="code"),
        one_of("adapter", Adapter),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    link: Mapped[str] = mapped_column(server_default="")
    adapter: Mapped[str] = mapped_column(server_default="none")


class CarrierLeadTime(Base):
    """How many calendar days a parcel takes from a warehouse to a province."""

    __tablename__ = "carrier_lead_time"
    __table_args__ = (CheckConstraint("days BETWEEN 0 AND 60", name="days"),)

    warehouse_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("warehouse.id"), primary_key=True)
    region_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("region_node.id"), primary_key=True)
    days: Mapped[int] = mapped_column(SmallInteger)


class TrackingEvent(Base):
    """One thing that was told of a shipment; the same told again has the same key and is no row more."""

    __tablename__ = "tracking_event"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "shipment_id"], ["shipment.dealer_id", "shipment.id"]),
        one_of("code", EventCode),
        one_of("source", Source),
        CheckConstraint("(code = 'estimated') = (expected_on IS NOT NULL)", name="expected_on"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    code: Mapped[str]
    place: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    raw_code: Mapped[str] = mapped_column(server_default="")
    expected_on: Mapped[date | None]
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    recorded_by_label: Mapped[str]


class ParcelStanding(Base):
    """Where a shipment stands by all its events: what `standing_of` says of them, kept to be searched.

    It is written with every event, under the lock of the shipment's order.
    """

    __tablename__ = "parcel_standing"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "shipment_id"], ["shipment.dealer_id", "shipment.id"]),
        CheckConstraint("(code IS NULL) = (at IS NULL)", name="at"),
        Index("ix_parcel_standing_code", "code", "at"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    code: Mapped[str | None]
    at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    expected_on: Mapped[date | None]
    events: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime]
