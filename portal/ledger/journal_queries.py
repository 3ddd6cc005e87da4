"""The journal of headquarters: lines by a filter, and what they come to by account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import clock, paging
from portal.kernel.db import value_of
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.paging import Page
from portal.ledger.kinds import Account

MONTHS_MAX = 12  # that one look reads at most; of one document all are read
TOTALLED_MAX = 50_000  # lines that are added up for a filter; of whole months there is the trial balance


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which lines. first, last: months that they count in, both included. document: across all months.

    least, most: of the amount, whichever side it stands on.
    """

    first: str
    last: str
    day_from: date | None = None
    day_to: date | None = None
    account: str | None = None
    kind: str | None = None
    dealer_id: int | None = None
    document: str | None = None
    least: Decimal | None = None
    most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A line of the journal with its entry. debit, credit: one of them, the other None."""

    id: int
    period: str
    occurred_on: date
    document_no: str
    kind: str
    is_reversal: bool
    reference: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    account: str
    amount: Decimal
    late: bool
    posted_at: datetime

    @property
    def debit(self) -> Decimal | None:
        """The amount where it stands on the left."""
        return self.amount if self.amount > 0 else None

    @property
    def credit(self) -> Decimal | None:
        """The amount where it stands on the right."""
        return -self.amount if self.amount < 0 else None


@dataclass(frozen=True, slots=True)
class AccountTotal:
    """What lines come to on one account."""

    account: str
    debit: Decimal
    credit: Decimal
    lines: int

    @property
    def balance(self) -> Decimal:
        """Debit less credit."""
        return self.debit - self.credit


def _where(by_document: bool, of_dealer: bool) -> str:
    """What bounds the reading stands in front, so that also a generic plan sees which index it is."""
    within = "e.document_no = :document" if by_document else "e.period BETWEEN :first AND :last"
    mine = " AND e.dealer_id = :dealer_id" if of_dealer else ""
    return f"""
      FROM journal_entry e
      JOIN journal_line l ON (l.dealer_id, l.entry_id) = (e.dealer_id, e.id) AND l.amount <> 0
     WHERE {within}{mine}
       AND e.occurred_on BETWEEN coalesce(:day_from, date '-infinity') AND coalesce(:day_to, date 'infinity')
       AND (CAST(:account AS text) IS NULL OR l.account = :account)
       AND (CAST(:kind AS text) IS NULL OR e.kind = :kind)
       AND abs(l.amount) BETWEEN coalesce(:least, 0) AND coalesce(:most, 1e15)
    """


@cache
def _lines(by_document: bool, of_dealer: bool, begins: bool) -> TextClause:
    """A page of lines, the latest first: from the beginning, or after a place, which the index finds."""
    after = (
        ""
        if begins
        else """AND (e.period, e.occurred_on, e.id) <= (:after_period, :after_day, :after_id)
                AND (e.period, e.occurred_on, e.id, l.account)
                    < (:after_period, :after_day, :after_id, :after_account)"""
    )
    order = "period DESC, {0}.occurred_on DESC, {0}.id DESC, {1}.account DESC"
    return text(
        f"""
        SELECT x.*, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en
          FROM (SELECT e.dealer_id, e.id, e.period, e.occurred_on, e.document_no, e.kind,
                       e.reverses_id IS NOT NULL AS is_reversal, e.reference, l.account, l.amount, e.late,
                       e.posted_at
                {_where(by_document, of_dealer)} {after}
                 ORDER BY e.{order.format("e", "l")} LIMIT :limit) x
          JOIN dealer d ON d.id = x.dealer_id
         ORDER BY x.{order.format("x", "x")}
        """
    )


@cache
def _totals(by_document: bool, of_dealer: bool) -> TextClause:
    return text(
        f"""
        SELECT account, coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS debit,
               coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS credit, count(*) AS lines
          FROM (SELECT l.account, l.amount {_where(by_document, of_dealer)} LIMIT :limit) x
         GROUP BY account
        """
    )


def journal(
    session: Session, sought: JournalFilter, *, limit: int = 50, cursor: str | None = None
) -> Page[JournalRow]:
    """Lines of the filter, the latest first. Raises Invalid for a foreign cursor."""
    cursors = paging.cursors(session, "journal", str, date.fromisoformat, int, str)
    place = cursors.place_of(cursor)
    period, day, key, account = place.key if place else (None, None, None, None)
    keys = {"after_period": period, "after_day": day, "after_id": key, "after_account": account}
    statement = _lines(*_which(sought), place is None)
    rows = session.execute(statement, _parameters(sought) | (keys if place else {}) | {"limit": limit + 1})
    found = [value_of(JournalRow, row) for row in rows]
    return cursors.page_of(found, limit, lambda row: (row.period, row.occurred_on, row.id, row.account))


def totals(session: Session, sought: JournalFilter) -> list[AccountTotal] | None:
    """What the lines of the filter come to by account; None where there are more than `TOTALLED_MAX`."""
    rows = session.execute(_totals(*_which(sought)), _parameters(sought) | {"limit": TOTALLED_MAX + 1})
    found = {row.account: AccountTotal(**row._mapping) for row in rows}
    if sum(one.lines for one in found.values()) > TOTALLED_MAX:
        return None
    return [found[account] for account in Account if account in found]


def span_faults(first: str, last: str, months_max: int | None = MONTHS_MAX) -> list[Fault]:
    """What is wrong with a span of months."""
    begin, end = clock.first_day(first), clock.first_day(last)
    months = (end.year - begin.year) * 12 + end.month - begin.month + 1
    if months < 1:
        message = N_("The last month lies before the first.")
        return [Fault("/last", "before_first", message, N_("Exchange them."))]
    if months_max is not None and months > months_max:
        message, fix = N_("At most %(max)s months at once."), N_("Choose fewer, or look for a document.")
        return [Fault("/last", "too_many_months", message, fix, {"max": months_max})]
    return []


def require_span(first: str, last: str, months_max: int | None = MONTHS_MAX) -> None:
    """Raise Invalid for it."""
    if faults := span_faults(first, last, months_max):
        raise Invalid(faults=faults)


def _which(sought: JournalFilter) -> tuple[bool, bool]:
    return sought.document is not None, sought.dealer_id is not None


def _parameters(sought: JournalFilter) -> dict[str, Any]:
    by_document, of_dealer = _which(sought)
    parameters: dict[str, Any] = {
        name: getattr(sought, name) for name in ("day_from", "day_to", "account", "kind", "least", "most")
    }
    parameters |= (
        {"document": sought.document} if by_document else {"first": sought.first, "last": sought.last}
    )
    return parameters | ({"dealer_id": sought.dealer_id} if of_dealer else {})
