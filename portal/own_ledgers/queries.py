"""Uploaded ledgers for screens and API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.ledger.vocabulary import LedgerRight
from portal.own_ledgers.difference_rules import Kind
from portal.own_ledgers.sheet import SheetLine, Signature
from portal.statements.vocabulary import StatementRight

REMARKS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An uploaded ledger in a list. unanswered: differences without an answer of whoever looks."""

    id: int
    number: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    state: str
    filename: str
    first_day: date | None
    last_day: date | None
    matched: int
    difference_count: int
    difference: Decimal
    unanswered: int
    signatures: int
    uploaded_at: datetime
    uploaded_by_label: str


@dataclass(frozen=True, slots=True)
class LedgerDetail:
    """An uploaded ledger. error: faults as JSON."""

    id: int
    dealer_id: int
    number: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    revision: int
    state: str
    filename: str
    sha256: str
    layout: dict[str, Any]
    books: str | None
    found_books: str | None
    first_day: date | None
    last_day: date | None
    skip_unread: bool
    line_count: int
    matched: int
    difference_count: int
    ours_sum: Decimal
    theirs_sum: Decimal
    result: dict[str, Any]
    error: list[Any] | None
    uploaded_at: datetime
    uploaded_by_label: str
    finished_at: datetime | None
    superseded_by: str | None
    discarded_at: datetime | None
    discarded_by_label: str | None
    is_answered: bool
    is_signed: bool

    @property
    def difference(self) -> Decimal:
        """Theirs less ours."""
        return self.theirs_sum - self.ours_sum


@dataclass(frozen=True, slots=True)
class Shown(SheetLine):
    """A difference with its revision."""

    revision: int


@dataclass(frozen=True, slots=True)
class OfKind:
    """How many differences of a class there are and what they come to. unanswered: by whoever looks."""

    kind: Kind
    count: int
    amount: Decimal
    unanswered: int


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody said of a difference."""

    difference_no: int
    side: str
    verdict: str
    said: str
    said_at: datetime
    said_by_label: str


def require_reader(actor: Actor) -> None:
    """Raise Forbidden for who may not look at ledgers."""
    actor.require(LedgerRight.READ if actor.is_staff else StatementRight.READ)


def ledgers(session: Session, *, actor: Actor, limit: int = 50, cursor: str | None = None) -> Page[LedgerRow]:
    """Uploaded ledgers in the session's scope, the latest first. Raises Invalid for a foreign cursor."""
    require_reader(actor)
    cursors = paging.cursors(session, "own ledgers", datetime.fromisoformat, int)
    place = cursors.place_of(cursor)
    after = place.key if place else (None, None)
    parameters = {"limit": limit + 1, "after": after[0], "after_id": after[1], "of_staff": actor.is_staff}
    rows = [LedgerRow(**row._mapping) for row in session.execute(_LEDGERS, parameters)]
    return cursors.page_of(rows, limit, lambda row: (row.uploaded_at, row.id))


def count_ledgers(session: Session) -> int:
    """How many ledgers there are in the session's scope, at most one more than `paging.COUNTED_MAX`."""
    count: int = session.execute(_COUNT, {"most": paging.COUNTED_MAX + 1}).scalar_one()
    return count


