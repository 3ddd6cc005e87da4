"""A paper that is rendered when it is first asked for in a language, and handed out so from then on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, BinaryIO

from sqlalchemy import TextClause
from sqlalchemy.orm import Session

from portal.kernel.db import rows_changed

LOCALES = ("zh", "en")
"""In which papers are printed; the first for any other."""


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """A PDF with the name it is saved under and the hash of its bytes."""

    filename: str
    content: bytes
    sha256: str


def printed_in(locale: str) -> str:
    """The language of the paper for a visitor's language."""
    return locale if locale in LOCALES else LOCALES[0]


def handed_out(
    session: Session,
    *,
    found: TextClause,
    keep: TextClause,
    key: Mapping[str, Any],
    filename: str,
    render: Callable[[BinaryIO], None],
    at: datetime,
) -> KeptPaper:
    """The paper of a `key`, rendered where `found` finds none.

    found: SELECT content, sha256 by the key. keep: INSERT of the key, content, sha256 and at, ON CONFLICT DO
    NOTHING, since two may ask at once.
    """
    row = session.execute(found, key).one_or_none()
    if row is not None:
        return KeptPaper(filename, row.content, row.sha256)
    stream = BytesIO()
    render(stream)
    content = stream.getvalue()
    sha256 = hashlib.sha256(content).hexdigest()
    if not rows_changed(session, keep, {**key, "content": content, "sha256": sha256, "at": at}):
        row = session.execute(found, key).one()  # of two who asked at once, the first one's is the paper
        return KeptPaper(filename, row.content, row.sha256)
    return KeptPaper(filename, content, sha256)
