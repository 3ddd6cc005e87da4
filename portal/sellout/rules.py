"""What becomes of a reported line of goods that went from one place to another. Pure.

A report may come late, twice or wrong. A line is judged by the day it happened, in the order of the kinds on
one day; a document's line counts once; what its place does not hold waits for goods to come, and is refused
when they do not. Nothing that is refused moves anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class MoveKind(StrEnum):
    """Why goods went, in the order in which it is told on one day: a return comes before the next sale."""

    RECEIPT = "receipt"
    SHIPMENT = "shipment"
    RETURN = "return"
    SELL_OUT = "sell_out"
    USE = "use"
    DESTROYED = "destroyed"


class Defect(StrEnum):
    """Why a line changes nothing."""

    NONE = ""
    UNKNOWN_PRODUCT = "unknown_product"
    NO_SERIAL = "no_serial"
    REPEATED = "repeated"
    NEVER_HELD = "never_held"
    MORE_THAN_RECEIVED = "more_than_received"


_ON_ONE_DAY = {kind: place for place, kind in enumerate(MoveKind)}


@dataclass(frozen=True, slots=True)
class Unit:
    """What is moved: units of a lot, or the one unit with a serial number (of a lot without, it is empty)."""

    sku: str
    lot: str
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A reported line. source: the place goods left, empty for those that are new to us."""

    document: str
    line: str
    kind: MoveKind
    at: date
    unit: Unit
    source: str
    target: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that changed nothing, and why."""

    move: Move
    defect: Defect


@dataclass(slots=True)
class Book:
    """What lies where by the lines accepted so far: never below zero, a serial number in one place."""

    held: dict[Unit, dict[str, int]] = field(default_factory=dict)

    def accept(self, move: Move) -> bool:
        """Move the units, or leave all as it is where the source does not hold them."""
        places = self.held.setdefault(move.unit, {})
        if move.quantity < 1 or (move.unit.serial and move.quantity > 1):
            return False
        if move.source:
            if places.get(move.source, 0) < move.quantity:
                return False
            places[move.source] -= move.quantity
        elif move.unit.serial and any(places.values()):
            return False  # born a second time
        places[move.target] = places.get(move.target, 0) + move.quantity
        return True


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of all lines. accepted: as they happened; held: by unit and place, 0 where all has left."""

    accepted: tuple[Move, ...]
    refused: tuple[Refused, ...]
    held: Mapping[Unit, Mapping[str, int]]


def settle(told: Iterable[Move]) -> Settled:
    """Judge lines in the order in which they were told, all of which are in."""
    once: dict[tuple[str, str], Move] = {}
    refused: list[Refused] = []
    for move in told:
        key = (move.document, move.line)
        if key in once:
            refused.append(Refused(move, Defect.REPEATED))
        else:
            once[key] = move
    book = Book()
    accepted: list[Move] = []
    failed: list[Move] = []
    for move in sorted(once.values(), key=lambda one: (one.at, _ON_ONE_DAY[one.kind])):
        (accepted if book.accept(move) else failed).append(move)
    refused += [Refused(move, defect_of(move, book.held[move.unit])) for move in failed]
    return Settled(tuple(accepted), tuple(refused), book.held)


def defect_of(move: Move, ever_held: Mapping[str, int]) -> Defect:
    """Why the line was not accepted. ever_held: the places that held of the unit at any time."""
    if move.source and move.source not in ever_held:
        return Defect.NEVER_HELD
    return Defect.MORE_THAN_RECEIVED
