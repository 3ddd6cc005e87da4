"""Sales areas and provinces, and which province belongs to which area from a day on."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.regions.rules import MoveState


class Region(Base):
    """A node of the region tree: level 1 is a sales area (华东), level 2 a province (上海市).

    parent_id: the area in which it began. What reads the tree reads the view `region`, which has the area of
    today, or `portal.regions.fragments.regions_on` for another day.
    """

    __tablename__ = "region_node"
    __table_args__ = (CheckConstraint("level IN (1, 2)", name="level"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("region_node.id"), index=True)


class RegionMove(Base):
    """A province belongs to another sales area from a day on, as one person asked and another approved.

    number: ``BJ…``. proposed_by, decided_by: `Actor.key`.
    """

    __tablename__ = "region_move"
    __table_args__ = (
        one_of("state", MoveState),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(
            """CASE WHEN state = 'waiting' THEN num_nulls(decided_by, decided_by_label, decided_at) = 3
            ELSE num_nulls(decided_by, decided_by_label, decided_at) = 0 END""",
            name="decided",
        ),
        CheckConstraint(
            "CASE WHEN state = 'withdrawn' THEN decided_by = proposed_by ELSE decided_by <> proposed_by END",
            name="other_person",
        ),
        Index("uq_region_move_waiting", "region_id", unique=True, postgresql_where="state = 'waiting'"),
        Index(
            "uq_region_move_day",
            "region_id",
            "valid_from",
            unique=True,
            postgresql_where="state = 'approved'",
        ),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    region_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    parent_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    valid_from: Mapped[date]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=MoveState.WAITING)
    proposed_by: Mapped[str]
    proposed_by_label: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(server_default="")
