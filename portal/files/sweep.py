"""What nobody needs any more: drafts that no document took, and bytes that no row tells of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.files.rules import DRAFT_DAYS
from portal.files.store import FileStore
from portal.kernel.db import rows_changed

_UNFINISHED = timedelta(days=1)
"""How long bytes may be there before their row, for no request takes that long, and an upload go on."""
_AT_ONCE = 1000


def forget_drafts(session: Session, *, at: datetime) -> int:
    """Delete the rows of drafts that are older than they may be; how many."""
    return rows_changed(session, _FORGET, {"before": at - timedelta(days=DRAFT_DAYS)})


def forget_uploads(session: Session, *, at: datetime) -> int:
    """Delete the rows of uploads in pieces that were begun more than a day ago; how many."""
    return rows_changed(session, _FORGET_UPLOADS, {"before": at - _UNFINISHED})


def sweep_store(session: Session, *, store: FileStore, at: datetime) -> int:
    """Delete bytes without a row, but for those that may still get one; how many.

    The session sees every row.
    """
    swept = 0
    old = (stored.key for stored in store.everything() if stored.since < at - _UNFINISHED)
    while keys := list(islice(old, _AT_ONCE)):
        for key in _orphans(session, keys):
            store.delete(key)
            swept += 1
    return swept


def _orphans(session: Session, keys: list[str]) -> Iterator[str]:
    """Those whose file has no row; a small picture goes with its file, a piece with its upload."""
    ids = {key: key.partition(".")[0] for key in keys}
    known = set(session.scalars(_KNOWN, {"ids": list(ids.values())}))
    return (key for key, file_id in ids.items() if file_id not in known)


_FORGET = text("DELETE FROM stored_file WHERE state = 'draft' AND uploaded_at < :before")
_FORGET_UPLOADS = text("DELETE FROM file_upload WHERE begun_at < :before")
_KNOWN = text(
    "SELECT id FROM stored_file WHERE id = ANY (:ids)"
    " UNION ALL SELECT id FROM file_upload WHERE id = ANY (:ids) AND file_id IS NULL"
)
