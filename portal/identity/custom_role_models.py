"""Roles that a side composes itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key


class CustomRole(Base):
    """A role that a dealer's owner or an administrator put together. `dealer_id` is None for headquarters.

    code: by which accounts have it, beside the built-in ones; random, and never given again. told_as: the
    built-in roles whose letters its people get.
    """

    __tablename__ = "custom_role"
    __table_args__ = (
        CheckConstraint("code ~ '^own-[0-9a-z]{12}$'", name="code"),
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("rights <> '{}' AND array_position(rights, NULL) IS NULL", name="rights"),
        CheckConstraint(
            r"""CASE WHEN dealer_id IS NULL THEN array_to_string(rights, ' ') ~ '^hq:\S+( hq:\S+)*$'
            ELSE ' ' || array_to_string(rights, ' ') !~ ' hq:' END""",
            name="side",
        ),
        CheckConstraint(
            "NOT rights && ARRAY['hq:admin', 'people:write', 'clients:write']", name="never_given"
        ),
    )

    id: Mapped[Key]
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    rights: Mapped[list[str]] = mapped_column(ARRAY(Text))
    told_as: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    revision: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    created_by_label: Mapped[str]


Index(
    "uq_custom_role_name",
    func.coalesce(CustomRole.dealer_id, 0),
    func.lower(CustomRole.name),
    unique=True,
)
