"""A file comes in: looked into, cleaned, stored; it belongs to no document yet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePath

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.files import drafts
from portal.files.content_rules import ENDINGS, PICTURES, media_type_of
from portal.files.pictures import kept_picture
from portal.files.preview_file import TOPIC
from portal.files.rules import check_drafts, check_name, check_size, plain_name, refuse
from portal.files.store import FileStore
from portal.files.vocabulary import FileAction, FileRight
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.numbering import new_number


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as it is stored. size: bytes. sha256: of what is stored, in hex."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str


def upload_file(
    session: Session,
    *,
    actor: Actor,
    store: FileStore,
    scan: Callable[[bytes], None],
    name: str,
    content: bytes,
    at: datetime,
) -> UploadedFile:
    """Take a file in as a draft. scan: raises Invalid for what a scanner knows, Unavailable without it.

    The bytes are in the store before the row is there: one without the other is swept, the other way round
    would be a file that is told of and cannot be read. Raises Invalid with what is wrong, Forbidden,
    Unavailable.
    """
    actor.require(FileRight.DESK if actor.is_staff else FileRight.WRITE)
    name = plain_name(name)
    check_name(name)
    check_size(len(content))
    require_room(session, actor, len(content))
    media_type = media_type_of(name, content)
    if actor.link is not None and media_type not in PICTURES:
        raise refuse("no_picture", N_("Only photos are taken here."), N_("Send a picture (JPEG, PNG, HEIC)."))
    scan(content)
    if media_type in PICTURES:
        content, media_type = kept_picture(content, media_type)
        name = _named_as(name, media_type)
    file = UploadedFile(
        new_number("FI", at.date()), name, media_type, len(content), hashlib.sha256(content).hexdigest()
    )
    store.put(file.id, content)
    take_room(session, actor, len(content))  # anew: others came in while this one was looked into
    _insert(session, actor, file, at)
    if media_type in PICTURES:
        outbox.add(session, TOPIC, dealer_id=actor.dealer_id, file_id=file.id, media_type=file.media_type)
    return file


def require_room(session: Session, actor: Actor, size: int) -> None:
    """Raise Invalid when too many files of the actor's wait for a document already, or come. size: bytes."""
    waiting = session.execute(_WAITING, drafts.of(actor)).one()
    check_drafts(waiting.files, waiting.bytes, size, by_link=actor.link is not None)


def take_room(session: Session, actor: Actor, size: int) -> None:
    """The same for a row that is written now, one at a time: two at once do not take the last place both."""
    session.execute(_ONE_AT_A_TIME, {"whose": drafts.whose(actor)})
    require_room(session, actor, size)


def _named_as(name: str, media_type: str) -> str:
    """A name that ends as its type does: a picture may have become another."""
    endings = ENDINGS[media_type]
    return name if name.lower().endswith(endings) else PurePath(name).with_suffix(endings[0]).name


def _insert(session: Session, actor: Actor, file: UploadedFile, at: datetime) -> None:
    session.execute(
        _INSERT,
        {
            **asdict(file),
            "dealer_id": actor.dealer_id,
            "actor": actor.key,
            "actor_label": actor.label,
            "at": at,
        },
    )
    told = {"name": file.name, "size": file.size, "sha256": file.sha256}
    record(session, FileAction.UPLOADED, file.id, actor=actor, dealer_id=actor.dealer_id, after=told)


_WAITING = text(
    f"""
    SELECT count(*) AS files, CAST(coalesce(sum(size), 0) AS bigint) AS bytes
      FROM (SELECT f.size FROM stored_file f WHERE f.state = 'draft' AND {drafts.OWN}
            UNION ALL
            SELECT f.size FROM file_upload f WHERE f.received < f.size AND {drafts.OWN}) waiting
    """
)
# Only while the row is written, so that nobody waits for the scan of another's file.
_ONE_AT_A_TIME = text(
    """
    SELECT pg_advisory_xact_lock(hashtextextended('stored_file ' || :whose, 0))
    """
)
_INSERT = text(
    """
    INSERT INTO stored_file (id, dealer_id, name, media_type, size, sha256, uploaded_by, uploaded_by_label,
                             uploaded_at)
    VALUES (:id, :dealer_id, :name, :media_type, :size, :sha256, :actor, :actor_label, :at)
    """
)
