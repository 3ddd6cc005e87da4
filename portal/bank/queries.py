"""Reads of the bank: files, their bookings, and the queue of what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.bank.match_rules import BookingState, FileState
from portal.kernel import paging
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, Sort, SortKey

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
    """A statement in a file."""

    statement_no: int
    account: str
    currency: str
    opening: Decimal | None
    closing: Decimal | None
    first_on: date | None
    last_on: date | None


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
    """A booking with what it was matched with. n: its line in a file; file: that brought it."""

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
    invoices: tuple[str, ...]
    reason: str | None


_COUNTS = """
  SELECT l.file_id, count(*) AS bookings, count(*) FILTER (WHERE l.is_new) AS new,
         count(*) FILTER (WHERE b.state = 'matched') AS matched,
         count(*) FILTER (WHERE b.state = 'waiting') AS waiting
    FROM bank_line l JOIN bank_booking b ON b.id = l.booking_id
   WHERE l.file_id = f.id GROUP BY l.file_id
"""
_FILE = f"""
SELECT f.id, f.number, f.name, f.format, f.state, f.sent_at, f.sent_by_label, f.is_extract,
       coalesce((SELECT string_agg(DISTINCT a.number, ', ') FROM bank_statement s
                   JOIN bank_account a ON a.id = s.account_id WHERE s.file_id = f.id), '') AS account,
       coalesce(c.bookings, 0) AS bookings, coalesce(c.new, 0) AS new, coalesce(c.matched, 0) AS matched,
       coalesce(c.waiting, 0) AS waiting{{more}}
  FROM bank_file f LEFT JOIN LATERAL ({_COUNTS}) c ON true
"""
_ONE = text(
    _FILE.format(more=", f.doubts, f.left_out, f.taken_at, f.taken_by_label") + " WHERE f.number = :number"
)
LATEST_FIRST = Sort("sent_at", descending=True)
FILE_SORTS = {"sent_at": SortKey("f.sent_at", paging.moment, "ix_bank_file_sent_at")}
_STATEMENTS = text(
    """
    SELECT s.statement_no, a.number AS account, a.currency, s.opening, s.closing, s.first_on, s.last_on
      FROM bank_statement s JOIN bank_account a ON a.id = s.account_id
     WHERE s.file_id = :file_id ORDER BY s.statement_no
    """
)
_BOOKING = """
SELECT b.id, l.line_no AS n, f.number AS file, l.place, a.number AS account, a.currency, b.booked_on,
       b.value_on, b.amount, b.is_reversal, l.is_new, b.remittance, b.reference, b.bank_reference, b.party,
       b.party_account, l.balance, b.state, b.note, b.decided_by_label, b.decided_at, m.kind AS match_kind,
       m.payment_no, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
       coalesce(m.invoices, '[]') AS invoices, m.reason
  FROM {source}
  JOIN bank_account a ON a.id = b.account_id
  LEFT JOIN bank_match m ON m.booking_id = b.id AND m.undone_at IS NULL
  LEFT JOIN dealer d ON d.id = m.dealer_id
"""
_IN_FILE = _BOOKING.format(
    source="bank_line l JOIN bank_file f ON f.id = l.file_id JOIN bank_booking b ON b.id = l.booking_id"
)
_FIRST_LINE = """
  bank_booking b
  JOIN LATERAL (SELECT l.* FROM bank_line l WHERE l.booking_id = b.id AND l.is_new LIMIT 1) l ON true
  JOIN bank_file f ON f.id = l.file_id
