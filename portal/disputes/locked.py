"""A dispute under the lock of its statement, and its conversation one entry more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.account import lock_account
from portal.disputes.rules import DisputeState, EntryKind, plain
from portal.files.attach import attach_files
from portal.files.rules import Owner
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.statements.answers import LockedAnswer, lock_answer

OWNER_KIND = "dispute"
"""The kind of document that disputes are to the files."""


@dataclass(frozen=True, slots=True)
class LockedDispute:
    """A dispute that nobody else can change until the commit."""

    dealer_id: int
    id: int
    number: str
    state: DisputeState
    answer: LockedAnswer


def lock_dispute(session: Session, number: str, *, with_account: bool = False) -> LockedDispute:
    """Lock a dispute with its statement, and before them the account where something is posted.

    Raises NotFound out of scope.
    """
    found = session.execute(_FIND, {"number": number}).one_or_none()
    if found is None:
        raise NotFound()
    if with_account:
        lock_account(session, found.dealer_id)
    answer = lock_answer(session, found.statement)
    state = session.execute(_STATE, {"dealer_id": found.dealer_id, "id": found.id}).scalar_one()
    return LockedDispute(found.dealer_id, found.id, number, DisputeState(state), answer)


def end(session: Session, dispute: LockedDispute, state: DisputeState, *, actor: Actor, at: datetime) -> None:
    """A locked dispute is over."""
    about = {"dealer_id": dispute.dealer_id, "id": dispute.id, "state": str(state)}
    session.execute(_END, about | {"actor": actor.key, "label": actor.label, "at": at})


def add_entry(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    dispute_id: int,
    number: str,
    kind: EntryKind,
    said: str,
    files: Sequence[str],
    at: datetime,
) -> None:
    """Add to the conversation of a locked dispute. Raises Invalid at ``/files/…``."""
    session.execute(
        _ENTRY,
        {
            "dealer_id": dealer_id,
            "dispute_id": dispute_id,
            "kind": str(kind),
            "is_staff": actor.is_staff,
            "actor": actor.key,
            "label": actor.label,
            "text": plain(said),
            "files": list(files),
            "at": at,
        },
    )
    attach_files(session, actor=actor, ids=files, owner=Owner(OWNER_KIND, number, dealer_id))


_FIND = text(
    """
    SELECT x.dealer_id, x.id, s.number AS statement
      FROM dispute x JOIN statement s ON (s.dealer_id, s.id) = (x.dealer_id, x.statement_id)
     WHERE x.number = :number
    """
)
_STATE = text("SELECT state FROM dispute WHERE (dealer_id, id) = (:dealer_id, :id)")
_END = text(
    """
    UPDATE dispute SET state = :state, ended_by = :actor, ended_by_label = :label, ended_at = :at
     WHERE (dealer_id, id) = (:dealer_id, :id)
    """
)
_ENTRY = text(
    """
    INSERT INTO dispute_entry (dealer_id, dispute_id, entry_no, kind, is_staff, author, author_label, text,
                               files, said_at)
    SELECT :dealer_id, :dispute_id, n.entries, :kind, :is_staff, :actor, :label, :text, :files, :at
      FROM (SELECT coalesce(max(entry_no), 0) + 1 AS entries FROM dispute_entry
             WHERE (dealer_id, dispute_id) = (:dealer_id, :dispute_id)) n
    """
)
