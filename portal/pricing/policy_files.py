"""Files of a policy: attached to a draft, read by who may read it, handed to its dealers by the feed.

What may be attached, and what a file is, are the feed's rules.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.feed.attachments import File, checked_file
from portal.feed.queries import FileRow
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.pricing.policies import policy
from portal.pricing.versions import answerable, next_revision
from portal.pricing.vocabulary import PriceAction, PriceRight

_ATTACH = text(
    """
    INSERT INTO policy_attachment (policy_id, place, name, media_type, size, sha256, content)
    SELECT :policy_id, min(place), :name, :media_type, :size, :sha256, :content
      FROM generate_series(1, 10) AS free(place)
     WHERE NOT EXISTS (SELECT FROM policy_attachment f
                        WHERE f.policy_id = :policy_id AND f.place = free.place)
    """
)
_DETACH = text("DELETE FROM policy_attachment WHERE policy_id = :policy_id AND place = :place RETURNING name")
_FILES = text(
    """
    SELECT place, name, media_type, size, sha256 FROM policy_attachment WHERE policy_id = :policy_id
     ORDER BY place
    """
)
_WHOLE = text(
    """
    SELECT name, media_type, sha256, content FROM policy_attachment
     WHERE policy_id = :policy_id AND (CAST(:place AS int) IS NULL OR place = :place) ORDER BY place
    """
)
_COPY = text(
    """
    INSERT INTO policy_attachment (policy_id, place, name, media_type, size, sha256, content)
    SELECT :target, place, name, media_type, size, sha256, content FROM policy_attachment
     WHERE policy_id = :source
    """
)


def attach_file(
    session: Session, *, actor: Actor, policy_id: int, revision: int, name: str, content: bytes
) -> int:
    """Add a file to a draft as it was read at `revision`. Returns the new revision.

    Raises Invalid with what is wrong with the file, NotFound, Conflict.
    """
    actor.require(PriceRight.POLICIES)
    answerable(session, actor, policy_id)
    claimed = next_revision(session, actor, policy_id, revision)
    file = checked_file(name, content, attached=len(files(session, policy_id)))
    session.execute(_ATTACH, {"policy_id": policy_id, "size": len(content), **asdict(file)})
    after = {"name": file.name, "size": len(content), "sha256": file.sha256}
    record(
        session,
        PriceAction.POLICY_FILE_ATTACHED,
        str(policy_id),
        actor=actor,
        dealer_id=None,
        after=after,
    )
    return claimed


def detach_file(session: Session, *, actor: Actor, policy_id: int, revision: int, place: int) -> int:
    """Take a file off a draft as it was read at `revision`. Returns the new revision.

    Raises NotFound, Conflict.
    """
    actor.require(PriceRight.POLICIES)
    answerable(session, actor, policy_id)
    claimed = next_revision(session, actor, policy_id, revision)
    name = session.scalar(_DETACH, {"policy_id": policy_id, "place": place})
    if name is None:
        raise NotFound()
    record(
        session,
        PriceAction.POLICY_FILE_REMOVED,
        str(policy_id),
        actor=actor,
        dealer_id=None,
        before={"name": name},
    )
    return claimed


def attached_file(session: Session, *, actor: Actor, policy_id: int, place: int, at: datetime) -> File:
    """A file of a version that the actor may read. Raises NotFound, Forbidden."""
    actor.require(PriceRight.POLICIES, PriceRight.APPROVE)
    policy(session, actor=actor, policy_id=policy_id, at=at)
    found = _files(session, policy_id, place)
    if not found:
        raise NotFound()
    return found[0]


def files(session: Session, policy_id: int) -> tuple[FileRow, ...]:
    """The files of a version that was found, without their bytes."""
    return tuple(FileRow(**row._mapping) for row in session.execute(_FILES, {"policy_id": policy_id}))


def whole_files(session: Session, policy_id: int) -> list[File]:
    """The files of a version with their bytes, for its entry in the feed."""
    return _files(session, policy_id, None)


def copy_files(session: Session, *, source: int, target: int) -> None:
    """Give a draft the files of another version."""
    session.execute(_COPY, {"source": source, "target": target})


def _files(session: Session, policy_id: int, place: int | None) -> list[File]:
    rows = session.execute(_WHOLE, {"policy_id": policy_id, "place": place})
    return [File(row.name, row.media_type, row.sha256, bytes(row.content)) for row in rows]
