"""Note that a backup ended, for whoever watches."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.operations.models import BackupRun
from portal.operations.queries import require_operator
from portal.operations.rules import BackupKind
from portal.operations.vocabulary import OperationsRight

_ERROR_MAX = 500  # characters


def record_backup(
    session: Session,
    *,
    actor: Actor,
    kind: BackupKind,
    name: str,
    began_at: datetime,
    at: datetime,
    size: int = 0,
    note: str = "",
    error: str | None = None,
) -> None:
    """Keep what became of a backup or a trial. size: its bytes. Raises Forbidden."""
    actor.require(OperationsRight.OPERATE)
    require_operator(actor)
    ended = {"kind": kind, "name": name, "began_at": began_at, "ended_at": at}
    found = {"bytes": size, "note": note[:_ERROR_MAX], "error": error[:_ERROR_MAX] if error else None}
    session.execute(insert(BackupRun).values(**ended, **found))
