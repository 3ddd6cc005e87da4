"""Documents of accounts beside bills, payments and notes: a list of them, and each with what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.ledger.deposits import left_sql, reversed_sql
from portal.ledger.fragments import open_of
from portal.ledger.kinds import DocumentKind

USES_MAX = 200  # shown of one deposit


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document in a list. left: what is held of a deposit."""

    id: int
    number: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    kind: str
    source: str
    issued_on: date
    due_on: date | None
    amount: Decimal
    reason: str
    left: Decimal | None
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class DocumentUse:
    """What was used or paid back of a deposit."""

    number: str
    kind: str
    issued_on: date
    amount: Decimal
    is_reversed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage:
    """A document as it is booked. occurred_on: of its entry. open: what of it is neither settled nor settles.

    left: what is held of a deposit; uses: what was taken of it.
    """

    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    number: str
    kind: str
    source: str
    issued_on: date
    due_on: date | None
    amount: Decimal
    method: str
    reference: str
    reason: str
    entry_id: int
    occurred_on: date
    period: str
    late: bool
    posted_at: datetime
    reversed_at: datetime | None
    reversed_in: str | None
    open: Decimal
    left: Decimal | None
    uses: tuple[DocumentUse, ...] = ()


_LEFT = f"CASE WHEN d.kind = 'deposit' THEN {left_sql('d')} END"
_ONE = text(
    f"""
    SELECT d.dealer_id, a.code AS dealer_code, a.name_zh AS dealer_zh, a.name_en AS dealer_en, d.number,
           d.kind, d.source, d.issued_on, d.due_on, d.amount, d.method, d.reference, d.reason,
           e.id AS entry_id, e.occurred_on, e.period, e.late, e.posted_at, r.posted_at AS reversed_at,
           r.period AS reversed_in, {open_of("e")} AS open, {_LEFT} AS "left"
      FROM account_document d
      JOIN dealer a ON a.id = d.dealer_id
      JOIN journal_entry e ON (e.dealer_id, e.document_no) = (d.dealer_id, d.number) AND e.reverses_id IS NULL
      LEFT JOIN journal_entry r ON (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id)
     WHERE d.number = :number
    """
)
_USES = text(
    f"""
    SELECT d.number, d.kind, d.issued_on, d.amount, {reversed_sql("d")} AS is_reversed
      FROM account_document d
     WHERE d.dealer_id = :dealer_id AND d.source = :number AND d.kind IN ('deposit_use', 'deposit_return')
     ORDER BY d.id LIMIT :limit
    """
)
_ROWS = f"""
    SELECT d.id, d.number, a.code AS dealer_code, a.name_zh AS dealer_zh, a.name_en AS dealer_en, d.kind,
           d.source, d.issued_on, d.due_on, d.amount, d.reason, {_LEFT} AS "left",
           {reversed_sql("d")} AS is_reversed
      FROM {{documents}} d JOIN dealer a ON a.id = d.dealer_id
     ORDER BY d.id DESC LIMIT :limit
"""
_OF_DEALER = text(
    _ROWS.format(
        documents="""
        (SELECT * FROM account_document
          WHERE dealer_id = :dealer_id AND kind = ANY (:kinds) AND id < :before
          ORDER BY id DESC LIMIT :limit)
        """
    )
)
# The latest of each kind, of which the latest are shown: the index knows the order of a kind.
_OF_ALL = text(
    _ROWS.format(
        documents="""
        (SELECT o.* FROM unnest(CAST(:kinds AS text[])) k(kind)
          CROSS JOIN LATERAL (SELECT * FROM account_document
                               WHERE kind = k.kind AND id < :before ORDER BY id DESC LIMIT :limit) o
          ORDER BY o.id DESC LIMIT :limit)
        """
    )
)
_COUNT = "SELECT count(*) FROM (SELECT FROM account_document d WHERE {meant} LIMIT :most) met"
_COUNT_OF_DEALER = text(_COUNT.format(meant="d.dealer_id = :dealer_id AND d.kind = ANY (:kinds)"))
_COUNT_OF_ALL = text(_COUNT.format(meant="d.kind = ANY (:kinds)"))
_NEWEST = 2**63 - 1  # no id is behind it


def account_document(session: Session, number: str) -> DocumentPage:
    """One document. Raises NotFound when it is not in the session's scope."""
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    uses: tuple[DocumentUse, ...] = ()
    if row.kind == DocumentKind.DEPOSIT:
        keys = {"dealer_id": row.dealer_id, "number": number, "limit": USES_MAX}
        uses = tuple(DocumentUse(**one._mapping) for one in session.execute(_USES, keys))
    return value_of(DocumentPage, row, uses=uses)


def account_documents(
    session: Session,
    *,
    kind: str | None = None,
    dealer_id: int | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[DocumentRow]:
    """Documents in the session's scope, the latest first. Raises Invalid for a foreign cursor."""
    cursors = paging.cursors(session, f"account documents of {dealer_id}", int)
    place = cursors.place_of(cursor)
    keys = {"before": place.key[0] if place else _NEWEST, "limit": limit + 1}
    statement = _OF_ALL if dealer_id is None else _OF_DEALER
    rows = session.execute(statement, _sought(kind, dealer_id) | keys)
    return cursors.page_of([DocumentRow(**row._mapping) for row in rows], limit, lambda row: (row.id,))


def count_documents(session: Session, *, kind: str | None = None, dealer_id: int | None = None) -> int:
    """How many there are, at most one more than `paging.COUNTED_MAX`."""
    most = {"most": paging.COUNTED_MAX + 1}
    statement = _COUNT_OF_ALL if dealer_id is None else _COUNT_OF_DEALER
    count: int = session.execute(statement, _sought(kind, dealer_id) | most).scalar_one()
    return count


def _sought(kind: str | None, dealer_id: int | None) -> dict[str, Any]:
    kinds = {"kinds": [str(one) for one in DocumentKind] if kind is None else [kind]}
    return kinds if dealer_id is None else kinds | {"dealer_id": dealer_id}
