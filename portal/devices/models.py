"""Devices with a serial number, at the dealers who had them; what happened to each; warranty rules."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.devices.rules import DeviceState, HospitalLevel, Source
from portal.devices.vocabulary import EventKind
from portal.devices.warranty_rules import WarrantyBasis
from portal.kernel.db import Base, Key, one_of

_OF_DEVICE = ["dealer_id", "device_id"], ["device.dealer_id", "device.id"]


class Device(Base):
    """A unit while one dealer has it: who gets it next has a row of its own, with a life of its own.

    held_until: None at the one who has it now. contract_to: the last day of its service contracts. ends_on:
    until when something covers it, 9999-12-31 where nothing is known. uses: as last reported. hospital_code:
    of the hospital in a directory, once there is one. serial_key: the serial as codes are compared.
    """

    __tablename__ = "device"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        one_of("state", DeviceState),
        one_of("source", Source),
        one_of("hospital_level", HospitalLevel),
        CheckConstraint("(state = 'returned') = (held_until IS NOT NULL)", name="held_until"),
        CheckConstraint("state <> 'installed' OR installed_on IS NOT NULL", name="installed"),
        CheckConstraint("(accepted_on IS NULL) = (accepted_by = '')", name="accepted"),
        CheckConstraint("warranty_from <= warranty_to", name="warranty"),
        CheckConstraint("uses >= 0", name="uses"),
        Index("uq_device_holder", "product_id", "serial", unique=True, postgresql_where="held_until IS NULL"),
        Index("ix_device_number", "number"),
        Index("ix_device_unit", "product_id", "serial"),
        Index("ix_device_serial_key", "serial_key"),
        Index("ix_device_dealer_id_held_from", "dealer_id", "held_from", "id"),
        Index("ix_device_held_from", "held_from", "id"),
        Index("ix_device_dealer_id_ends_on", "dealer_id", "ends_on", "id"),
        Index("ix_device_ends_on", "ends_on", "id"),
        Index("ix_device_product_id_held_from", "product_id", "held_from", "id"),
        Index("ix_device_state_held_from", "state", "held_from", "id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    serial: Mapped[str]
    serial_key: Mapped[str] = mapped_column(Computed("code_key(serial)", persisted=True))
    lot_no: Mapped[str] = mapped_column(server_default="")
    produced_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    source: Mapped[str]
    shipment_no: Mapped[str] = mapped_column(server_default="")
    shipped_on: Mapped[date | None]
    held_from: Mapped[datetime]
    held_until: Mapped[datetime | None]
    state: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    hospital: Mapped[str] = mapped_column(server_default="")
    hospital_level: Mapped[str] = mapped_column(server_default="")
    hospital_city: Mapped[str] = mapped_column(server_default="")
    hospital_code: Mapped[str] = mapped_column(server_default="")
    department: Mapped[str] = mapped_column(server_default="")
    installed_on: Mapped[date | None]
    installed_by: Mapped[str] = mapped_column(server_default="")
    accepted_on: Mapped[date | None]
    accepted_by: Mapped[str] = mapped_column(server_default="")
    warranty_from: Mapped[date | None]
    warranty_to: Mapped[date | None]
    contract_to: Mapped[date | None]
    ends_on: Mapped[date] = mapped_column(
        Computed("coalesce(greatest(warranty_to, contract_to), DATE '9999-12-31')", persisted=True)
    )
    uses: Mapped[int] = mapped_column(Integer, server_default="0")


class DeviceEvent(Base):
    """Something that happened to a device. Never changed. document_no: of what tells more."""

    __tablename__ = "device_event"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_DEVICE),
        one_of("kind", EventKind),
        Index("ix_device_event_device", "dealer_id", "device_id", "at", "id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[Key]
    device_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    at: Mapped[datetime]
    document_no: Mapped[str] = mapped_column(server_default="")
    text: Mapped[str] = mapped_column(server_default="")
    by_label: Mapped[str] = mapped_column(server_default="")


class InstallationReport(Base):
    """Where a device was installed, by whom, and who accepted it. Never changed; the last one holds."""

    __tablename__ = "installation_report"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_DEVICE),
        UniqueConstraint("dealer_id", "number"),
        one_of("hospital_level", HospitalLevel),
        CheckConstraint("(accepted_on IS NULL) = (accepted_by = '')", name="accepted"),
        CheckConstraint("accepted_on >= installed_on", name="days"),
        Index("ix_installation_report_number", "number"),
        Index("ix_installation_report_device", "dealer_id", "device_id", "id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    device_id: Mapped[int] = mapped_column(BigInteger)
    hospital: Mapped[str]
    hospital_level: Mapped[str]
    hospital_city: Mapped[str]
    hospital_code: Mapped[str] = mapped_column(server_default="")
    department: Mapped[str]
    installed_on: Mapped[date]
    installed_by: Mapped[str]
    accepted_on: Mapped[date | None]
    accepted_by: Mapped[str] = mapped_column(server_default="")
    signature: Mapped[list[Any] | None]
    note: Mapped[str] = mapped_column(server_default="")
    filed_at: Mapped[datetime]
    filed_by: Mapped[str]
    filed_by_label: Mapped[str]


class ServiceContract(Base):
    """What extends a device's cover. Never changed. covers: in words."""

    __tablename__ = "service_contract"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_DEVICE),
        UniqueConstraint("dealer_id", "device_id", "contract_no"),
        CheckConstraint("from_day <= to_day", name="days"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[Key]
    device_id: Mapped[int] = mapped_column(BigInteger)
    contract_no: Mapped[str]
    from_day: Mapped[date]
    to_day: Mapped[date]
    covers: Mapped[str] = mapped_column(server_default="")
    entered_at: Mapped[datetime]
    entered_by_label: Mapped[str]


class DevicePart(Base):
    """A part that was replaced in a device. Never changed."""

    __tablename__ = "device_part"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_DEVICE),
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_device_part_device", "dealer_id", "device_id", "id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[Key]
    device_id: Mapped[int] = mapped_column(BigInteger)
    replaced_on: Mapped[date]
    part: Mapped[str]
    quantity: Mapped[int] = mapped_column(Integer)
    serial_out: Mapped[str] = mapped_column(server_default="")
    serial_in: Mapped[str] = mapped_column(server_default="")
    document_no: Mapped[str] = mapped_column(server_default="")
    entered_at: Mapped[datetime]
    entered_by_label: Mapped[str]


class WarrantyRuleRow(Base):
    """A rule of warranty from a day on. Never changed: a later one takes its place, 0 months end it."""

    __tablename__ = "warranty_rule"
    __table_args__ = (
        one_of("starts", WarrantyBasis),
        CheckConstraint("product_id IS NULL OR category_code IS NULL", name="about"),
        CheckConstraint("months BETWEEN 0 AND 240 AND latest_months BETWEEN 0 AND 240", name="months"),
        Index(
            "uq_warranty_rule_about",
            "product_id",
            "category_code",
            "valid_from",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Key]
    product_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("product.id"))
    category_code: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    months: Mapped[int] = mapped_column(Integer)
    starts: Mapped[str]
    latest_months: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[date]
    reason: Mapped[str] = mapped_column(server_default="")
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    made_by_label: Mapped[str]


class DeviceImport(Base):
    """Rows of a file as they were read, until they are applied; then only how many became what."""

    __tablename__ = "device_import"

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    file_name: Mapped[str]
    lines: Mapped[list[Any]]
    counts: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    made_by_label: Mapped[str]
    applied_at: Mapped[datetime | None]
