"""Files that were uploaded, and the documents they belong to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.files.rules import State
from portal.kernel.db import Base, one_of


class StoredFile(Base):
    """A file; its bytes lie in the store under its id.

    dealer_id: of the dealer who may see it, None for headquarters' own. owner_kind, owner_number: the
    document that it belongs to, empty for a draft; place: among the files of that document, from 1.
    is_shared: of a document that every dealer may see. media_type: found in its bytes, never taken from
    whoever sent it. size: bytes. sha256: of what is kept, which for a picture is not all that was sent.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        one_of("state", State),
        CheckConstraint("size BETWEEN 1 AND 62914560", name="size"),
        CheckConstraint(
            "(state = 'kept') = (owner_kind <> '') AND (state = 'kept') = (owner_number <> '')"
            " AND (state = 'kept') = (place > 0)",
            name="owner",
        ),
        CheckConstraint("NOT is_shared OR (state = 'kept' AND dealer_id IS NULL)", name="shared"),
        Index("ix_stored_file_owner", "owner_kind", "owner_number", postgresql_where="state = 'kept'"),
        Index("ix_stored_file_drafts", "uploaded_at", postgresql_where="state = 'draft'"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="draft")
    owner_kind: Mapped[str] = mapped_column(server_default="")
    owner_number: Mapped[str] = mapped_column(server_default="")
    place: Mapped[int] = mapped_column(Integer, server_default="0")
    is_shared: Mapped[bool] = mapped_column(Boolean, server_default="false")
    uploaded_by: Mapped[str]
    uploaded_by_label: Mapped[str]
    uploaded_at: Mapped[datetime]


class FileUpload(Base):
    """A file that comes in piece by piece.

    received: bytes that are there, in pieces that begin at `pieces`. size: bytes that were announced.
    file_id: what was made of it when it was whole. An upload is forgotten a day after it was begun.
    """

    __tablename__ = "file_upload"
    __table_args__ = (
        CheckConstraint("size BETWEEN 1 AND 62914560", name="size"),
        CheckConstraint("received BETWEEN 0 AND size", name="received"),
        CheckConstraint("file_id IS NULL OR received = size", name="file"),
        Index("ix_file_upload_begun_at", "begun_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    name: Mapped[str]
    size: Mapped[int] = mapped_column(Integer)
    received: Mapped[int] = mapped_column(Integer, server_default="0")
    pieces: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default="{}")
    uploaded_by: Mapped[str]
    begun_at: Mapped[datetime]
    file_id: Mapped[str | None]
