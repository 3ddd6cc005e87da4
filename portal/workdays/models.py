"""When the company works: its hours, the days that differ from a plain week, and for which years those are
complete.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Integer, SmallInteger, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base


class WorkSetting(Base):
    """The hours of a working day, in the one row there is. opens, closes: minutes of the day, span by span.

    revision: of hours, days and years together.
    """

    __tablename__ = "work_setting"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint(
            "cardinality(opens) BETWEEN 1 AND 4 AND cardinality(closes) = cardinality(opens)", name="spans"
        ),
    )

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    opens: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    closes: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    set_by_label: Mapped[str] = mapped_column(server_default="")
    set_at: Mapped[datetime] = mapped_column(server_default=func.now())


class WorkDay(Base):
    """A day that is worked, or off, whatever its weekday. source: who says so."""

    __tablename__ = "work_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    name_zh: Mapped[str] = mapped_column(server_default="")
    name_en: Mapped[str] = mapped_column(server_default="")
    source: Mapped[str] = mapped_column(server_default="")


class WorkYear(Base):
    """A year for which every day that differs is in the table. source: the notice that announced them."""

    __tablename__ = "work_year"

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    source: Mapped[str]
    entered_by_label: Mapped[str] = mapped_column(server_default="")
    entered_at: Mapped[datetime] = mapped_column(server_default=func.now())
