"""Every hour some dealers' snapshots are compared with the ledger: each dealer's once a day."""

from __future__ import annotations

import structlog

from jobs import resources
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.ledger.snapshot_checks import differing

_log = structlog.get_logger("jobs.snapshots")


class SnapshotsDiffer(RuntimeError):
    """Snapshots are not the sum of their ledger: the job fails, so that somebody sees it."""


def sweep(part: int | None = None) -> None:
    """Compare the slice whose turn it is by the hour. Raises SnapshotsDiffer."""
    with transaction(resources.database().system_session()) as session:
        found = differing(session, part=clock.now().hour if part is None else part)
    for one in found:
        _log.error("snapshot_differs", subject=one.subject, kept=one.kept, counted=one.counted)
    if found:
        raise SnapshotsDiffer(f"{len(found)} differences, the first at {found[0].subject}")
