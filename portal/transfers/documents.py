"""A transfer as its verbs read and change it: its row locked, its lines, and what becomes of their units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.transfers.models import StockTransferOutcome
from portal.transfers.rules import Line, Outcome, TransferState


@dataclass(frozen=True, slots=True)
class LockedTransfer:
    """A transfer that nobody else changes until the commit."""

    id: int
    number: str
    from_warehouse_id: int
    to_warehouse_id: int
    state: TransferState
    expected_on: date | None
    received_by: str | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What became of some units of a line."""

    line: Line
    outcome: Outcome
    units: int
    serials: Sequence[str]


def lock_transfer(session: Session, number: str) -> LockedTransfer:
    """The transfer, locked. Raises NotFound."""
    row = session.execute(_LOCK, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    lines = tuple(Line(**line._mapping) for line in session.execute(_LINES, {"id": row.id}))
    return LockedTransfer(
        row.id,
        number,
        row.from_warehouse_id,
        row.to_warehouse_id,
        TransferState(row.state),
        row.expected_on,
        row.received_by,
        lines,
    )


def move_on(session: Session, transfer: LockedTransfer, state: TransferState) -> None:
    """Write where the transfer stands now."""
    session.execute(_STATE, {"id": transfer.id, "state": state})


def keep_outcomes(
    session: Session,
    transfer: LockedTransfer,
    said: Sequence[Said],
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Write what became of units, and count it in their lines."""
    about = {"transfer_id": transfer.id, "reason": reason, "at": at}
    rows = [
        {
            **about,
            "line_no": one.line.line_no,
            "outcome": str(one.outcome),
            "units": one.units,
            "serials": list(one.serials),
            "actor": actor.key,
            "actor_label": actor.label,
        }
        for one in said
    ]
    if rows:
        session.execute(insert(StockTransferOutcome), rows)
    session.execute(_COUNT, {"id": transfer.id})


OutcomeKey = tuple[int, Outcome, int, tuple[str, ...]]
"""Line, what became of units of it, how many, and their serials in order."""


def outcome_keys(said: Iterable[Said]) -> list[OutcomeKey]:
    """What was told, in an order in which two receipts can be compared."""
    return sorted((one.line.line_no, one.outcome, one.units, tuple(sorted(one.serials))) for one in said)


def arrived_first(session: Session, transfer: LockedTransfer) -> list[OutcomeKey]:
    """What was received and damaged when the transfer arrived, as `outcome_keys` gives it."""
    rows = session.execute(_ARRIVED, {"id": transfer.id})
    return sorted((row.line_no, Outcome(row.outcome), row.units, tuple(sorted(row.serials))) for row in rows)


_LOCK = text(
    """
    SELECT id, from_warehouse_id, to_warehouse_id, state, expected_on, received_by FROM stock_transfer
     WHERE number = :number FOR NO KEY UPDATE
    """
)
_LINES = text(
    """
    SELECT l.line_no, l.product_id, l.lot_id, p.sku, t.lot_no, p.serial_controlled, l.quantity, l.received,
           l.damaged, l.lost,
           ARRAY(SELECT n.serial FROM jsonb_array_elements_text(l.serials) WITH ORDINALITY AS n(serial, place)
                  WHERE NOT EXISTS (SELECT FROM stock_transfer_outcome o
                                     WHERE o.transfer_id = l.transfer_id AND o.line_no = l.line_no
                                       AND o.serials ? n.serial)
                  ORDER BY n.place) AS serials
      FROM stock_transfer_line l
      JOIN product p ON p.id = l.product_id
      JOIN lot t ON t.id = l.lot_id
     WHERE l.transfer_id = :id ORDER BY l.line_no
    """
)
_STATE = text("UPDATE stock_transfer SET state = :state WHERE id = :id")
_COUNT = text(
    """
    UPDATE stock_transfer_line l
       SET received = o.received, damaged = o.damaged, lost = o.lost
      FROM (SELECT line_no,
                   coalesce(sum(units) FILTER (WHERE outcome IN ('received', 'found')), 0) AS received,
                   coalesce(sum(units) FILTER (WHERE outcome = 'damaged'), 0) AS damaged,
                   coalesce(sum(units) FILTER (WHERE outcome = 'lost'), 0) AS lost
              FROM stock_transfer_outcome WHERE transfer_id = :id GROUP BY line_no) o
     WHERE l.transfer_id = :id AND l.line_no = o.line_no
    """
)
_ARRIVED = text(
    """
    SELECT line_no, outcome, units, serials FROM stock_transfer_outcome
     WHERE transfer_id = :id AND outcome IN ('received', 'damaged')
    """
)
