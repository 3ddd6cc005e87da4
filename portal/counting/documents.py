"""A stock count as its verbs read and change it, its row locked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.counting.rules import Counted, CountState, Standing
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class LockedCount:
    """A count that nobody else changes until the commit."""

    id: int
    number: str
    warehouse_id: int
    state: CountState
    opened_by: str
    submitted_by: str | None


@dataclass(frozen=True, slots=True)
class LineFound:
    """A line with what is known of it."""

    product_id: int
    lot_id: int
    sku: str
    lot_no: str
    standing: Standing
    counted: Counted


def lock_count(session: Session, number: str) -> LockedCount:
    """The count, locked. Raises NotFound."""
    row = session.execute(_LOCK, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return LockedCount(**{**row._mapping, "state": CountState(row.state)})


def lines_of(session: Session, count: LockedCount) -> list[LineFound]:
    """Its lines, by lot."""
    return [
        LineFound(
            row.product_id,
            row.lot_id,
            row.sku,
            row.lot_no,
            Standing(row.standing),
            Counted(row.round, row.counted, row.expected, row.missing, row.surplus),
        )
        for row in session.execute(_LINES, {"id": count.id})
    ]


def hand_in(session: Session, count: LockedCount, state: CountState, actor: Actor, at: datetime) -> None:
    """Write that the counters are done, for the first time or for good."""
    about = {"id": count.id, "state": state, "actor": actor.key, "label": actor.label, "at": at}
    session.execute(_SUBMIT, about)


def close(
    session: Session, count: LockedCount, state: CountState, note: str, actor: Actor, at: datetime
) -> None:
    """Write how the count ended; its lots may be counted again."""
    about = {"id": count.id, "state": state, "actor": actor.key, "label": actor.label, "at": at}
    session.execute(_CLOSE, {**about, "note": note})
    session.execute(_FREE, {"id": count.id})


_LOCK = text(
    """
    SELECT id, number, warehouse_id, state, opened_by, submitted_by FROM stock_count
     WHERE number = :number FOR NO KEY UPDATE
    """
)
_LINES = text(
    """
    SELECT l.product_id, l.lot_id, p.sku, t.lot_no, l.standing, l.round, l.counted, l.expected, l.missing,
           l.surplus
      FROM stock_count_line l JOIN product p ON p.id = l.product_id JOIN lot t ON t.id = l.lot_id
     WHERE l.count_id = :id ORDER BY l.lot_id, l.standing
    """
)
_SUBMIT = text(
    """
    UPDATE stock_count
       SET state = :state, submitted_by = :actor, submitted_by_label = :label, submitted_at = :at
     WHERE id = :id
    """
)
_CLOSE = text(
    """
    UPDATE stock_count
       SET state = :state, decided_by = :actor, decided_by_label = :label, decided_at = :at, note = :note
     WHERE id = :id
    """
)
_FREE = text("UPDATE stock_count_line SET is_open = false WHERE count_id = :id")
