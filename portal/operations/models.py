"""What is known of the safety of the data: backups, and trials at restoring them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.operations.rules import BackupKind


class BackupRun(Base):
    """A backup, or a trial of one, that ended. name: of the backup. bytes: as it is kept. error: why it is
    none; then nothing of it can be restored. note: what a trial counted.

    The backup itself lies elsewhere, and is whole without this row: this is for whoever watches.
    """

    __tablename__ = "backup_run"
    __table_args__ = (
        one_of("kind", BackupKind),
        CheckConstraint("ended_at >= began_at", name="span"),
        CheckConstraint("bytes >= 0", name="bytes"),
        Index("ix_backup_run_kind_ended_at", "kind", "ended_at"),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    name: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    bytes: Mapped[int] = mapped_column(server_default="0")
    note: Mapped[str] = mapped_column(server_default="")
    error: Mapped[str | None]
