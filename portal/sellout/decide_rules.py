"""Which reported lines are accepted, which wait and which are refused, and what that moves. Pure.

A place has of a lot what it holds at the end of the day of the line and of every later day: a late line takes
nothing that was given away since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from portal.kernel.errors import N_, Fault
from portal.kernel.lots import lot_faults
from portal.sellout.rules import Defect

LINES_MAX = 5_000
QUANTITY_MAX = 1_000_000
TEXT_MAX = 64
HOSPITAL_MAX = 100
WAITING_DAYS = 10


class LineKind(StrEnum):
    """What a line tells of, in the order in which it is told on one day."""

    RETURN = "return"
    SELL_OUT = "sell_out"
    USE = "use"


class LineState(StrEnum):
    """What became of a line. Waiting: its place does not hold the goods yet."""

    ACCEPTED = "accepted"
    WAITING = "waiting"
    REFUSED = "refused"
    REVERSED = "reversed"


class Source(StrEnum):
    """How a report came."""

    PAGE = "page"
    FILE = "file"
    SCAN = "scan"
    API = "api"


SAID = {
    Defect.UNKNOWN_PRODUCT: (N_("We sell no such article."), N_("Check the SKU against the label.")),
    Defect.NO_SERIAL: (
        N_("This article is followed by serial number, and the line has none."),
        N_("Scan the label of each unit."),
    ),
    Defect.REPEATED: (
        N_("This line of this document has been told already."),
        N_("Nothing needs to be done; it counts once."),
    ),
    Defect.NEVER_HELD: (
        N_("These goods were never there by our books."),
        N_("Check lot, serial number and hospital against the label and the document."),
    ),
    Defect.MORE_THAN_RECEIVED: (
        N_("That is more than was there on this day."),
        N_("Check quantity and day, and what else was reported of the lot."),
    ),
}
"""Of each reason why a line is not accepted what is wrong and what to do."""

_ON_ONE_DAY = {kind: place for place, kind in enumerate(LineKind)}

DEALER, USED = "dealer", "used"
"""Places that have no name of their own; a hospital is its key with a mark before it."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A line as it was sent. hospital: to which goods went, from which they came, or which used them.

    document, line: of the dealer's own books, by which a line counts once.
    """

    document: str
    line: str
    kind: LineKind
    day: date
    sku: str
    lot: str
    serial: str
    quantity: int
    hospital: str
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a line means: the product if we know it, the lot if it was ever at the dealer.

    is_coming: whether the dealer waits for goods of the product.
    """

    product_id: int | None = None
    lot_id: int | None = None
    lot: str = ""
    by_serial: bool = False
    is_coming: bool = False


@dataclass(slots=True)
class Shelf:
    """Units of a lot in a place: now, and by how much they changed on each of the days that matter."""

    held: int = 0
    changes: dict[date, int] = field(default_factory=dict)

    def free_on(self, day: date) -> int:
        """Units that were there at the end of the day and are not needed for what happened since."""
        held = least = self.held
        for later in sorted((one for one in self.changes if one > day), reverse=True):
            held -= self.changes[later]
            least = min(least, held)
        return least

    def move(self, day: date, units: int) -> None:
        """Units came (negative: went) on a day."""
        self.held += units
        self.changes[day] = self.changes.get(day, 0) + units


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The place where a unit with a serial number is, since a day."""

    place: str
    since: date


@dataclass(slots=True)
class Books:
    """What the dealer and its hospitals hold: by lot and place, and by product and serial number."""

    shelves: dict[tuple[int, str], Shelf] = field(default_factory=dict)
    units: dict[tuple[int, str], Whereabouts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a line, and why it is not accepted."""

    state: LineState
    defect: Defect = Defect.NONE


def hospital_place(key: str) -> str:
    """The place of a hospital, by the key of its name."""
    return f"@{key}"


