"""Papers and authorisations of dealers under lock, by their key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.errors import N_, Conflict, NotFound


@dataclass(frozen=True, slots=True)
class LockedPaper:
    """A paper that nobody else can decide on until the commit."""

    dealer_id: int
    id: int
    number: str
    revision: int
    kind: str
    state: str
    paper_no: str
    valid_from: date
    valid_to: date | None
    replaces_id: int | None
    filed_by: str

    @property
    def key(self) -> dict[str, Any]:
        """Its key."""
        return {"dealer_id": self.dealer_id, "id": self.id}


@dataclass(frozen=True, slots=True)
class LockedAuthorisation:
    """An authorisation that nobody else can decide on until the commit."""

    dealer_id: int
    id: int
    number: str
    revision: int
    state: str
    valid_from: date
    valid_to: date | None
    proposed_by: str

    @property
    def key(self) -> dict[str, Any]:
        """Its key."""
        return {"dealer_id": self.dealer_id, "id": self.id}


def lock_paper(
    session: Session, number: str, *, revision: int | None = None
) -> tuple[LockedPaper, dict[int, LockedPaper]]:
    """Lock a paper with the one it renews and the receipts of that one, by id.

    Raises NotFound out of scope, Conflict when it has changed since `revision`.
    """
    key = session.execute(_KEY, {"number": number}).one_or_none()
    if key is None:
        raise NotFound()
    rows = session.execute(_LOCK, key._asdict())
    locked = {row.id: value_of(LockedPaper, row) for row in rows}
    paper = locked[key.id]
    _require_revision(paper.revision, revision)
    return paper, locked


def lock_authorisation(session: Session, number: str, *, revision: int | None = None) -> LockedAuthorisation:
    """Lock an authorisation. Raises NotFound out of scope, Conflict when it has changed."""
    row = session.execute(_LOCK_AUTHORISATION, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    _require_revision(row.revision, revision)
    return value_of(LockedAuthorisation, row)


def receipts(locked: Iterable[LockedPaper], of: int) -> list[LockedPaper]:
    """Of locked papers the receipts of a licence whose renewal was asked for, which count."""
    return [
        one
        for one in locked
        if one.replaces_id == of and one.kind == "renewal_receipt" and one.state == "accepted"
    ]


def _require_revision(now: int, read: int | None) -> None:
    if read is not None and read != now:
        raise Conflict(
            "edited_meanwhile",
            N_("Somebody else has decided on this meanwhile."),
            fix=N_("Look at it as it is now, and go on from there."),
        )


_KEY = text("SELECT dealer_id, id, replaces_id FROM dealer_paper WHERE number = :number")
_LOCK = text(
    """
    SELECT dealer_id, id, number, revision, kind, state, paper_no, valid_from, valid_to, replaces_id, filed_by
      FROM dealer_paper
     WHERE dealer_id = :dealer_id
       AND (id IN (:id, CAST(:replaces_id AS bigint))
            OR (replaces_id IN (:id, CAST(:replaces_id AS bigint)) AND kind = 'renewal_receipt'))
     ORDER BY id FOR UPDATE
    """
)
_LOCK_AUTHORISATION = text(
    """
    SELECT dealer_id, id, number, revision, state, valid_from, valid_to, proposed_by FROM authorisation
     WHERE number = :number FOR UPDATE
    """
)
