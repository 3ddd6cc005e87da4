"""Seal what was done since the last minute. Nobody waits for it."""

from __future__ import annotations

import structlog

from jobs import resources
from portal.audit.seal import note_horizon, seal_batch
from portal.audit.signing import AuditKey, SealingUnavailable, load_key
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction

BATCHES_MAX = 200
"""A run seals so many at most: after years without a key the rest waits for the next."""

_log = structlog.get_logger("jobs.seal_audit")


def seal() -> int:
    """Seal all that is complete, a batch a transaction, and note what the next run may seal; how many."""
    if (key := _key()) is None:
        return 0
    sealed = 0
    while sealed < BATCHES_MAX and _seal_next(key):
        sealed += 1
    with transaction(resources.database().system_session()) as session:
        note_horizon(session)
    return sealed


def _seal_next(key: AuditKey) -> bool:
    with transaction(resources.database().system_session()) as session:
        return seal_batch(session, actor=SYSTEM, key=key, at=clock.now()) is not None


def _key() -> AuditKey | None:
    try:
        return load_key(resources.settings().audit_key)
    except SealingUnavailable as error:
        _log.error("audit_not_sealed", reason=str(error))
        return None
