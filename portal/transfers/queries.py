"""Transfers as a list, and one of them whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key
from portal.transfers.vocabulary import TransferRight


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
    return TRANSFERS.page(
        session, {"state": state, "warehouse": warehouse, "q": q}, limit=limit, cursor=cursor, sort=sort
    )


def count_transfers(
    session: Session, *, actor: Actor, state: str = "", warehouse: str = "", q: str = ""
) -> int:
    """How many transfers `transfers` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(TransferRight.TRANSFER)
    return TRANSFERS.count(session, {"state": state, "warehouse": warehouse, "q": q})


def transfer(session: Session, *, actor: Actor, number: str) -> Transfer:
    """One transfer with its lines and what became of them. Raises NotFound, Forbidden."""
    actor.require(TransferRight.TRANSFER)
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    lines = [TransferLine(**line._mapping) for line in session.execute(_LINES, {"id": row.id})]
    events = [TransferEvent(**event._mapping) for event in session.execute(_EVENTS, {"id": row.id})]
    return Transfer(TransferRow(**row._mapping), tuple(lines), tuple(events))


TRANSFERS = DocumentList(
    "transfers",
    "t",
    "made_at",
    TransferRow,
    columns="""
    t.id, t.number, t.state, a.code AS origin, a.name_zh AS origin_zh, a.name_en AS origin_en,
    b.code AS destination, b.name_zh AS destination_zh, b.name_en AS destination_en, t.expected_on, t.note,
    t.made_by_label, t.made_at, t.dispatched_by_label, t.dispatched_at, t.received_by, t.received_by_label,
    t.received_at, s.units, CASE WHEN t.state = 'differing' THEN s.missing ELSE 0 END AS missing
    """,
    tables="""
      FROM stock_transfer t
      JOIN warehouse a ON a.id = t.from_warehouse_id
      JOIN warehouse b ON b.id = t.to_warehouse_id
    """,
    each="""
     CROSS JOIN LATERAL (SELECT coalesce(sum(quantity), 0)::int AS units,
                                coalesce(sum(quantity - received - damaged - lost), 0)::int AS missing
                           FROM stock_transfer_line WHERE transfer_id = t.id) s
    """,
    conditions={
        "state": "t.state = :state",
        "warehouse": ":warehouse IN (a.code, b.code)",
        "code": f"""({number_key("t.number")} LIKE :code OR EXISTS (
                     SELECT FROM stock_transfer_line l JOIN product p ON p.id = l.product_id
                       JOIN lot o ON o.id = l.lot_id
                      WHERE l.transfer_id = t.id
                        AND (code_key(p.sku) LIKE :code OR code_key(o.lot_no) LIKE :code)))""",
    },
)
LATEST_FIRST = TRANSFERS.latest_first
_ONE = text(f"{TRANSFERS.select} WHERE t.number = :number")
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
