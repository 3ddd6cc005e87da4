"""Plans of maintenance, and each maintenance of a device: due, and what was done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.maintenance.rules import CountsFrom, MaintenanceState


class MaintenancePlan(Base):
    """What devices of a product, or of a product line, need how often.

    items: the check-list, in both languages. parts: what is needed. voids_warranty: by the terms, to miss it
    may cost the warranty; the portal says so and decides nothing.
    """

    __tablename__ = "maintenance_plan"
    __table_args__ = (
        one_of("counts_from", CountsFrom),
        CheckConstraint("(product_id IS NULL) <> (category_code IS NULL)", name="about"),
        CheckConstraint(
            "(every_months IS NOT NULL OR every_uses IS NOT NULL) AND every_months > 0 AND every_uses > 0",
            name="every",
        ),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    name_zh: Mapped[str]
    name_en: Mapped[str]
    product_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("product.id"))
    category_code: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    every_months: Mapped[int | None] = mapped_column(Integer)
    every_uses: Mapped[int | None] = mapped_column(Integer)
    counts_from: Mapped[str]
    items: Mapped[list[Any]]
    parts: Mapped[list[Any]]
    voids_warranty: Mapped[bool] = mapped_column(Boolean, server_default="false")
    is_active: Mapped[bool] = mapped_column(Boolean, server_default="true")
    edited_at: Mapped[datetime]
    edited_by_label: Mapped[str]


class Maintenance(Base):
    """One maintenance of a device by a plan. findings: the check-list as it was filled in.

    missed_at: when its life was told that it is overdue. uses_at: uses of the device when it was done.
    """

    __tablename__ = "maintenance"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "device_id"], ["device.dealer_id", "device.id"]),
        UniqueConstraint("dealer_id", "number"),
        one_of("state", MaintenanceState),
        CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name="done"),
        CheckConstraint("(state = 'skipped') = (reason <> '')", name="skipped"),
        Index("ix_maintenance_number", "number"),
        Index(
            "uq_maintenance_due",
            "dealer_id",
            "device_id",
            "plan_id",
            unique=True,
            postgresql_where="state = 'due'",
        ),
        Index("ix_maintenance_dealer_id_due_on", "dealer_id", "state", "due_on", "id"),
        Index("ix_maintenance_due_on", "state", "due_on", "id"),
        Index("ix_maintenance_device", "dealer_id", "device_id", "plan_id", "due_on"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    device_id: Mapped[int] = mapped_column(BigInteger)
    plan_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("maintenance_plan.id"))
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(server_default="due")
    missed_at: Mapped[datetime | None]
    done_on: Mapped[date | None]
    done_by: Mapped[str] = mapped_column(server_default="")
    findings: Mapped[list[Any]] = mapped_column(server_default="[]")
    uses_at: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
    signed_name: Mapped[str] = mapped_column(server_default="")
    signature: Mapped[list[Any] | None]
    filed_at: Mapped[datetime | None]
    filed_by: Mapped[str | None]
    filed_by_label: Mapped[str | None]
