"""Sales areas and provinces."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key


class Region(Base):
    """A node of the region tree: level 1 is a sales area (华东), level 2 a province (上海市)."""

    __tablename__ = "region"
    __table_args__ = (CheckConstraint("level IN (1, 2)", name="level"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("region.id"), index=True)
