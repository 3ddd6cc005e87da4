"""Rehearsals of price policies over past orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.rehearsals.rules import RehearsalState


class Rehearsal(Base):
    """A version of a policy over the order lines of the last `months`, at the revision that was asked about.

    total and done count order lines. result: `portal.rehearsals.rules.Effect` as JSON, once it is done.
    """

    __tablename__ = "rehearsal"
    __table_args__ = (
        one_of("state", RehearsalState),
        CheckConstraint("(state = 'done') = (result IS NOT NULL)", name="result"),
        CheckConstraint("months BETWEEN 1 AND 24", name="months"),
        CheckConstraint("done BETWEEN 0 AND total", name="progress"),
        Index("ix_rehearsal_policy_id", "policy_id", "id"),
    )

    id: Mapped[Key]
    policy_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("price_policy.id"))
    revision: Mapped[int] = mapped_column(Integer)
    months: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(server_default="waiting")
    total: Mapped[int] = mapped_column(Integer, server_default="0")
    done: Mapped[int] = mapped_column(Integer, server_default="0")
    asked_by: Mapped[str]
    asked_by_label: Mapped[str]
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(server_default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
