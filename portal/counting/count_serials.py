"""What a count says of units with serial numbers: the missing ones are gone, those too many are taken in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from portal.counting.documents import LineFound, LockedCount
from portal.counting.rules import Standing
from portal.kernel import locks
from portal.kernel.errors import Fault, Invalid
from portal.kernel.locks import Rank
from portal.stock.serial_rules import SerialState
from portal.stock.serials import Place, Serials, move_serials, take_in


def post_serials(
    session: Session, count: LockedCount, differing: Sequence[LineFound], barred: Collection[int]
) -> None:
    """Give each serial the place where it was found, or none.

    One that is missing in one area and too many in another has moved. Raises Invalid with a fault for each
    that is known to be elsewhere.
    """
    lines = [line for line in differing if line.counted.missing or line.counted.surplus]
    locks.take(session, Rank.SERIAL, [(line.product_id, line.lot_id) for line in lines])
    faults: list[Fault] = []
    moved: set[tuple[int, str]] = set()
    for line in lines:
        for other in lines:
            if other.lot_id == line.lot_id and other.standing is not line.standing:
                both = sorted(set(line.counted.missing) & set(other.counted.surplus))
                moved |= {(line.lot_id, serial) for serial in both}
                of, to = _place(count, line, barred), _place(count, other, barred)
                named = [Serials(line.product_id, line.lot_id, both, "")]
                faults += move_serials(session, named, of=of, to=to, document=count.number)
    for line in lines:
        missing = [one for one in line.counted.missing if (line.lot_id, one) not in moved]
        named = [Serials(line.product_id, line.lot_id, missing, "")]
        of, gone = _place(count, line, barred), Place(SerialState.SCRAPPED)
        faults += move_serials(session, named, of=of, to=gone, document=count.number)
    for line in lines:
        surplus = [one for one in line.counted.surplus if (line.lot_id, one) not in moved]
        named = [Serials(line.product_id, line.lot_id, surplus, "")]
        faults += take_in(session, named, to=_place(count, line, barred), document=count.number)
    if faults:
        raise Invalid(faults=faults)


def _place(count: LockedCount, line: LineFound, barred: Collection[int]) -> Place:
    apart = line.standing is Standing.SALEABLE and line.lot_id in barred
    return Place(SerialState.QUARANTINED if apart else SerialState(line.standing), count.warehouse_id)
