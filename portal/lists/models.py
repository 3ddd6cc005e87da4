"""Views that people keep of lists."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base


class SavedView(Base):
    """A list as somebody wants to find it again; for that person only.

    place: 1 to 20, so that nobody keeps more. query: of the list's address, its filters and columns.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("user_id", "listing", "name"),
        CheckConstraint("place BETWEEN 1 AND 20", name="place"),
        CheckConstraint(
            "length(listing) BETWEEN 1 AND 40 AND length(name) BETWEEN 1 AND 60 AND length(query) <= 1000",
            name="lengths",
        ),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), primary_key=True)
    listing: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str]
    query: Mapped[str]
