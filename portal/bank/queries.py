"""Reads of the bank: files, their bookings, and the queue of what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.bank.books_rules import BookingState, FileState
from portal.bank.locked import REVERSED
from portal.kernel import paging
from portal.kernel.db import Record
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key

LINES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file in the list."""

    id: int
    number: str
    name: str
    format: str
    state: str
    account: str
    sent_at: datetime
    sent_by_label: str
    is_extract: bool
    bookings: int
    new: int
    matched: int
    waiting: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement in a file.

    before_on, before: last day and closing balance of the one before, where it does not close as this opens.
    """

    statement_no: int
    account: str
    currency: str
    opening: Decimal | None
    closing: Decimal | None
    first_on: date | None
    last_on: date | None
    before_on: date | None
    before: Decimal | None


@dataclass(frozen=True, slots=True)
class FileDetail:
    """A file with its statements."""

    row: FileRow
    doubts: tuple[dict[str, Any], ...]
    left_out: tuple[dict[str, Any], ...]
    statements: tuple[StatementRow, ...]
    taken_at: datetime | None
    taken_by_label: str


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking with what it was matched with. n: its line in a file; file: that brought it.

    is_gone: the payment that it brought was reversed, and not by a booking of the bank.
    """

    id: int
    n: int
    file: str
    place: int
    account: str
    currency: str
    booked_on: date
    value_on: date | None
    amount: Decimal
    is_reversal: bool
    is_new: bool
    remittance: str
    reference: str
    bank_reference: str
    party: str
    party_account: str
    balance: Decimal | None
    state: str
    note: str
    decided_by_label: str
    decided_at: datetime | None
    match_kind: str | None
    payment_no: str | None
    dealer_code: str | None
    dealer_zh: str | None
    dealer_en: str | None
    invoices: Sequence[str]
    reason: str | None
    is_gone: bool


FILES = DocumentList(
    "bank files",
    "f",
    "sent_at",
    FileRow,
    columns="""
    f.id, f.number, f.name, f.format, f.state, f.sent_at, f.sent_by_label, f.is_extract,
    coalesce((SELECT string_agg(DISTINCT a.number, ', ') FROM bank_statement s
                JOIN bank_account a ON a.id = s.account_id WHERE s.file_id = f.id), '') AS account,
    coalesce(c.bookings, 0) AS bookings, coalesce(c.new, 0) AS new, coalesce(c.matched, 0) AS matched,
    coalesce(c.waiting, 0) AS waiting
    """,
    tables="FROM bank_file f",
    each="""
      LEFT JOIN LATERAL (
        SELECT count(*) AS bookings, count(*) FILTER (WHERE l.is_new) AS new,
               count(*) FILTER (WHERE b.state = 'matched') AS matched,
               count(*) FILTER (WHERE b.state = 'waiting') AS waiting
          FROM bank_line l JOIN bank_booking b ON b.id = l.booking_id
         WHERE l.file_id = f.id) c ON true
    """,
    conditions={"state": "f.state = :state", "code": f"{number_key('f.number')} LIKE :code"},
)
LATEST_FIRST = FILES.latest_first
_ONE = text(f"{FILES.select} WHERE f.number = :number")
_MORE = text("SELECT doubts, left_out, taken_at, taken_by_label FROM bank_file WHERE id = :id")
_STATEMENTS = text(
    """
    SELECT s.statement_no, a.number AS account, a.currency, s.opening, s.closing, s.first_on, s.last_on,
           p.last_on AS before_on, p.closing AS before
      FROM bank_statement s JOIN bank_account a ON a.id = s.account_id
      LEFT JOIN LATERAL (
        SELECT q.last_on, q.closing FROM bank_statement q
         WHERE q.account_id = s.account_id AND q.closing IS NOT NULL AND q.last_on < s.first_on
         ORDER BY q.last_on DESC, q.file_id DESC, q.statement_no DESC LIMIT 1) p
        ON s.opening IS NOT NULL
           AND NOT EXISTS (
             SELECT FROM bank_statement q
              WHERE q.account_id = s.account_id AND (q.file_id, q.statement_no) <> (s.file_id, s.statement_no)
                AND q.last_on <= s.last_on
                AND (q.closing = s.opening AND q.last_on <= s.first_on
                     OR q.first_on < s.first_on AND q.last_on >= s.first_on))
     WHERE s.file_id = :file_id ORDER BY s.statement_no
    """
)
_COLUMNS = f"""
b.id, l.line_no AS n, f.number AS file, l.place, a.number AS account, a.currency, b.booked_on,
b.value_on, b.amount, b.is_reversal, l.is_new, b.remittance, b.reference, b.bank_reference, b.party,
b.party_account, l.balance, b.state, b.note, b.decided_by_label, b.decided_at, m.kind AS match_kind,
m.payment_no, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
coalesce(m.invoices, '[]') AS invoices, m.reason,
coalesce(m.kind <> 'reversed' AND {REVERSED.format(payment="m", number="payment_no")}
         AND NOT EXISTS (SELECT FROM bank_match t
                          WHERE (t.dealer_id, t.payment_no) = (m.dealer_id, m.payment_no)
                            AND t.undone_at IS NULL AND t.kind = 'reversed'), false) AS is_gone
"""
_JOINED = """
  JOIN bank_account a ON a.id = b.account_id
  LEFT JOIN bank_match m ON m.booking_id = b.id AND m.undone_at IS NULL
  LEFT JOIN dealer d ON d.id = m.dealer_id
"""
_IN_FILE = f"""
SELECT {_COLUMNS}
  FROM bank_line l JOIN bank_file f ON f.id = l.file_id JOIN bank_booking b ON b.id = l.booking_id
  {_JOINED}
"""
_LINES = text(
    f"""
    {_IN_FILE} WHERE f.number = :number AND l.line_no > :after ORDER BY l.line_no LIMIT :limit
    """
)
_LINE = text(f"{_IN_FILE} WHERE f.number = :number AND l.line_no = :n")
QUEUE = DocumentList(
    "bank bookings",
    "b",
    "booked_on",
    BookingRow,
    columns=_COLUMNS,
    tables="FROM bank_booking b",
    each=f"""
      JOIN LATERAL (SELECT l.* FROM bank_line l WHERE l.booking_id = b.id AND l.is_new LIMIT 1) l ON true
      JOIN bank_file f ON f.id = l.file_id
      {_JOINED}
    """,
    conditions={"state": "b.state = :state"},
)
OLDEST_FIRST = "booked_on"
WAITING = text("SELECT count(*) FROM (SELECT FROM bank_booking WHERE state = 'waiting' LIMIT :most) met")
_DRAFT_CONTENT = text("SELECT id, content, name, format FROM bank_file WHERE number = :number")
_ACCOUNTS = text("SELECT number, currency FROM bank_account ORDER BY number LIMIT 50")


