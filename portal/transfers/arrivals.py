"""Units of a transfer that come into the stock of the other warehouse, with their serials."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.kernel.locks import Rank
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind
from portal.stock.serial_rules import SerialState
from portal.stock.serials import Place, Serials, move_serials
from portal.transfers.documents import LockedTransfer
from portal.transfers.rules import Arrived


def bring_to_stock(
    session: Session,
    transfer: LockedTransfer,
    told: Sequence[Arrived],
    *,
    actor: Actor,
    at: datetime,
    bad_are_lost: bool = False,
) -> None:
    """Put good units on hand and bad ones into quarantine, or nowhere where they are lost.

    Good units of a lot that may not be sold there are set apart. Locks the levels, the lots, the serials.
    Raises Invalid with a fault for each serial that did not leave with the transfer.
    """
    lines = {line.name: line for line in transfer.lines}
    there = transfer.to_warehouse_id
    moves = [
        LotMove(lines[one.name].lot_id, on_hand=one.good, quarantined=0 if bad_are_lost else one.bad)
        for one in told
        if one.good or (one.bad and not bad_are_lost)
    ]
    barred = move_lots(
        session,
        warehouse_id=there,
        moves=moves,
        kind=MovementKind.TRANSFER,
        document=transfer.number,
        actor=actor,
        at=at,
    )
    apart, lost = Place(SerialState.QUARANTINED, there), Place(SerialState.SCRAPPED)
    scanned = [lines[one.name] for one in told if one.good_serials or one.bad_serials]
    locks.take(session, Rank.SERIAL, [(line.product_id, line.lot_id) for line in scanned])
    faults = []
    for one in told:
        line = lines[one.name]
        good = apart if line.lot_id in barred else Place(SerialState.SALEABLE, there)
        for member, serials, to in (
            ("serials", one.good_serials, good),
            ("damaged_serials", one.bad_serials, lost if bad_are_lost else apart),
        ):
            named = [Serials(line.product_id, line.lot_id, serials, f"{one.pointer}/{member}")]
            gone = Place(SerialState.IN_TRANSIT)
            faults += move_serials(session, named, of=gone, to=to, document=transfer.number)
    if faults:
        raise Invalid(faults=faults)
