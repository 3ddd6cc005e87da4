"""A month of the journal voucher by voucher, in parts of so many: what a finance system takes over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.db import Record
from portal.kernel.paging import Page

PAGE_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """Some vouchers of a month, one after the other. first: how many of the month stand before it."""

    number: int
    first: int
    entries: int


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """A line of a voucher.

    voucher: the number of the document, ``/R`` behind it for its reversal: it never changes. voucher_no: its
    place in the month, which stands once the month is shut. reversed_kind: of what was reversed.
    """

    voucher: str
    voucher_no: int
    occurred_on: date
    period: str
    account: str
    amount: Decimal
    dealer_code: str
    dealer_zh: str
    document_no: str
    kind: str
    reversed_kind: str
    reference: str

    @property
    def debit(self) -> Decimal | None:
        """The amount where it stands on the left."""
        return self.amount if self.amount > 0 else None

    @property
    def credit(self) -> Decimal | None:
        """The amount where it stands on the right."""
        return -self.amount if self.amount < 0 else None


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher of a month with its lines, which are never torn apart."""

    entry_id: int
    lines: tuple[VoucherLine, ...]


# A free delivery moves nothing, and no finance system takes a voucher without an amount.
_MOVES = """
EXISTS (SELECT FROM journal_line l
         WHERE (l.dealer_id, l.entry_id) = (e.dealer_id, e.id) AND l.amount <> 0)
"""
_COUNT = text(f"SELECT count(*) FROM journal_entry e WHERE e.period = :period AND {_MOVES}")
_START = text(
    f"""
    SELECT e.occurred_on, e.id FROM journal_entry e WHERE e.period = :period AND {_MOVES}
     ORDER BY e.occurred_on, e.id OFFSET :before LIMIT 1
    """
)
_PAGE = text(
    f"""
    SELECT e.id, e.occurred_on, e.period, l.account, l.amount, d.code AS dealer_code,
           d.name_zh AS dealer_zh, e.document_no, e.kind, coalesce(o.kind, '') AS reversed_kind, e.reference,
           e.reverses_id IS NOT NULL AS is_reversal
      FROM (SELECT e.* FROM journal_entry e
             WHERE e.period = :period AND (e.occurred_on, e.id) > (:day, :id) AND {_MOVES}
             ORDER BY e.occurred_on, e.id LIMIT :limit) e
      JOIN journal_line l ON (l.dealer_id, l.entry_id) = (e.dealer_id, e.id) AND l.amount <> 0
      JOIN dealer d ON d.id = e.dealer_id
      LEFT JOIN journal_entry o ON (o.dealer_id, o.id) = (e.dealer_id, e.reverses_id)
     ORDER BY e.occurred_on, e.id, l.amount < 0, l.account
    """
)


def parts(session: Session, period: str, *, entries_max: int) -> list[Part]:
    """The vouchers of a month, so many to a part; none of a month without any."""
    count: int = session.execute(_COUNT, {"period": period}).scalar_one()
    return [
        Part(number, first, min(entries_max, count - first))
        for number, first in enumerate(range(0, count, entries_max), start=1)
    ]


def lines_of(session: Session, period: str, part: Part) -> Iterator[VoucherLine]:
    """Line after line; memory holds a thousand vouchers."""
    place, left = part.first, part.entries
    start = session.execute(_START, {"period": period, "before": place}).one_or_none()
    if start is None:
        return
    day, before = start.occurred_on, start.id - 1
    while left > 0:
        keys = {"period": period, "day": day, "id": before, "limit": min(PAGE_ENTRIES, left)}
        rows = session.execute(_PAGE, keys).all()
        if not rows:
            return
        for row in rows:
            if row.id != before:
                place, left = place + 1, left - 1
            day, before = row.occurred_on, row.id
            yield _line(row, place)


def vouchers(session: Session, period: str, *, limit: int = 50, cursor: str | None = None) -> Page[Voucher]:
    """Vouchers of a month in their order. Raises Invalid for a foreign cursor."""
    cursors = paging.cursors(session, f"vouchers {period}", date.fromisoformat, int, int)
    place = cursors.place_of(cursor)
    day, before, counted = place.key if place else (date.min, 0, 0)
    rows = session.execute(_PAGE, {"period": period, "day": day, "id": before, "limit": limit + 1})
    found = [
        Voucher(entry_id, tuple(_line(row, number) for row in lines))
        for number, (entry_id, lines) in enumerate(groupby(rows, attrgetter("id")), start=counted + 1)
    ]
    return cursors.page_of(found, limit, _place_of)


def _place_of(voucher: Voucher) -> tuple[date, int, int]:
    first = voucher.lines[0]
    return first.occurred_on, voucher.entry_id, first.voucher_no


def _line(row: Record, place: int) -> VoucherLine:
    return VoucherLine(
        voucher=f"{row.document_no}/R" if row.is_reversal else row.document_no,
        voucher_no=place,
        occurred_on=row.occurred_on,
        period=row.period,
        account=row.account,
        amount=row.amount,
        dealer_code=row.dealer_code,
        dealer_zh=row.dealer_zh,
        document_no=row.document_no,
        kind=row.kind,
        reversed_kind=row.reversed_kind,
        reference=row.reference,
    )
