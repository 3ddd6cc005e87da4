"""Disputes as lists and one by one, for the dealer's pages, headquarters' and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.disputes.locked import OWNER_KIND
from portal.files.attach import FileRow, files_of
from portal.files.rules import Owner
from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute in a list. amount: of all its lines."""

    id: int
    number: str
    state: str
    statement: str
    period: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    amount: Decimal
    opened_by_label: str
    opened_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class LineShown:
    """A disputed document and how it was answered."""

    line_no: int
    document: str
    amount: Decimal
    kind: str
    reason: str
    outcome: str | None
    correction: str


@dataclass(frozen=True, slots=True)
class EntryShown:
    """Something that was said or done."""

    entry_no: int
    kind: str
    is_staff: bool
    author_label: str
    text: str
    files: tuple[FileRow, ...]
    said_at: datetime


@dataclass(frozen=True, slots=True)
class DisputeDetail:
    """A dispute with its lines and its conversation."""

    id: int
    dealer_id: int
    number: str
    state: str
    statement: str
    period: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    amount: Decimal
    opened_by_label: str
    opened_at: datetime
    ended_by_label: str | None
    ended_at: datetime | None
    lines: tuple[LineShown, ...]
    entries: tuple[EntryShown, ...]


def disputes(
    session: Session,
    *,
    dealer_id: int | None = None,
    state: str = "",
    q: str = "",
    to_approve: bool | None = None,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[DisputeRow]:
    """Disputes in scope, the latest first. q: part of a number of one or of its statement.

    to_approve: those whose answer waits for another person, or those open ones that wait for an answer.
    """
    sought = {"dealer_id": dealer_id, "state": state, "q": q, "to_approve": to_approve}
    return DISPUTES.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_disputes(session: Session, *, dealer_id: int | None = None, state: str = "", q: str = "") -> int:
    """How many disputes `disputes` gives, at most one more than `paging.COUNTED_MAX`."""
    return DISPUTES.count(session, {"dealer_id": dealer_id, "state": state, "q": q})


def dispute_of(session: Session, number: str) -> DisputeDetail:
    """One dispute. Raises NotFound outside the session's scope."""
    head = session.execute(_HEAD, {"number": number}).one_or_none()
    if head is None:
        raise NotFound()
    mine: dict[str, Any] = {"dealer_id": head.dealer_id, "id": head.id}
    lines = tuple(value_of(LineShown, row) for row in session.execute(_LINES, mine))
    files = {one.id: one for one in files_of(session, Owner(OWNER_KIND, number))}
    entries = tuple(
        value_of(EntryShown, row, files=tuple(files[one] for one in row.files if one in files))
        for row in session.execute(_ENTRIES, mine)
    )
    return value_of(DisputeDetail, head, lines=lines, entries=entries)


def disputes_of_statement(session: Session, statement: str) -> list[DisputeRow]:
    """The disputes of a statement, the latest first."""
    return [DisputeRow(**row._mapping) for row in session.execute(_OF_STATEMENT, {"number": statement})]


DISPUTES = DocumentList(
    "disputes",
    "x",
    "opened_at",
    DisputeRow,
    columns="""
    x.id, x.number, x.state, s.number AS statement, s.period, d.code AS dealer_code, d.name_zh AS dealer_zh,
    d.name_en AS dealer_en, x.amount, x.opened_by_label, x.opened_at, x.ended_at
    """,
    tables="""
      FROM dispute x
      JOIN statement s ON (s.dealer_id, s.id) = (x.dealer_id, x.statement_id)
      JOIN dealer d ON d.id = x.dealer_id
    """,
    conditions={
        "dealer_id": "x.dealer_id = :dealer_id",
        "state": "x.state = :state",
        "to_approve": "x.state = 'open' AND (x.proposed IS NOT NULL) = :to_approve",
        "code": f"({number_key('x.number')} LIKE :code OR {number_key('s.number')} LIKE :code)",
    },
)
LATEST_FIRST = DISPUTES.latest_first
_OF_STATEMENT = text(f"{DISPUTES.select} WHERE s.number = :number ORDER BY x.opened_at DESC, x.id DESC")
_HEAD = text(
    """
    SELECT x.id, x.dealer_id, x.number, x.state, s.number AS statement, s.period, d.code AS dealer_code,
           d.name_zh AS dealer_zh, d.name_en AS dealer_en, x.amount, x.opened_by_label, x.opened_at,
           x.ended_by_label, x.ended_at
      FROM dispute x
      JOIN statement s ON (s.dealer_id, s.id) = (x.dealer_id, x.statement_id)
      JOIN dealer d ON d.id = x.dealer_id
     WHERE x.number = :number
    """
)
_LINES = text(
    """
    SELECT line_no, document, amount, kind, reason, outcome, correction FROM dispute_line
     WHERE (dealer_id, dispute_id) = (:dealer_id, :id) ORDER BY line_no
    """
)
_ENTRIES = text(
    """
    SELECT entry_no, kind, is_staff, author_label, text, files, said_at FROM dispute_entry
     WHERE (dealer_id, dispute_id) = (:dealer_id, :id) ORDER BY entry_no
    """
)