def files(session: Session, *, limit: int = 50, cursor: str | None = None, sort: str = "") -> Page[FileRow]:
    """Files that came, the latest first. Raises Invalid for a foreign cursor."""
    return FILES.page(session, {}, limit=limit, cursor=cursor, sort=sort)


def count_files(session: Session) -> int:
    """How many files there are, as far as they are counted."""
    return FILES.count(session, {})


def file_of(session: Session, number: str) -> FileDetail:
    """A file. Raises NotFound."""
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    more = session.execute(_MORE, {"id": row.id}).one()
    statements = session.execute(_STATEMENTS, {"file_id": row.id})
    return FileDetail(
        FileRow(**row._mapping),
        tuple(more.doubts),
        tuple(more.left_out),
        tuple(StatementRow(**one._mapping) for one in statements),
        more.taken_at,
        more.taken_by_label,
    )


def content_of(session: Session, number: str) -> tuple[str, bytes, FileState]:
    """The file as it came, with its name. Raises NotFound."""
    row = session.execute(_DRAFT_CONTENT, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    state = file_of(session, number).row.state
    return row.name, bytes(row.content), FileState(state)


def lines(session: Session, *, number: str, limit: int = 50, cursor: str | None = None) -> Page[BookingRow]:
    """The bookings of a file in its order. Raises NotFound, Invalid for a foreign cursor."""
    file_of(session, number)
    cursors = paging.cursors(session, f"bookings of {number}", int)
    place = cursors.place_of(cursor)
    parameters = {"number": number, "after": place.key[0] if place else 0, "limit": limit + 1}
    rows = [_booking(row) for row in session.execute(_LINES, parameters)]
    return cursors.page_of(rows, limit, lambda row: (row.n,))


def line(session: Session, *, number: str, n: int) -> BookingRow:
    """One booking of a file. Raises NotFound."""
    row = session.execute(_LINE, {"number": number, "n": n}).one_or_none()
    if row is None:
        raise NotFound()
    return _booking(row)


def queue(
    session: Session,
    *,
    state: BookingState = BookingState.WAITING,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = OLDEST_FIRST,
) -> Page[BookingRow]:
    """Bookings of a state, the oldest first. Raises Invalid for a foreign cursor."""
    return QUEUE.page(session, {"state": state}, limit=limit, cursor=cursor, sort=sort)


def count_bookings(session: Session, state: BookingState) -> int:
    """How many bookings are in a state, as far as they are counted."""
    return QUEUE.count(session, {"state": state})


def waiting_count(session: Session) -> int:
    """How many bookings wait, as far as they are counted."""
    count: int = session.execute(WAITING, {"most": paging.COUNTED_MAX + 1}).scalar_one()
    return count


def accounts(session: Session) -> Sequence[tuple[str, str]]:
    """The company's accounts as far as files named them: number and currency."""
    return [(row.number, row.currency) for row in session.execute(_ACCOUNTS)]


def _booking(row: Record) -> BookingRow:
    return BookingRow(**row._mapping)
