"""What a dealer reported, line by line, with what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.custody.vocabulary import TraceRight
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing_code


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line as it was sent. waits_until: the last day on which it waits, if it does."""

    report_id: int
    line_no: int
    number: str
    document: str
    line: str
    kind: str
    day: date
    sku: str
    name_zh: str
    name_en: str
    lot: str
    serial: str
    quantity: int
    hospital: str
    state: str
    defect: str
    waits_until: date
    reported_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A report with its lines."""

    number: str
    source: str
    reported_at: datetime
    reported_by_label: str
    lines: Sequence[ShownLine]


def sell_out_lines(
    session: Session,
    *,
    actor: Actor,
    state: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[ShownLine]:
    """Lines of the dealer, the latest first. Raises Forbidden.

    q: part of a document, a SKU, a lot, a serial number or a hospital.
    """
    actor.require(TraceRight.READ)
    cursors = paging.cursors(session, f"sell-out {state}", int, int)
    place = cursors.place_of(cursor)
    about = {
        "dealer_id": actor.own_dealer_id,
        "state": state,
        "code": containing_code(q.strip()),
        "limit": limit + 1,
    }
    if place:
        about["from_key"], about["from_id"] = place.key
    statement = _list(bool(state), bool(q.strip()), None if place is None else place.back)
    rows = [ShownLine(**row._mapping) for row in session.execute(statement, about)]
    return cursors.page_of(rows, limit, lambda one: (one.report_id, one.line_no), place)


def count_sell_out_lines(session: Session, *, actor: Actor, state: str = "", q: str = "") -> int:
    """How many lines `sell_out_lines` gives, at most one more than `paging.COUNTED_MAX`. Raises Forbidden."""
    actor.require(TraceRight.READ)
    about = {
        "dealer_id": actor.own_dealer_id,
        "state": state,
        "code": containing_code(q.strip()),
        "limit": paging.COUNTED_MAX + 1,
    }
    count: int = session.execute(_count(bool(state), bool(q.strip())), about).scalar_one()
    return count


def sell_out_report(session: Session, *, actor: Actor, number: str) -> ShownReport:
    """One report of the dealer with its lines. Raises NotFound, Forbidden."""
    actor.require(TraceRight.READ)
    about = {"dealer_id": actor.own_dealer_id, "number": number}
    head = session.execute(_HEAD, about).one_or_none()
    if head is None:
        raise NotFound()
    rows = session.execute(_LINES, about | {"report_id": head.id})
    lines = [ShownLine(**row._mapping) for row in rows]
    return ShownReport(head.number, head.source, head.reported_at, head.reported_by_label, lines)


_SHOWN = """
    SELECT l.report_id, l.line_no, r.number, l.document, l.document_line AS line, l.kind, l.day, l.sku,
           coalesce(p.name_zh, '') AS name_zh, coalesce(p.name_en, '') AS name_en, l.lot_no AS lot, l.serial,
           l.quantity, l.hospital, l.state, l.defect, l.waits_until, r.reported_at, l.reason
      FROM sell_out_line l
      JOIN sell_out_report r ON (r.dealer_id, r.id) = (l.dealer_id, l.report_id)
      LEFT JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id
"""
_HEAD = text(
    """
    SELECT id, number, source, reported_at, reported_by_label FROM sell_out_report
     WHERE dealer_id = :dealer_id AND number = :number
    """
)
_LINES = text(f"{_SHOWN} AND l.report_id = :report_id ORDER BY l.line_no")


@cache
def _list(with_state: bool, with_q: bool, back: bool | None) -> TextClause:
    after, order = paging.keyset("l.report_id", "l.line_no", descending=True, back=back)
    onward = f"AND {after}" if after else ""
    return text(f"{_SHOWN} {_narrowed(with_state, with_q)} {onward} ORDER BY {order} LIMIT :limit")


@cache
def _count(with_state: bool, with_q: bool) -> TextClause:
    narrowed = _narrowed(with_state, with_q)
    return text(f"SELECT count(*) FROM ({_SHOWN} {narrowed} LIMIT :limit) met")


def _narrowed(with_state: bool, with_q: bool) -> str:
    conditions = []
    if with_state:
        conditions.append("AND l.state = :state")
    if with_q:
        conditions.append(
            "AND (code_key(l.document) LIKE :code OR code_key(l.sku) LIKE :code"
            " OR code_key(l.lot_no) LIKE :code OR code_key(l.serial) LIKE :code"
            " OR code_key(l.hospital) LIKE :code)"
        )
    return " ".join(conditions)
