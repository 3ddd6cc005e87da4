"""Runs of the checks that the portal makes of itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Integer
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key


class CheckRun(Base):
    """One run: asked for by a person or due at night, and what differed. For those who see every dealer only.

    results: one object a check, as `portal.checks.rules.Result` writes it. differences: how many rows are told in them.
    """

    __tablename__ = "check_run"
    __table_args__ = (
        CheckConstraint("(finished_at IS NULL) = (started_at IS NULL) AND (finished_at IS NULL) = (differences IS NULL)", name="finished"),
    )

    id: Mapped[Key]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    differences: Mapped[int | None] = mapped_column(Integer)
    results: Mapped[list | None]
