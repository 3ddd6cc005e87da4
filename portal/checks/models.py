"""Runs of the checks that the portal makes of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Integer
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key


class CheckRun(Base):
    """One run: asked for by a person or due at night, how often it was begun, and what differed.

    For those who see every dealer only.

    started_at: of the last attempt. failed_at, last_error: when and why that ended without a result; no error
    when its process died. results: one object a check, as `portal.checks.rules.Result` writes it.
    differences: how many rows are told in them.
    """

    __tablename__ = "check_run"
    __table_args__ = (
        CheckConstraint("(started_at IS NULL) = (attempts = 0)", name="begun"),
        CheckConstraint(
            "(finished_at IS NULL) = (differences IS NULL)"
            " AND (finished_at IS NULL OR started_at IS NOT NULL)",
            name="finished",
        ),
        CheckConstraint(
            "failed_at IS NULL AND last_error IS NULL"
            " OR failed_at IS NOT NULL AND started_at IS NOT NULL AND finished_at IS NULL",
            name="failed",
        ),
    )

    id: Mapped[Key]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    started_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    finished_at: Mapped[datetime | None]
    differences: Mapped[int | None] = mapped_column(Integer)
    results: Mapped[list[Any] | None]
