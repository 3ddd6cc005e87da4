"""A file comes in piece by piece, over a line that breaks: each piece says where it begins.

Whoever sends asks how far the file has come, and goes on from there; a piece that came before is told so and
changes nothing. The last piece makes the file as any other (`portal.files.upload_file`). What nobody goes on
with is forgotten after a day, its pieces are swept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.files.drafts import is_own
from portal.files.rules import (
    check_name,
    check_piece,
    check_size,
    plain_name,
)
from portal.files.store import FileStore
from portal.files.upload_file import UploadedFile, take_room, upload_file
from portal.files.vocabulary import FileRight
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, NotFound, Unavailable
from portal.kernel.numbering import new_number


@dataclass(frozen=True, slots=True)
class Upload:
    """How far a file has come. size, offset: bytes. file: what was made of it, once it was whole."""

    id: str
    size: int
    offset: int
    file: UploadedFile | None = None


def begin_upload(session: Session, *, actor: Actor, name: str, size: int, at: datetime) -> Upload:
    """Announce a file of so many bytes. Raises Invalid, also for too many that wait; Forbidden."""
    actor.require(FileRight.DESK if actor.is_staff else FileRight.WRITE)
    name = plain_name(name)
    check_name(name)
    check_size(size)
    take_room(session, actor, size)
    upload = Upload(new_number("FU", at.date()), size, 0)
    session.execute(
        _BEGIN,
        {
            "id": upload.id,
            "dealer_id": actor.dealer_id,
            "name": name,
            "size": size,
            "actor": actor.key,
            "at": at,
        },
    )
    return upload


def upload_so_far(session: Session, *, actor: Actor, upload_id: str) -> Upload:
    """Where to go on. Raises NotFound for one that is not there for the actor, or not any more."""
    row = _own(session.execute(_FIND, {"id": upload_id}).one_or_none(), actor)
    return _said(session, row)


def add_piece(
    session: Session,
    *,
    actor: Actor,
    store: FileStore,
    scan: Callable[[bytes], None],
    upload_id: str,
    offset: int,
    piece: bytes,
    at: datetime,
) -> Upload:
    """Add the bytes that begin at an offset; with the last of them the file is taken in as a draft.

    A piece that does not begin where the file ends so far changes nothing: the answer says where to go on.
    Raises Invalid for one that is too large or goes beyond the announced size, and as `upload_file`;
    NotFound, Forbidden, Unavailable.
    """
    actor.require(FileRight.DESK if actor.is_staff else FileRight.WRITE)
    row = _own(session.execute(_LOCK, {"id": upload_id}).one_or_none(), actor)
    if offset != row.received or row.received == row.size:
        return _said(session, row)
    check_piece(len(piece), row.size - offset, len(row.pieces))
    store.put(_key(row.id, offset), piece)
    received = offset + len(piece)
    if received < row.size:
        session.execute(_RECEIVE, {"id": row.id, "received": received, "pieces": [offset]})
        return Upload(row.id, row.size, received)
    content = b"".join([*_pieces(store, row), piece])
    session.execute(_RECEIVE, {"id": row.id, "received": received, "pieces": [offset]})
    file = upload_file(session, actor=actor, store=store, scan=scan, name=row.name, content=content, at=at)
    session.execute(_MADE, {"id": row.id, "file": file.id})
    return Upload(row.id, row.size, received, file)


def abandon_upload(session: Session, *, actor: Actor, upload_id: str) -> None:
    """Forget an upload: what came was refused, or nobody wants to go on. Raises NotFound."""
    row = _own(session.execute(_LOCK, {"id": upload_id}).one_or_none(), actor)
    session.execute(_FORGET, {"id": row.id})


def _own(row: Record | None, actor: Actor) -> Record:
    if row is None or not is_own(row, actor):
        raise NotFound()
    return row


def _said(session: Session, row: Record) -> Upload:
    upload = Upload(row.id, row.size, row.received)
    if row.file_id is None:
        return upload
    file = session.execute(_FILE, {"id": row.file_id}).one_or_none()
    return replace(upload, file=UploadedFile(**file._mapping)) if file else upload


def _pieces(store: FileStore, row: Record) -> list[bytes]:
    try:
        return [store.get(_key(row.id, offset)) for offset in row.pieces]
    except OSError as error:
        message = N_("What was sent of this file before cannot be read at present.")
        raise Unavailable("file_unavailable", message, fix=N_("Try again later.")) from error


def _key(upload_id: str, offset: int) -> str:
    return f"{upload_id}.{offset}"


_COLUMNS = "id, dealer_id, uploaded_by, name, size, received, pieces, file_id"
_FIND = text(f"SELECT {_COLUMNS} FROM file_upload WHERE id = :id")
_LOCK = text(f"SELECT {_COLUMNS} FROM file_upload WHERE id = :id FOR NO KEY UPDATE")
_BEGIN = text(
    """
    INSERT INTO file_upload (id, dealer_id, name, size, uploaded_by, begun_at)
    VALUES (:id, :dealer_id, :name, :size, :actor, :at)
    """
)
_RECEIVE = text(
    "UPDATE file_upload SET received = :received, pieces = pieces || CAST(:pieces AS integer[])"
    " WHERE id = :id"
)
_MADE = text("UPDATE file_upload SET file_id = :file WHERE id = :id")
_FORGET = text("DELETE FROM file_upload WHERE id = :id")
_FILE = text("SELECT id, name, media_type, size, sha256 FROM stored_file WHERE id = :id")
