"""When something of the running portal is too old, too long or too much. Pure.

The same limits stand in the alerts (``deploy/watch/alerts.yml``); a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.kernel.errors import N_

COUNTED_MAX = 10_000
"""How far rows are counted; one more stands for any number beyond."""

OUTBOX_LATE = timedelta(minutes=5)
SEAL_LATE = timedelta(minutes=15)
BACKUP_LATE = timedelta(hours=26)
DRILL_LATE = timedelta(days=35)
CHECK_LATE = timedelta(hours=30)
UNRECEIVED_MAX = 64 * 2**20
"""Bytes of the database's log that no backup has: four segments."""
SCHEDULE_LATE = timedelta(minutes=2)


class BackupKind(StrEnum):
    """What a run at the safety of the data was."""

    FULL = "full"
    INCREMENTAL = "incremental"
    VERIFIED = "verified"
    DRILL = "drill"


BACKUPS = (BackupKind.FULL, BackupKind.INCREMENTAL)
"""The kinds that can be restored."""


@dataclass(frozen=True, slots=True)
class Ages:
    """When things happened last, or are due since; None for never, or nothing is due."""

    due_since: datetime | None
    unsealed_since: datetime | None
    backed_up_at: datetime | None
    tried_at: datetime | None
    checked_at: datetime | None
    scheduled_at: datetime | None
    log_is_lost: bool


def troubles(ages: Ages, at: datetime) -> list[str]:
    """What an operator has to look into, as `ages` say. In English, translated where it is shown."""
    late = [
        (OUTBOX_LATE, ages.due_since, False, N_("What follows from business acts is not carried out.")),
        (SEAL_LATE, ages.unsealed_since, False, N_("Acts of the audit are not sealed.")),
        (SCHEDULE_LATE, ages.scheduled_at, True, N_("No schedule is heard of.")),
        (CHECK_LATE, ages.checked_at, True, N_("The books were not compared last night.")),
        (BACKUP_LATE, ages.backed_up_at, True, N_("There is no backup of the last day.")),
        (DRILL_LATE, ages.tried_at, True, N_("No backup was restored for a trial in five weeks.")),
    ]
    found = [said for limit, since, never, said in late if (at - since > limit if since else never)]
    if ages.log_is_lost:
        found.append(N_("Nobody receives the log of the database: what happens now is in no backup."))
    return found
