"""The life of a transfer, and what may be said of what left and what arrived. Pure.

`TRANSITIONS` is the law; docs/transfers.md draws it, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from portal.kernel.errors import N_, Conflict, Fault
from portal.kernel.lots import named_as
from portal.stock.serial_rules import serial_faults

QUANTITY_MAX = 1_000_000
LINES_MAX = 500
NOTE_MAX = 500


class TransferState(StrEnum):
    """Where a transfer stands. differing: it arrived, and what became of some units is not known yet."""

    DRAFT = "draft"
    IN_TRANSIT = "in_transit"
    DIFFERING = "differing"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What became of units that left. found: later than the rest."""

    RECEIVED = "received"
    DAMAGED = "damaged"
    FOUND = "found"
    LOST = "lost"


_REACHES: Mapping[TransferState, tuple[TransferState, ...]] = {
    TransferState.DRAFT: (TransferState.IN_TRANSIT, TransferState.CANCELLED),
    TransferState.IN_TRANSIT: (TransferState.DIFFERING, TransferState.RECEIVED),
    TransferState.DIFFERING: (TransferState.DIFFERING, TransferState.RECEIVED),
}

TRANSITIONS = frozenset((start, end) for start, ends in _REACHES.items() for end in ends)
"""Every (from, to) that is possible; from a state to itself some more of what is missing was cleared up."""


def require_state(now: TransferState, *allowed: TransferState) -> None:
    """Raise Conflict unless the transfer stands where the act is possible."""
    if now not in allowed:
        raise Conflict(
            "transfer_state",
            N_("The transfer has moved on: this is not possible any more, or not yet."),
            fix=N_("Load it again and look at its status."),
        )


LotName = tuple[str, str]
"""SKU and lot number."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Units of a lot that shall go; `pointer` says where somebody named them."""

    sku: str
    lot_no: str
    quantity: int
    serials: Sequence[str]
    pointer: str

    @property
    def name(self) -> LotName:
        """The lot it is of."""
        return self.sku, self.lot_no


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of a line: units that are fit for sale and units that are not, or that are lost."""

    sku: str
    lot_no: str
    good: int
    bad: int
    good_serials: Sequence[str]
    bad_serials: Sequence[str]
    pointer: str

    @property
    def name(self) -> LotName:
        """The lot it is of."""
        return self.sku, self.lot_no


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands. serials: of the units that nothing is known of yet."""

    line_no: int
    product_id: int
    lot_id: int
    sku: str
    lot_no: str
    serial_controlled: bool
    quantity: int
    received: int
    damaged: int
    lost: int
    serials: Sequence[str]

    @property
    def name(self) -> LotName:
        """The lot it is of."""
        return self.sku, self.lot_no

    @property
    def open(self) -> int:
        """Units of which nothing is known yet."""
        return self.quantity - self.received - self.damaged - self.lost


def quantity_fault(pointer: str, quantity: int) -> list[Fault]:
    """What is wrong with a number of units that shall go."""
    if 1 <= quantity <= QUANTITY_MAX:
        return []
    message, fix = N_("Between 1 and %(max)s units can go at once."), N_("Correct the quantity.")
    return [Fault(f"{pointer}/quantity", "quantity_out_of_range", message, fix, {"max": QUANTITY_MAX})]


def repeated_faults(lines: Sequence[Moved] | Sequence[Arrived]) -> list[Fault]:
    """Lots that are named twice: nobody knows whether they add up."""
    met: set[LotName] = set()
    faults = []
    for line in lines:
        if line.name in met:
            message, fix = N_("%(sku)s, lot %(lot)s is named twice."), N_("Put its units on one line.")
            about = {"sku": line.sku, "lot": line.lot_no}
            faults.append(Fault(f"{line.pointer}/lot", "line_repeated", message, fix, about))
        met.add(line.name)
    return faults


def as_sent(lines: Sequence[Line], told: Sequence[Arrived]) -> list[Arrived]:
    """What is said of lots, these named as the transfer names them."""
    known = {line.name for line in lines}
    return [replace(one, lot_no=named_as(one.name, known)[1]) for one in told]


def arrival_faults(lines: Sequence[Line], told: Sequence[Arrived], *, whole: bool) -> list[Fault]:
    """What is wrong with what somebody says of the open units. whole: of every line that has some."""
    known = {line.name: line for line in lines}
    faults = repeated_faults(told)
    for one in told:
        line = known.get(one.name)
        faults += _unknown(one) if line is None else _line_faults(line, one)
    named = {one.name for one in told}
    for line in lines if whole else ():
        if line.name not in named:
            message = N_("Nothing is said of %(sku)s, lot %(lot)s.")
            fix = N_("Say how many arrived, 0 too.")
            about = {"sku": line.sku, "lot": line.lot_no}
            faults.append(Fault("/lines", "line_missing", message, fix, about))
    return faults


def _unknown(one: Arrived) -> list[Fault]:
    message = N_("%(sku)s, lot %(lot)s did not leave with this transfer.")
    fix = N_("Read the label again; what arrived beside it is taken up by a stock count.")
    return [Fault(f"{one.pointer}/lot", "not_sent", message, fix, {"sku": one.sku, "lot": one.lot_no})]


def _line_faults(line: Line, one: Arrived) -> list[Fault]:
    if one.good < 0 or one.bad < 0:
        message, fix = N_("Fewer than no units cannot arrive."), N_("Correct the quantity.")
        return [Fault(f"{one.pointer}/received", "quantity_negative", message, fix)]
    if one.good + one.bad > line.open:
        message = N_("More than the %(open)s units of %(sku)s that are still open.")
        fix = N_("Count again; what arrived beside them is taken up by a stock count.")
        about = {"open": line.open, "sku": line.sku}
        return [Fault(f"{one.pointer}/received", "more_than_sent", message, fix, about)]
    faults = []
    named = (("serials", one.good_serials, one.good), ("damaged_serials", one.bad_serials, one.bad))
    for member, serials, units in named:
        pointer, controlled = f"{one.pointer}/{member}", line.serial_controlled
        faults += serial_faults(pointer, line.sku, serials, units=units, controlled=controlled)
        if controlled:
            faults += _strangers(pointer, line, serials)
    return faults


def _strangers(pointer: str, line: Line, serials: Sequence[str]) -> list[Fault]:
    """Serials of which this transfer brings no unit: another transfer of the same lot may be on its way."""
    message = N_("The unit with serial number %(serial)s did not leave with this transfer, or is settled.")
    fix = N_("Scan it again; what belongs to another transfer is received there.")
    open_ones = set(line.serials)
    return [
        Fault(pointer, "serial_elsewhere", message, fix, {"serial": one})
        for one in serials
        if one not in open_ones
    ]
