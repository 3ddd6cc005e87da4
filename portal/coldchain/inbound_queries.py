"""How cold goods came in, as a list: all of them, or those that wait for quality."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.coldchain.judged import from_json
from portal.coldchain.rules import Finding, Range
from portal.kernel import paging
from portal.kernel.db import value_of
from portal.kernel.paging import Page, Sort
from portal.kernel.search_pattern import containing_code, number_key

RECORDED_AT = "recorded_at"
LATEST_FIRST = Sort(RECORDED_AT, descending=True)


@dataclass(frozen=True, slots=True)
class InboundRow:
    """How cold goods came in with a document."""

    number: str
    state: str
    bounds: Range
    transport: str
    departed_at: datetime
    departure_celsius: Decimal
    arrived_at: datetime
    arrival_celsius: Decimal
    findings: list[Finding]
    log_name: str
    recorded_at: datetime
    recorded_by_label: str
    decided_by_label: str | None
    reason: str

    @property
    def departure(self) -> str:
        """How cold it was when it left, in words."""
        return f"{self.departure_celsius} °C"

    @property
    def arrival(self) -> str:
        """How cold it was when it came, in words."""
        return f"{self.arrival_celsius} °C"


def inbound_rows(
    session: Session,
    *,
    waiting: bool = False,
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[InboundRow]:
    """Transports that came in, the latest first. q: part of a number. Raises Invalid for a foreign cursor."""
    order_by = paging.sort_of(sort, [RECORDED_AT], LATEST_FIRST)
    cursors = paging.cursors(session, f"cold receipts {order_by}", paging.moment, str)
    place = cursors.place_of(cursor)
    parameters = {"limit": limit + 1, "code": containing_code(q.strip())}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _list(waiting, bool(q.strip()), None if place is None else place.back, order_by.descending)
    rows = [
        value_of(InboundRow, row, bounds=Range(row.low, row.high), findings=from_json(row.findings))
        for row in session.execute(statement, parameters)
    ]
    return cursors.page_of(rows, limit, lambda one: (one.recorded_at, one.number), place)


def count_inbound(session: Session, *, waiting: bool = False, q: str = "") -> int:
    """How many `inbound_rows` gives, at most one more than `paging.COUNTED_MAX`."""
    parameters = {"limit": paging.COUNTED_MAX + 1, "code": containing_code(q.strip())}
    count: int = session.execute(_count(waiting, bool(q.strip())), parameters).scalar_one()
    return count


def _sought(waiting: bool, with_q: bool) -> str:
    return " AND ".join(
        [
            "r.state = 'waiting'" if waiting else "true",
            f"{number_key('r.number')} LIKE :code" if with_q else "true",
        ]
    )


@cache
def _list(waiting: bool, with_q: bool, back: bool | None, descending: bool) -> TextClause:
    after, order = paging.keyset("r.recorded_at", "r.number", descending=descending, back=back)
    return text(
        f"""
        SELECT r.number, r.state, r.low, r.high, r.transport, r.departed_at, r.departure_celsius,
               r.arrived_at, r.arrival_celsius, r.findings, r.log_name, r.recorded_at, r.recorded_by_label,
               r.decided_by_label, r.reason
          FROM cold_receipt r
         WHERE {_sought(waiting, with_q)} {f"AND {after}" if after else ""}
         ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _count(waiting: bool, with_q: bool) -> TextClause:
    return text(
        f"""
        SELECT count(*) FROM (
          SELECT FROM cold_receipt r WHERE {_sought(waiting, with_q)} LIMIT :limit) met
        """
    )
