"""Who may have sold a unit that was seen, from the lines that were accepted. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from portal.diversion.rules import Holder
from portal.sellout.rules import Move, MoveKind, Unit


@dataclass(slots=True)
class _Had:
    """What one dealer did with a lot: the day it first got of it, the hospitals it sold to."""

    since: date
    sold_to: set[str] = field(default_factory=set)


class Trails:
    """Of every unit with a serial number what happened to it; of every other lot who had it."""

    def __init__(self, accepted: Iterable[Move], dealers: Collection[str]) -> None:
        """accepted: as they happened."""
        self._dealers = dealers
        self._units: dict[Unit, list[Move]] = {}
        self._lots: dict[Unit, dict[str, _Had]] = {}
        for move in accepted:
            if move.unit.serial:
                self._units.setdefault(move.unit, []).append(move)
            else:
                self._note(self._lots.setdefault(move.unit, {}), move)

    def exists(self, unit: Unit) -> bool:
        """Whether such a unit, or lot, was ever received."""
        return unit in self._units or unit in self._lots

    def holders(self, unit: Unit, seen_on: date) -> list[Holder]:
        """Who may have sold it: one dealer of a unit, of other goods every dealer who ever had the lot."""
        if not unit.serial:
            return [
                Holder(dealer, had.since, min(had.since, seen_on), seen_on, frozenset(had.sold_to))
                for dealer, had in self._lots.get(unit, {}).items()
            ]
        return self._holder(self._units.get(unit, []), seen_on)

    def _note(self, had_by: dict[str, _Had], move: Move) -> None:
        if move.target in self._dealers:
            had_by.setdefault(move.target, _Had(move.at))
        if move.kind is MoveKind.SELL_OUT and move.source in had_by:
            had_by[move.source].sold_to.add(move.target)

    def _holder(self, moves: Iterable[Move], seen_on: date) -> list[Holder]:
        """The last dealer to hold it by that day: its sale, if it told of one, else since it has the unit."""
        found: Holder | None = None
        for move in moves:
            if move.at > seen_on:
                break
            if move.target in self._dealers:
                bought = found.bought if found and found.dealer == move.target else move.at
                found = Holder(move.target, bought, move.at, seen_on)
            elif move.kind in (MoveKind.RETURN, MoveKind.SHIPMENT):
                found = None  # it is ours again
            elif found and move.source == found.dealer and move.kind is not MoveKind.DESTROYED:
                found = Holder(found.dealer, found.bought, move.at, move.at, frozenset({move.target}))
        return [found] if found else []
