"""Reads of statements and closings for screens and API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.db import Record
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.search_pattern import containing, containing_code, number_key
from portal.statements import rules
from portal.statements.assemble import reassemble
from portal.statements.document import Ageing, InconsistentStatement, StatementDocument
from portal.statements.fragments import ANSWERED, CURRENT
from portal.statements.rules import Progress
from portal.statements.snapshot import Figures

RECENT = timedelta(seconds=30)  # over which the rate of a closing is counted


class StatementSort(StrEnum):
    """What statements are sorted by."""

    PERIOD = "period"
    CLOSING = "closing"
    OVERDUE = "overdue"


_FEW = "(one a month of a dealer, or one a dealer of a month)"
_OVERDUE = "s.days_1_30 + s.days_31_60 + s.days_61_90 + s.days_over_90"
_SORTED_BY = {
    StatementSort.PERIOD: SortKey("s.period", str, "ix_statement_period_id"),
    StatementSort.CLOSING: SortKey("s.closing", Decimal, _FEW),
    StatementSort.OVERDUE: SortKey(f"({_OVERDUE})", Decimal, _FEW),
}
LATEST_FIRST = Sort(StatementSort.PERIOD, descending=True)
TO_CONFIRM = "open"
"""In the place of a state: whatever the dealer may confirm."""
_STATE = f"""
SELECT a.state FROM statement_answer a
 WHERE (a.dealer_id, a.statement_id, a.version) = (s.dealer_id, s.id, {CURRENT})
"""


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement in a list. `overdue` are the open invoices past their due date.

    version, state: of the current version.
    """

    number: str
    period: str
    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    currency: str
    opening: Decimal
    debits: Decimal
    credits: Decimal
    closing: Decimal
    overdue: Decimal
    line_count: int
    issued_at: datetime
    state: str
    id: int
    version: int


@dataclass(frozen=True, slots=True)
class Closing:
    """A period as headquarters sees it. `progress` while it is closing and after."""

    period: str
    state: str
    closing_at: datetime | None
    closing_by: str | None
    closed_at: datetime | None
    progress: Progress
    paused_at: datetime | None
    paused_by: str | None


@dataclass(frozen=True, slots=True)
class FailedTask:
    """A dealer whose statement could not be issued, and why."""

    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    attempts: int
    error: str
    failed_at: datetime


_VERSION = {"current": CURRENT, "answered": ANSWERED}
_ROW = """
SELECT s.number, s.period, s.dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh,
       d.name_en AS dealer_en, s.currency, s.opening, s.debits, s.credits, s.closing,
       s.days_1_30 + s.days_31_60 + s.days_61_90 + s.days_over_90 AS overdue, s.line_count, s.issued_at,
       coalesce(a.state, 'issued') AS state, s.id, {current} AS version
  FROM {statements} s JOIN dealer d ON d.id = s.dealer_id
  {answered}
"""
_ONE = text(_ROW.format(statements="statement", **_VERSION) + " WHERE s.number = :number")
_ISSUED = text(
    """
    SELECT s.*, c.version AS corrected, c.snapshot AS corrected_snapshot
      FROM statement s
      LEFT JOIN LATERAL (
        SELECT k.version, k.snapshot FROM statement_correction k
         WHERE (k.dealer_id, k.statement_id) = (s.dealer_id, s.id) AND k.state = 'approved'
           AND (CAST(:version AS integer) IS NULL OR k.version = :version)
         ORDER BY k.version DESC LIMIT 1) c ON true
     WHERE s.number = :number
    """
)
_CLOSINGS = """
SELECT a.period, a.state, a.closing_at, a.closing_by, a.closed_at, a.paused_at, a.paused_by,
       count(t.dealer_id) AS total,
       count(*) FILTER (WHERE t.state = 'done') AS done, count(*) FILTER (WHERE t.state = 'failed') AS failed,
       count(*) FILTER (WHERE t.state = 'done' AND t.finished_at > :since) AS recent
  FROM accounting_period a LEFT JOIN close_task t ON t.period = a.period
 WHERE {where}
 GROUP BY a.period ORDER BY a.period DESC LIMIT :limit
"""
_CLOSING = text(_CLOSINGS.format(where="a.period = :period"))
_RECENT = text(_CLOSINGS.format(where="a.period <= :through"))
_FAILED = text(
    """
    SELECT t.dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, t.attempts,
           t.last_error AS error, t.finished_at AS failed_at
      FROM close_task t JOIN dealer d ON d.id = t.dealer_id
     WHERE t.period = :period AND t.state = 'failed' ORDER BY d.code LIMIT :limit
    """
)


