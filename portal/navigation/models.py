"""Pages that people marked."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base


class UserFavourite(Base):
    """A page that somebody wants on top of the menu; for that person only.

    place: 1 to 12, so that nobody marks more. endpoint: of a menu entry.
    """

    __tablename__ = "user_favourite"
    __table_args__ = (
        UniqueConstraint("user_id", "endpoint"),
        CheckConstraint("place BETWEEN 1 AND 12", name="place"),
        CheckConstraint("length(endpoint) BETWEEN 1 AND 60", name="endpoint"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    endpoint: Mapped[str]
