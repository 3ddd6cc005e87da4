"""Transfers as a list, and one of them whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.search_pattern import containing_code, number_key
from portal.transfers.vocabulary import TransferRight


class TransferSort(StrEnum):
    """What transfers are sorted by."""

    MADE_AT = "made_at"


SORTED_BY = {TransferSort.MADE_AT: SortKey("t.made_at", paging.moment, "ix_stock_transfer_made_at")}
LATEST_FIRST = Sort(TransferSort.MADE_AT, descending=True)


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer with its two warehouses. units, missing: of all lines."""

    id: int
    number: str
    state: str
    origin: str
    origin_zh: str
    origin_en: str
    destination: str
    destination_zh: str
    destination_en: str
    expected_on: date | None
    note: str
    made_by_label: str
    made_at: datetime
    dispatched_by_label: str | None
    dispatched_at: datetime | None
    received_by: str | None
    received_by_label: str | None
    received_at: datetime | None
    units: int
    missing: int


@dataclass(frozen=True, slots=True)
class TransferLine:
    """A line with its product. serials: of the units that left."""

    line_no: int
    sku: str
    name_zh: str
    name_en: str
    unit: str
    lot_no: str
    expires_on: date | None
    serial_controlled: bool
    quantity: int
    received: int
    damaged: int
    lost: int
    serials: Sequence[str]

    @property
    def open(self) -> int:
        """Units of which nothing is known yet."""
        return self.quantity - self.received - self.damaged - self.lost


@dataclass(frozen=True, slots=True)
class TransferEvent:
    """What somebody found out about units of a line."""

    line_no: int
    outcome: str
    units: int
    serials: Sequence[str]
    reason: str
    actor_label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer whole."""

    head: TransferRow
    lines: tuple[TransferLine, ...]
    events: tuple[TransferEvent, ...]


def transfers(
    session: Session,
    *,
    actor: Actor,
    state: str = "",
    warehouse: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[TransferRow]:
    """Transfers, the latest first. warehouse: code, at either end. q: part of a number, a SKU or a lot."""
    actor.require(TransferRight.TRANSFER)
    order_by = paging.sort_of(sort, list(TransferSort), LATEST_FIRST)
    parameters: dict[str, Any] = {"limit": limit + 1, **_sought(state, warehouse, q)}
    cursors = paging.cursors(session, f"transfers {order_by}", paging.moment, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    statement = _list(bool(state), bool(warehouse), bool(q.strip()), back, order_by.descending)
    rows = [TransferRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.made_at, one.id), place)


def count_transfers(
    session: Session, *, actor: Actor, state: str = "", warehouse: str = "", q: str = ""
) -> int:
    """How many transfers `transfers` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(TransferRight.TRANSFER)
    parameters = {"limit": paging.COUNTED_MAX + 1, **_sought(state, warehouse, q)}
    statement = _count(bool(state), bool(warehouse), bool(q.strip()))
    count: int = session.execute(statement, parameters).scalar_one()
    return count


def transfer(session: Session, *, actor: Actor, number: str) -> Transfer:
    """One transfer with its lines and what became of them. Raises NotFound, Forbidden."""
    actor.require(TransferRight.TRANSFER)
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    lines = [TransferLine(**line._mapping) for line in session.execute(_LINES, {"id": row.id})]
    events = [TransferEvent(**event._mapping) for event in session.execute(_EVENTS, {"id": row.id})]
    return Transfer(TransferRow(**row._mapping), tuple(lines), tuple(events))


def _sought(state: str, warehouse: str, q: str) -> Mapping[str, Any]:
    return {"state": state, "warehouse": warehouse, "code": containing_code(q.strip())}


_COLUMNS = """
t.id, t.number, t.state, a.code AS origin, a.name_zh AS origin_zh, a.name_en AS origin_en,
b.code AS destination, b.name_zh AS destination_zh, b.name_en AS destination_en, t.expected_on, t.note,
t.made_by_label, t.made_at, t.dispatched_by_label, t.dispatched_at, t.received_by, t.received_by_label,
t.received_at, s.units, CASE WHEN t.state = 'differing' THEN s.missing ELSE 0 END AS missing
"""
_TABLES = """
  FROM stock_transfer t
  JOIN warehouse a ON a.id = t.from_warehouse_id
  JOIN warehouse b ON b.id = t.to_warehouse_id
"""
_SUMS = """
 CROSS JOIN LATERAL (SELECT coalesce(sum(quantity), 0)::int AS units,
                            coalesce(sum(quantity - received - damaged - lost), 0)::int AS missing
                       FROM stock_transfer_line WHERE transfer_id = t.id) s
"""


def _where(with_state: bool, with_warehouse: bool, with_q: bool) -> str:
    conditions = ["true"]
    if with_state:
        conditions.append("t.state = :state")
    if with_warehouse:
        conditions.append(":warehouse IN (a.code, b.code)")
    if with_q:
        conditions.append(
            f"""({number_key("t.number")} LIKE :code OR EXISTS (
                 SELECT FROM stock_transfer_line l JOIN product p ON p.id = l.product_id
                   JOIN lot o ON o.id = l.lot_id
                  WHERE l.transfer_id = t.id
                    AND (code_key(p.sku) LIKE :code OR code_key(o.lot_no) LIKE :code)))"""
        )
    return " AND ".join(conditions)


@cache
def _list(
    with_state: bool, with_warehouse: bool, with_q: bool, back: bool | None, descending: bool
) -> TextClause:
    key = SORTED_BY[TransferSort.MADE_AT].sql
    after, order = paging.keyset(key, "t.id", descending=descending, back=back)
    where = _where(with_state, with_warehouse, with_q)
    return text(
        f"""
        SELECT {_COLUMNS} {_TABLES} {_SUMS}
         WHERE {where} {f"AND {after}" if after else ""}
         ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _count(with_state: bool, with_warehouse: bool, with_q: bool) -> TextClause:
    where = _where(with_state, with_warehouse, with_q)
    return text(f"SELECT count(*) FROM (SELECT {_TABLES} WHERE {where} LIMIT :limit) met")


_ONE = text(f"SELECT {_COLUMNS} {_TABLES} {_SUMS} WHERE t.number = :number")
_LINES = text(
    """
    SELECT l.line_no, p.sku, p.name_zh, p.name_en, p.unit, o.lot_no, o.expires_on, p.serial_controlled,
           l.quantity, l.received, l.damaged, l.lost, l.serials
      FROM stock_transfer_line l
      JOIN product p ON p.id = l.product_id
      JOIN lot o ON o.id = l.lot_id
     WHERE l.transfer_id = :id ORDER BY l.line_no
    """
)
_EVENTS = text(
    """
    SELECT line_no, outcome, units, serials, reason, actor_label, at FROM stock_transfer_outcome
     WHERE transfer_id = :id ORDER BY id
    """
)