def statements(
    session: Session,
    *,
    dealer_id: int | None = None,
    period: str | None = None,
    state: str = "",
    first: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[StatementRow]:
    """Statements in the session's scope, the latest first unless `sort` says otherwise (``-overdue``).

    state: `TO_CONFIRM`, then from the month `first` on, or a `StatementState`. q: part of a number, a
    dealer's code, name or credit code.
    Raises Invalid for a foreign cursor.
    """
    order_by = paging.sort_of(sort, list(StatementSort), LATEST_FIRST)
    key = StatementSort(order_by.key)
    parameters = {"limit": limit + 1, **_sought(dealer_id, period, state, q, first)}
    cursors = paging.cursors(session, f"statements {order_by}", _SORTED_BY[key].read, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    filters = dealer_id is not None, period is not None, *_asked(state), bool(q.strip())
    found_by = _list(*filters, place is not None, key, order_by.descending)
    rows = [StatementRow(**row._mapping) for row in session.execute(found_by, parameters)]
    return cursors.page_of(rows, limit, lambda row: (getattr(row, key), row.id))


def count_statements(
    session: Session,
    *,
    dealer_id: int | None = None,
    period: str | None = None,
    state: str = "",
    first: str = "",
    q: str = "",
) -> int:
    """How many statements `statements` gives, at most one more than `paging.COUNTED_MAX`."""
    parameters = {"most": paging.COUNTED_MAX + 1, **_sought(dealer_id, period, state, q, first)}
    statement = _count(dealer_id is not None, period is not None, *_asked(state), bool(q.strip()))
    count: int = session.execute(statement, parameters).scalar_one()
    return count


def _sought(dealer_id: int | None, period: str | None, state: str, q: str, first: str) -> dict[str, Any]:
    return {
        "first": first,
        "dealer_id": dealer_id,
        "period": period,
        "state": state,
        "q": containing(q),
        "code": containing_code(q),
    }


def _asked(state: str) -> tuple[bool, bool]:
    """Whether one state is asked for, or whatever may be confirmed."""
    return bool(state) and state != TO_CONFIRM, state == TO_CONFIRM


def _where(
    with_dealer: bool, with_period: bool, with_state: bool, to_confirm: bool, with_q: bool, *more: str
) -> str:
    conditions = ["true", *filter(None, more)]
    if with_dealer:
        conditions.append("s.dealer_id = :dealer_id")
    if with_period:
        conditions.append("s.period = :period")
    if with_state:
        conditions.append(f"coalesce(({_STATE}), 'issued') = :state")
    if to_confirm:
        conditions.append(f"coalesce(({_STATE}), 'issued') IN ('issued', 'resolved')")
        conditions.append("s.period >= :first")
    if with_q:
        dealers = "SELECT d.id FROM dealer d WHERE d.search_key LIKE :q"
        conditions.append(f"({number_key('s.number')} LIKE :code OR s.dealer_id IN ({dealers}))")
    return " AND ".join(conditions)


@cache
def _count(
    with_dealer: bool, with_period: bool, with_state: bool, to_confirm: bool, with_q: bool
) -> TextClause:
    where = _where(with_dealer, with_period, with_state, to_confirm, with_q)
    return text(f"SELECT count(*) FROM (SELECT FROM statement s WHERE {where} LIMIT :most) met")


@cache
def _list(
    with_dealer: bool,
    with_period: bool,
    with_state: bool,
    to_confirm: bool,
    with_q: bool,
    with_cursor: bool,
    key: StatementSort,
    descending: bool,
) -> TextClause:
    back = False if with_cursor else None
    after, order = paging.keyset(_SORTED_BY[key].sql, "s.id", descending=descending, back=back)
    where = _where(with_dealer, with_period, with_state, to_confirm, with_q, after)
    # The page first, from the statements alone and in their order: the dealers are looked up for the rows
    # shown.
    page = f"SELECT * FROM statement s WHERE {where} ORDER BY {order} LIMIT :limit"
    return text(
        f"WITH page AS MATERIALIZED ({page}) {_ROW.format(statements='page', **_VERSION)} ORDER BY {order}"
    )


def statement(session: Session, number: str) -> StatementRow:
    """The figures of one statement. Raises NotFound when it is not in the session's scope."""
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return StatementRow(**row._mapping)


def document(session: Session, *, number: str, locale: str, version: int | None = None) -> StatementDocument:
    """A statement as it was issued, with its lines, its ageing and the invoices open at its end.

    Proven against the ledger. version: None gives the current one.

    Raises NotFound when it is not in the session's scope, InconsistentStatement when the ledger says
    otherwise.
    """
    row = session.execute(_ISSUED, {"number": number, "version": version}).one_or_none()
    if row is None or version not in (None, 1, row.corrected):
        raise NotFound()
    ageing = Ageing(
        row.current_due, row.days_1_30, row.days_31_60, row.days_61_90, row.days_over_90, row.unallocated
    )
    figures = Figures(row.number, row.period, row.currency, row.opening, row.closing, ageing)
    snapshot = row.snapshot if row.corrected is None else row.corrected_snapshot
    issued = reassemble(session, snapshot, figures, dealer_id=row.dealer_id, locale=locale)
    if (issued.total_debit, issued.total_credit, len(issued.lines)) != (
        row.debits,
        row.credits,
        row.line_count,
    ):
        raise InconsistentStatement(number, ("the ledger gives other lines than were issued",))
    return issued


def closings(session: Session, *, through: str, at: datetime, limit: int = 24) -> list[Closing]:
    """The months of the books up to `through`, the latest first."""
    rows = session.execute(_RECENT, {"through": through, "limit": limit, "since": at - RECENT})
    return [_closing(row, at) for row in rows]


def close_progress(session: Session, *, period: str, at: datetime) -> Closing:
    """How the closing of a month goes along. Raises NotFound for a month without books."""
    row = session.execute(_CLOSING, {"period": period, "limit": 1, "since": at - RECENT}).one_or_none()
    if row is None:
        raise NotFound()
    return _closing(row, at)


def failed_tasks(session: Session, *, period: str, limit: int = 100) -> list[FailedTask]:
    """Dealers of a closing whose statement could not be issued."""
    return [
        FailedTask(**row._mapping) for row in session.execute(_FAILED, {"period": period, "limit": limit})
    ]


def _closing(row: Record, at: datetime) -> Closing:
    seconds = rules.pace(row.closing_at or at, at, RECENT)
    progress = Progress(row.total, row.done, row.failed, row.recent, seconds)
    return Closing(
        row.period,
        row.state,
        row.closing_at,
        row.closing_by,
        row.closed_at,
        progress,
        row.paused_at,
        row.paused_by,
    )
