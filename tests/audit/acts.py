"""Acts that leave the audit sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.audit.seal import note_horizon, seal_batch
from portal.audit.seals import Head
from portal.audit.signing import AuditKey
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction
from tests.audit.sealed import KEY


def minute_passed(database: Database, key: AuditKey = KEY, at: datetime | None = None) -> Sequence[Head]:
    """Seal what is complete and note what will be, as the job does."""
    heads = list[Head]()
    while head := _sealed(database, key, at or clock.now()):
        heads.append(head)
    with transaction(database.system_session()) as session:
        note_horizon(session)
    return heads


def sealed(database: Database) -> Sequence[Head]:
    """Seal everything that was done."""
    minute_passed(database)
    return minute_passed(database)


def _sealed(database: Database, key: AuditKey, at: datetime) -> Head | None:
    with transaction(database.system_session()) as session:
        return seal_batch(session, actor=SYSTEM, key=key, at=at)