def ledger(session: Session, *, actor: Actor, number: str) -> LedgerDetail:
    """An uploaded ledger. Raises NotFound out of the session's scope, Forbidden."""
    require_reader(actor)
    row = session.execute(_LEDGER, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return LedgerDetail(**row._mapping)


def differences(
    session: Session,
    *,
    of: LedgerDetail,
    kind: Kind | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Shown]:
    """What differs in a ledger, by class, or of one class. Raises Invalid for a foreign cursor."""
    cursors = paging.cursors(session, f"differences of {of.number} {kind or ''}", int)
    place = cursors.place_of(cursor)
    parameters = {
        "dealer_id": of.dealer_id,
        "ledger_id": of.id,
        "class": kind and str(kind),
        "after": place.key[0] if place else 0,
        "limit": limit + 1,
    }
    rows = session.execute(_differences(kind is not None), parameters)
    shown = [Shown(**{**row._mapping, "kind": Kind(row.kind)}) for row in rows]
    return cursors.page_of(shown, limit, lambda one: (one.no,))


def revisions(session: Session, *, of: LedgerDetail, nos: Sequence[int]) -> list[tuple[int, int]]:
    """Some differences with their revisions; of one that is not there, none. Sorted by their places."""
    asked = sorted(set(nos))
    found = session.execute(_REVISIONS, {"dealer_id": of.dealer_id, "ledger_id": of.id, "nos": asked})
    known = {row.no: row.revision for row in found}
    return [(no, known.get(no, 0)) for no in asked]


def by_kind(session: Session, *, of: LedgerDetail, of_staff: bool) -> list[OfKind]:
    """How many differences of each class there are, in the order of the contract."""
    parameters = {"dealer_id": of.dealer_id, "ledger_id": of.id, "of_staff": of_staff}
    found = [
        OfKind(**{**row._mapping, "kind": Kind(row.kind)}) for row in session.execute(_BY_KIND, parameters)
    ]
    order = list(Kind)
    return sorted(found, key=lambda one: order.index(one.kind))


def remarks(session: Session, *, of: LedgerDetail, nos: Sequence[int]) -> dict[int, list[Remark]]:
    """What was said of some differences, in order."""
    parameters = {
        "dealer_id": of.dealer_id,
        "ledger_id": of.id,
        "nos": list(nos),
        "limit": REMARKS_SHOWN,
    }
    said: dict[int, list[Remark]] = {}
    for row in session.execute(_REMARKS, parameters):
        said.setdefault(row.difference_no, []).append(Remark(**row._mapping))
    return said


def signatures(session: Session, *, of: LedgerDetail) -> list[Signature]:
    """Who signed."""
    rows = session.execute(_SIGNATURES, {"dealer_id": of.dealer_id, "ledger_id": of.id})
    return [Signature(**row._mapping) for row in rows]


@cache
def _differences(of_kind: bool) -> TextClause:
    return text(
        f"""
        SELECT no, class AS kind, ours, theirs, amount, confidence, dealer_answer, staff_answer, revision
          FROM own_ledger_difference
         WHERE dealer_id = :dealer_id AND ledger_id = :ledger_id AND no > :after
           {"AND class = :class" if of_kind else ""}
         ORDER BY no LIMIT :limit
        """
    )


_COUNT = text("SELECT count(*) FROM (SELECT FROM own_ledger LIMIT :most) met")
_LEDGERS = text(
    """
    SELECT o.id, o.number, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, o.state,
           o.filename, o.first_day, o.last_day, o.matched, o.difference_count,
           o.theirs_sum - o.ours_sum AS difference, o.uploaded_at, o.uploaded_by_label,
           (SELECT count(*) FROM own_ledger_difference f
             WHERE (f.dealer_id, f.ledger_id) = (o.dealer_id, o.id)
               AND CASE WHEN :of_staff THEN f.staff_answer ELSE f.dealer_answer END = 'open')::int
             AS unanswered,
           (SELECT count(*) FROM own_ledger_signature s
             WHERE (s.dealer_id, s.ledger_id) = (o.dealer_id, o.id))::int AS signatures
      FROM (SELECT * FROM own_ledger
             WHERE CAST(:after AS timestamptz) IS NULL OR (uploaded_at, id) < (:after, :after_id)
             ORDER BY uploaded_at DESC, id DESC LIMIT :limit) o
      JOIN dealer d ON d.id = o.dealer_id
     ORDER BY o.uploaded_at DESC, o.id DESC
    """
)
_LEDGER = text(
    """
    SELECT o.id, o.dealer_id, o.number, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           o.revision, o.state, o.filename, o.sha256, o.layout, o.books, o.found_books, o.first_day,
           o.last_day, o.skip_unread, o.line_count, o.matched, o.difference_count, o.ours_sum, o.theirs_sum,
           o.result, o.error, o.uploaded_at, o.uploaded_by_label, o.finished_at,
           o.superseded_by, o.discarded_at, o.discarded_by_label,
           EXISTS (SELECT FROM own_ledger_remark r
                    WHERE (r.dealer_id, r.ledger_id) = (o.dealer_id, o.id))
             OR EXISTS (SELECT FROM own_ledger_signature s
                         WHERE (s.dealer_id, s.ledger_id) = (o.dealer_id, o.id)) AS is_answered,
           EXISTS (SELECT FROM own_ledger_signature s
                    WHERE (s.dealer_id, s.ledger_id) = (o.dealer_id, o.id)) AS is_signed
      FROM own_ledger o JOIN dealer d ON d.id = o.dealer_id
     WHERE o.number = :number
    """
)
_BY_KIND = text(
    """
    SELECT class AS kind, count(*)::int AS count, sum(amount) AS amount,
           sum((CASE WHEN :of_staff THEN staff_answer ELSE dealer_answer END = 'open')::int)::int
             AS unanswered
      FROM own_ledger_difference WHERE dealer_id = :dealer_id AND ledger_id = :ledger_id GROUP BY class
    """
)
_REVISIONS = text(
    """
    SELECT no, revision FROM own_ledger_difference
     WHERE dealer_id = :dealer_id AND ledger_id = :ledger_id AND no = ANY (CAST(:nos AS integer[]))
    """
)
_REMARKS = text(
    """
    SELECT difference_no, side, verdict, said, said_at, said_by_label FROM own_ledger_remark
     WHERE dealer_id = :dealer_id AND ledger_id = :ledger_id
       AND difference_no = ANY (CAST(:nos AS integer[]))
     ORDER BY id LIMIT :limit
    """
)
_SIGNATURES = text(
    """
    SELECT side, name, sha256, signed_at, signed_by_label FROM own_ledger_signature
     WHERE dealer_id = :dealer_id AND ledger_id = :ledger_id ORDER BY signed_at, side
    """
)
