"""A dealer's own side of recalls: its response and the notice, and nothing of anybody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.files.attach import FileRow, files_of
from portal.files.rules import Owner
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.recalls.queries import ScopeRow, scope_of
from portal.recalls.read_files import OWNER_KIND, owner_number
from portal.recalls.vocabulary import RecallRight


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A recall in a dealer's list, with how far it is itself."""

    id: int
    number: str
    title: str
    level: int
    is_drill: bool
    held: int
    state: str
    is_over: bool
    notified_at: datetime
    notices_by: date
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecall:
    """A recall as its holder sees it, with its own answer and the photos of it."""

    number: str
    title: str
    level: int
    is_drill: bool
    reason: str
    demands: str
    decided_at: datetime
    notices_by: date
    is_over: bool
    held: int
    state: str
    notified_at: datetime
    read_at: datetime | None
    answered_at: datetime | None
    answered_by_label: str
    found: int
    used: int
    passed_on: int
    returned: int
    destroyed: int
    passed_to: str
    witness: str
    note: str
    scope: tuple[ScopeRow, ...]
    photos: tuple[FileRow, ...]


def own_recalls(
    session: Session, *, actor: Actor, limit: int = 50, cursor: str | None = None, sort: str = ""
) -> Page[OwnRow]:
    """Recalls of what a dealer holds or held, the latest first."""
    actor.require(RecallRight.READ)
    sought = {"dealer_id": actor.own_dealer_id}
    return OWN.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_own_recalls(session: Session, *, actor: Actor) -> int:
    """How many recalls `own_recalls` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(RecallRight.READ)
    return OWN.count(session, {"dealer_id": actor.own_dealer_id})


def own_recall(session: Session, *, actor: Actor, number: str) -> OwnRecall:
    """A recall as its holder sees it. Raises NotFound for one that does not concern it, Forbidden."""
    actor.require(RecallRight.READ)
    about = {"number": number, "dealer_id": actor.own_dealer_id}
    row = session.execute(_OWN, about).one_or_none()
    if row is None:
        raise NotFound()
    owner = Owner(OWNER_KIND, owner_number(number, row.code), actor.own_dealer_id)
    scope = scope_of(session, row.recall_id, row.version_no)
    return value_of(OwnRecall, row, scope=scope, photos=tuple(files_of(session, owner)))


OWN = DocumentList(
    "own recalls",
    "r",
    "notified_at",
    OwnRow,
    columns="""
    r.id, k.number, k.title, k.level, k.is_drill, r.held, r.state, k.ended_at IS NOT NULL AS is_over,
    r.notified_at, k.notices_by, r.answered_at
    """,
    tables="""
    FROM (SELECT x.*, x.recall_id AS id FROM recall_response x) r JOIN recall k ON k.id = r.recall_id
    """,
    conditions={"dealer_id": "r.dealer_id = :dealer_id"},
)
OWN_LATEST_FIRST = OWN.latest_first
# The scope of the decision that the holder was told of, not of a wider one in preparation.
_OWN = text(
    """
    SELECT r.recall_id, r.version_no, d.code, k.number, k.title, k.level, k.is_drill, k.reason, k.demands,
           k.decided_at, k.notices_by, k.ended_at IS NOT NULL AS is_over, r.held, r.state, r.notified_at,
           r.read_at, r.answered_at, r.answered_by_label, r.found, r.used, r.passed_on, r.returned,
           r.destroyed, r.passed_to, r.witness, r.note
      FROM recall k JOIN recall_response r ON r.recall_id = k.id AND r.dealer_id = :dealer_id
      JOIN dealer d ON d.id = r.dealer_id
     WHERE k.number = :number
    """
)
