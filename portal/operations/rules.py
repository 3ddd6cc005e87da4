"""When something of the running portal is too old, too long or too much. Pure.

The same limits stand in the alerts (``deploy/watch/alerts.yml``); a test compares them.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

COUNTED_MAX = 10_000
"""How far rows are counted; one more stands for any number beyond."""

OUTBOX_LATE = timedelta(minutes=5)
SEAL_LATE = timedelta(minutes=15)
BACKUP_LATE = timedelta(hours=26)
DRILL_LATE = timedelta(days=35)
CHECK_LATE = timedelta(hours=30)
ARCHIVE_LATE = timedelta(minutes=5)
SCHEDULE_LATE = timedelta(minutes=2)


class BackupKind(StrEnum):
    """What a run at the safety of the data was."""

    FULL = "full"
    INCREMENTAL = "incremental"
    VERIFIED = "verified"
    DRILL = "drill"


BACKUPS = (BackupKind.FULL, BackupKind.INCREMENTAL)
"""The kinds that can be restored."""