def ends(kind: LineKind, hospital_key: str) -> tuple[str, str]:
    """From which place to which a line moves goods. Without a hospital the dealer itself used them."""
    hospital = hospital_place(hospital_key) if hospital_key else DEALER
    if kind is LineKind.RETURN:
        return hospital, DEALER
    return (DEALER, hospital) if kind is LineKind.SELL_OUT else (hospital, USED)


def in_order(lines: Iterable[tuple[date, LineKind]]) -> list[int]:
    """The places of lines in the order in which they happened; of alike ones in that in which they stand."""
    keys = [(day, _ON_ONE_DAY[kind]) for day, kind in lines]
    return sorted(range(len(keys)), key=keys.__getitem__)


def decide(line: Reported, meant: Meant, source: str, target: str, books: Books) -> Decision:
    """Decide a line and, if it is accepted, move its goods in the books.

    What is not there waits where it may still come: goods that the dealer has ordered, or those of a hospital
    whose purchase is told later.
    """
    if meant.product_id is None:
        return Decision(LineState.REFUSED, Defect.UNKNOWN_PRODUCT)
    if meant.by_serial and not line.serial:
        return Decision(LineState.REFUSED, Defect.NO_SERIAL)
    unit = (meant.product_id, line.serial) if meant.by_serial else None
    shelf = None if meant.lot_id is None else books.shelves.get((meant.lot_id, source))
    is_there = unit is None or _is_there(books.units.get(unit), source, line.day)
    if (
        meant.lot_id is not None
        and shelf is not None
        and is_there
        and shelf.free_on(line.day) >= line.quantity
    ):
        shelf.move(line.day, -line.quantity)
        books.shelves.setdefault((meant.lot_id, target), Shelf()).move(line.day, line.quantity)
        if unit is not None:
            books.units[unit] = Whereabouts(target, line.day)
        return Decision(LineState.ACCEPTED)
    never = shelf is None or (unit is not None and unit not in books.units)
    defect = Defect.NEVER_HELD if never else Defect.MORE_THAN_RECEIVED
    waits = source != DEALER or meant.is_coming
    return Decision(LineState.WAITING if waits else LineState.REFUSED, defect)


def waits_until(reported_on: date) -> date:
    """The last day on which a line waits."""
    return reported_on + timedelta(WAITING_DAYS)


def line_faults(lines: Iterable[Reported], today: date) -> list[Fault]:
    """Why lines cannot be taken at all, each beside its member."""
    return [fault for line in lines for fault in _faults(line, today)]


def _is_there(found: Whereabouts | None, place: str, day: date) -> bool:
    return found is not None and found.place == place and found.since <= day


def _faults(line: Reported, today: date) -> Iterable[Fault]:
    if not line.sku:
        yield Fault(f"{line.pointer}/sku", "sku_missing", N_("The SKU is missing."), N_("Enter it."))
    yield from lot_faults(f"{line.pointer}/lot", line.lot, most=TEXT_MAX)
    if not line.lot.strip():
        fix = N_("Enter it as it stands on the label, - for an article without lots.")
        yield Fault(f"{line.pointer}/lot", "lot_missing", N_("The lot number is missing."), fix)
    most = 1 if line.serial else QUANTITY_MAX
    if not 1 <= line.quantity <= most:
        message = N_("%(quantity)s is no quantity that can be reported.")
        params: Mapping[str, object] = {"quantity": line.quantity, "least": 1, "max": most}
        fix = N_("Enter %(least)s to %(max)s units.")
        yield Fault(f"{line.pointer}/quantity", "quantity_out_of_range", message, fix, dict(params))
    if line.day > today:
        message = N_("This day has not come yet.")
        yield Fault(f"{line.pointer}/day", "day_to_come", message, N_("Enter today or an earlier day."))
    if not line.hospital and line.kind is not LineKind.USE:
        message, fix = N_("The hospital is missing."), N_("Enter its name or code.")
        yield Fault(f"{line.pointer}/hospital", "hospital_missing", message, fix)