"""
_LINES = text(
    f"""
    {_IN_FILE} WHERE f.number = :number AND l.line_no > :after ORDER BY l.line_no LIMIT :limit
    """
)
_LINE = text(f"{_IN_FILE} WHERE f.number = :number AND l.line_no = :n")
_BY_ID = text(f"{_BOOKING.format(source=_FIRST_LINE)} WHERE b.id = :id")
OLDEST_FIRST = Sort("booked_on")
BOOKING_SORTS = {
    "booked_on": SortKey("b.booked_on", date.fromisoformat, "ix_bank_booking_state_booked_on"),
}
_WAITING = text("SELECT count(*) FROM (SELECT FROM bank_booking WHERE state = 'waiting' LIMIT :most) met")
_COUNT_STATE = text("SELECT count(*) FROM (SELECT FROM bank_booking WHERE state = :state LIMIT :most) met")
_COUNT_FILES = text("SELECT count(*) FROM (SELECT FROM bank_file LIMIT :most) met")
_DRAFT_CONTENT = text("SELECT id, content, name, format FROM bank_file WHERE number = :number")
_ACCOUNTS = text("SELECT number, currency FROM bank_account ORDER BY number LIMIT 50")


def files(session: Session, *, limit: int = 50, cursor: str | None = None, sort: str = "") -> Page[FileRow]:
    """Files that came, the latest first. Raises Invalid for a foreign cursor."""
    order_by = paging.sort_of(sort, FILE_SORTS, LATEST_FIRST)
    key = FILE_SORTS[order_by.key]
    cursors = paging.cursors(session, f"bank files {order_by}", key.read, int)
    place = cursors.place_of(cursor)
    after, order = paging.keyset(
        key.sql, "f.id", descending=order_by.descending, back=place.back if place else None
    )
    where = f"WHERE {after}" if after else ""
    statement = text(f"{_FILE.format(more='')} {where} ORDER BY {order} LIMIT :limit")
    rows = [FileRow(**row._mapping) for row in session.execute(statement, _from(place, limit))]
    return cursors.page_of(rows, limit, lambda row: (row.sent_at, row.id), place)


def count_files(session: Session) -> int:
    """How many files there are, as far as they are counted."""
    count: int = session.execute(_COUNT_FILES, {"most": paging.COUNTED_MAX + 1}).scalar_one()
    return count


def file_of(session: Session, number: str) -> FileDetail:
    """A file. Raises NotFound."""
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    named = dict(row._mapping)
    doubts, left_out = named.pop("doubts"), named.pop("left_out")
    taken_at, taken_by = named.pop("taken_at"), named.pop("taken_by_label")
    statements = session.execute(_STATEMENTS, {"file_id": row.id})
    return FileDetail(
        FileRow(**named),
        tuple(doubts),
        tuple(left_out),
        tuple(StatementRow(**one._mapping) for one in statements),
        taken_at,
        taken_by,
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


def booking(session: Session, booking_id: int) -> BookingRow:
    """One booking. Raises NotFound."""
    row = session.execute(_BY_ID, {"id": booking_id}).one_or_none()
    if row is None:
        raise NotFound()
    return _booking(row)


def queue(
    session: Session,
    *,
    state: BookingState = BookingState.WAITING,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[BookingRow]:
    """Bookings of a state, the oldest first. Raises Invalid for a foreign cursor."""
    order_by = paging.sort_of(sort, BOOKING_SORTS, OLDEST_FIRST)
    key = BOOKING_SORTS[order_by.key]
    cursors = paging.cursors(session, f"bank bookings {order_by}", key.read, int)
    place = cursors.place_of(cursor)
    after, order = paging.keyset(
        key.sql, "b.id", descending=order_by.descending, back=place.back if place else None
    )
    where = f"AND {after}" if after else ""
    statement = text(
        f"{_BOOKING.format(source=_FIRST_LINE)} WHERE b.state = :state {where} ORDER BY {order} LIMIT :limit"
    )
    parameters = _from(place, limit) | {"state": state}
    rows = [_booking(row) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda row: (row.booked_on, row.id), place)


def count_bookings(session: Session, state: BookingState) -> int:
    """How many bookings are in a state, as far as they are counted."""
    parameters = {"state": state, "most": paging.COUNTED_MAX + 1}
    count: int = session.execute(_COUNT_STATE, parameters).scalar_one()
    return count


def waiting_count(session: Session) -> int:
    """How many bookings wait, as far as they are counted."""
    count: int = session.execute(_WAITING, {"most": paging.COUNTED_MAX + 1}).scalar_one()
    return count


def accounts(session: Session) -> Sequence[tuple[str, str]]:
    """The company's accounts as far as files named them: number and currency."""
    return [(row.number, row.currency) for row in session.execute(_ACCOUNTS)]


def _from(place: paging.Place | None, limit: int) -> dict[str, Any]:
    key, row_id = place.key if place else (None, None)
    return {"from_key": key, "from_id": row_id, "limit": limit + 1}


def _booking(row: Any) -> BookingRow:
    named = dict(row._mapping)
    return BookingRow(**named | {"invoices": tuple(named["invoices"])})
