"""What a count says of units with serial numbers: the missing ones are gone, those too many are taken in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import permutations

from sqlalchemy.orm import Session

from portal.counting.documents import LineFound, LockedCount
from portal.counting.rules import Standing
from portal.kernel import locks
from portal.kernel.errors import Fault, Invalid
from portal.kernel.locks import Rank
from portal.stock.lots_here import Barred
from portal.stock.serial_rules import SerialState
from portal.stock.serials import Place, Serials, move_serials, take_in

_GONE = Place(SerialState.SCRAPPED)


def lay(line: LineFound, barred: Barred) -> Standing:
    """Where the missing units of a line were: what was saleable of a retired lot is set apart now."""
    return _apart(line, barred.apart)


def lies(line: LineFound, barred: Barred) -> Standing:
    """Where its surplus units get to: those of a lot that may not be sold are set apart."""
    return _apart(line, barred.lots)


def _apart(line: LineFound, lots: Collection[int]) -> Standing:
    apart = line.standing is Standing.SALEABLE and line.lot_id in lots
    return Standing.QUARANTINED if apart else line.standing


def post_serials(
    session: Session, count: LockedCount, differing: Sequence[LineFound], barred: Barred
) -> None:
    """Give each serial the place where it was found, or none.

    One that is missing in one area and too many in another has moved. Raises Invalid with a fault for each
    that is known to be elsewhere. One statement for each pair of places, whatever the number of lots.
    """
    by_lot: dict[int, list[LineFound]] = defaultdict(list)
    for line in differing:
        if line.counted.missing or line.counted.surplus:
            by_lot[line.lot_id].append(line)
    moved: dict[tuple[Place, Place], list[Serials]] = defaultdict(list)
    new: dict[Place, list[Serials]] = defaultdict(list)
    for lines in by_lot.values():
        elsewhere: set[str] = set()
        for line, other in permutations(lines, 2):
            both = set(line.counted.missing) & set(other.counted.surplus)
            elsewhere |= both
            of, to = _place(count, lay(line, barred)), _place(count, lies(other, barred))
            moved[of, to].append(_named(line, both))
        for line in lines:
            gone = set(line.counted.missing) - elsewhere
            moved[_place(count, lay(line, barred)), _GONE].append(_named(line, gone))
            came = set(line.counted.surplus) - elsewhere
            new[_place(count, lies(line, barred))].append(_named(line, came))
    locks.take(session, Rank.SERIAL, [(lines[0].product_id, lot_id) for lot_id, lines in by_lot.items()])
    faults: list[Fault] = []
    for (of, to), named in moved.items():
        faults += move_serials(session, named, of=of, to=to, document=count.number)
    for to, named in new.items():
        faults += take_in(session, named, to=to, document=count.number)
    if faults:
        raise Invalid(faults=faults)


def _named(line: LineFound, serials: Collection[str]) -> Serials:
    return Serials(line.product_id, line.lot_id, sorted(serials), "")


def _place(count: LockedCount, standing: Standing) -> Place:
    return Place(SerialState(standing), count.warehouse_id)
