"""A report of non-conforming goods as its verbs read and change it, its row locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid, NotFound
from portal.nonconforming.rules import ReportState
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind
from portal.stock.serial_rules import SerialState
from portal.stock.serials import Place, Serials, move_serials


@dataclass(frozen=True, slots=True)
class LockedReport:
    """A report that nobody else changes until the commit."""

    id: int
    number: str
    warehouse_id: int
    product_id: int
    lot_id: int
    quantity: int
    serials: Sequence[str]
    state: ReportState
    reported_by: str
    decided_by: str | None


def lock_report(session: Session, number: str) -> LockedReport:
    """The report, locked. Raises NotFound."""
    row = session.execute(_LOCK, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return LockedReport(**{**row._mapping, "state": ReportState(row.state)})


def reported_units(session: Session, *, warehouse_id: int, lots: Sequence[int]) -> dict[int, int]:
    """Units of lots that lie in quarantine under reports which are not closed, by lot."""
    rows = session.execute(_REPORTED, {"warehouse_id": warehouse_id, "lots": list(lots)})
    return {row.lot_id: row.units for row in rows}


def serials_reported(session: Session, *, product_id: int, serials: Sequence[str]) -> frozenset[str]:
    """Those of some serials that stand in a report which is not closed."""
    about = {"product_id": product_id, "serials": list(serials)}
    return frozenset(session.execute(_SERIALS_REPORTED, about).scalars()) if serials else frozenset()


def move_reported(
    session: Session,
    report: LockedReport,
    *,
    kind: MovementKind,
    on_hand: int,
    to: Place,
    actor: Actor,
    at: datetime,
) -> None:
    """Take the report's units out of quarantine, on hand or away, and their serials with them.

    Raises Invalid with a fault for each serial that is not in quarantine there any more.
    """
    move_lots(
        session,
        warehouse_id=report.warehouse_id,
        moves=[LotMove(report.lot_id, on_hand=on_hand, quarantined=-report.quantity)],
        kind=kind,
        document=report.number,
        actor=actor,
        at=at,
    )
    named = [Serials(report.product_id, report.lot_id, report.serials, "/serials")]
    apart = Place(SerialState.QUARANTINED, report.warehouse_id)
    if faults := move_serials(session, named, of=apart, to=to, document=report.number):
        raise Invalid(faults=faults)


_LOCK = text(
    """
    SELECT id, number, warehouse_id, product_id, lot_id, quantity, serials, state, reported_by, decided_by
      FROM nonconforming_report WHERE number = :number FOR NO KEY UPDATE
    """
)
_SERIALS_REPORTED = text(
    """
    SELECT n.serial FROM nonconforming_report r
     CROSS JOIN LATERAL jsonb_array_elements_text(r.serials) AS n(serial)
     WHERE r.product_id = :product_id AND r.state IN ('reported', 'to_destroy')
       AND n.serial = ANY (CAST(:serials AS text[]))
    """
)
_REPORTED = text(
    """
    SELECT lot_id, sum(quantity)::int AS units FROM nonconforming_report
     WHERE warehouse_id = :warehouse_id AND lot_id = ANY (CAST(:lots AS bigint[]))
       AND state IN ('reported', 'to_destroy')
     GROUP BY lot_id
    """
)
