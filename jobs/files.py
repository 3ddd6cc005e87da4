"""Small pictures of what was uploaded, and the end of what nobody attached."""

from __future__ import annotations

import structlog

from jobs import resources
from portal.files.preview_file import make_preview
from portal.files.store import store_at
from portal.files.sweep import forget_drafts, forget_uploads, sweep_store
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect

_log = structlog.get_logger("jobs.files")


def preview(effect: Effect) -> None:
    """Make the small picture of an uploaded one."""
    make_preview(store_at(resources.settings().files_url), **effect.payload)


def sweep() -> None:
    """Delete drafts and uploads that are too old, then what lies in the store without a row."""
    at, store = clock.now(), store_at(resources.settings().files_url)
    with transaction(resources.database().system_session()) as session:
        drafts, uploads = forget_drafts(session, at=at), forget_uploads(session, at=at)
    with transaction(resources.database().system_session()) as session:
        orphans = sweep_store(session, store=store, at=at)
    _log.info("files_swept", drafts=drafts, uploads=uploads, orphans=orphans)
