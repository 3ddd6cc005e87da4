"""A channel in files: what was told of it read, judged, and what follows written. No database.

The format is that of the simulated channel (docs/diversion.md). Time grows with the number of lines alone.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from portal.diversion.rules import Authorisation, Campus, Permission, Rights, Sighting, Verdict, judge
from portal.diversion.trail_rules import Trails
from portal.sellout.rules import Move, MoveKind, Refused, Settled, Unit, settle

_DEPOT = "repair_depot"
_APPROVED = "approved"
_SCANNED = "scan"

Row = dict[str, str]
_T = TypeVar("_T")


class Unreadable(Exception):
    """A file of the channel is missing or a line of it says nothing we know; the message names it."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A unit seen, by the number of the sighting."""

    number: str
    unit: Unit
    seen: Sighting


@dataclass(frozen=True, slots=True)
class RecallScope:
    """What a recall is of: a lot of an article, perhaps of some serial numbers only."""

    recall: str
    sku: str
    lot: str
    serial_from: str
    serial_to: str

    def has(self, unit: Unit) -> bool:
        """Whether a unit of the lot is meant. Numbers of one length are in the order of their text."""
        if not self.serial_from:
            return True
        size = len(unit.serial)
        return (
            (len(self.serial_from), self.serial_from)
            <= (size, unit.serial)
            <= (
                len(self.serial_to),
                self.serial_to,
            )
        )


@dataclass(frozen=True, slots=True)
class Channel:
    """All that was told. lines: by article; permissions: approved ones by unit; campuses: by hospital."""

    moves: tuple[Move, ...]
    scans: tuple[Scan, ...]
    dealers: frozenset[str]
    lines: dict[str, str]
    campuses: dict[str, list[Campus]]
    rights: Rights
    permissions: dict[Unit, list[Permission]]
    recalls: tuple[RecallScope, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """Units in the scope of a recall that a place holds; 0 where all that came has left."""

    recall: str
    place: str
    held: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """What follows from all that was told."""

    alerts: tuple[tuple[str, Verdict], ...]
    holders: tuple[Held, ...]
    defects: tuple[Refused, ...]


def replay(channel: Channel) -> Replayed:
    """Settle the lines, look at every sighting, and tell who holds what is recalled."""
    settled = settle(channel.moves)
    trails = Trails(settled.accepted, channel.dealers)
    alerts = [
        (scan.number, verdict)
        for scan in channel.scans
        if (verdict := _verdict(channel, trails, scan)) is not None
    ]
    return Replayed(tuple(alerts), tuple(_holders(channel, settled)), settled.refused)


def read_channel(folder: Path) -> Channel:
    """Read the files of a channel. Raises Unreadable."""
    places = list(_rows(folder, "places.csv", ("code", "kind", "city", "group_code")))
    kinds = {row["code"]: row["kind"] for row in places}
    permissions: dict[Unit, list[Permission]] = {}
    for one in _each(folder, "transfers.csv", _PERMISSION, _permission):
        if one is not None:
            permissions.setdefault(Unit(one.sku, one.lot, one.serial), []).append(one)
    return Channel(
        moves=tuple(_each(folder, "movements.csv", _MOVE, _move)),
        scans=tuple(_each(folder, "scans.csv", _SCAN, lambda row: _scan(row, kinds))),
        dealers=frozenset(row["code"] for row in _rows(folder, "dealers.csv", ("code",))),
        lines={row["sku"]: row["line"] for row in _rows(folder, "products.csv", ("sku", "line"))},
        campuses=_campuses(places),
        rights=Rights(_each(folder, "authorisations.csv", _AUTHORISATION, _authorisation)),
        permissions=permissions,
        recalls=tuple(_each(folder, "recalls.csv", _RECALL, _recall)),
    )


def write_replayed(found: Replayed, folder: Path) -> None:
    """Write alerts.csv, holders.csv and defects.csv into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    alerts = [(scan, verdict.dealer, verdict.level) for scan, verdict in found.alerts]
    _write(folder / "alerts.csv", ("scan", "dealer", "level"), alerts)
    held = [(one.recall, one.place, one.held) for one in found.holders]
    _write(folder / "holders.csv", ("recall", "place", "held"), held)
    defects = [(one.move.document, one.move.line, one.defect) for one in found.defects]
    _write(folder / "defects.csv", ("document", "line", "kind"), defects)


def _verdict(channel: Channel, trails: Trails, scan: Scan) -> Verdict | None:
    unit = scan.unit
    of_lot = Unit(unit.sku, unit.lot)
    return judge(
        scan.seen,
        line=channel.lines.get(unit.sku, ""),
        exists=trails.exists(unit),
        holders=trails.holders(unit, scan.seen.at),
        permissions=[
            one for which in dict.fromkeys((unit, of_lot)) for one in channel.permissions.get(which, [])
        ],
        campuses=channel.campuses.get(scan.seen.hospital, []),
        rights=channel.rights,
    )


def _holders(channel: Channel, settled: Settled) -> Iterator[Held]:
    lots: dict[tuple[str, str], list[Unit]] = {}
    for unit in settled.held:
        lots.setdefault((unit.sku, unit.lot), []).append(unit)
    for scope in channel.recalls:
        by_place: dict[str, int] = {}
        for unit in lots.get((scope.sku, scope.lot), []):
            for place, held in settled.held[unit].items() if scope.has(unit) else ():
                by_place[place] = by_place.get(place, 0) + held
        for place in sorted(by_place):
            yield Held(scope.recall, place, by_place[place])


_MOVE = ("document", "line", "kind", "at", "sku", "lot", "serial", "source", "target", "quantity")
_SCAN = ("scan", "at", "sku", "lot", "serial", "place", "city", "accuracy_km", "entered")
_AUTHORISATION = ("dealer", "line", "city", "hospital", "valid_from", "valid_to", "sell_off_days")
_PERMISSION = ("source", "target", "sku", "lot", "serial", "approved_on", "valid_to", "state")
_RECALL = ("recall", "sku", "lot", "serial_from", "serial_to")


def _move(row: Row) -> Move:
    return Move(
        document=row["document"],
        line=row["line"],
        kind=MoveKind(row["kind"]),
        at=date.fromisoformat(row["at"]),
        unit=_unit(row),
        source=row["source"],
        target=row["target"],
        quantity=int(row["quantity"]),
    )


def _scan(row: Row, kinds: dict[str, str]) -> Scan:
    kind = kinds.get(row["place"], "")
    seen = Sighting(
        at=date.fromisoformat(row["at"]),
        city=row["city"],
        hospital="" if kind == _DEPOT else row["place"],
        is_depot=kind == _DEPOT,
        is_scanned=row["entered"] == _SCANNED,
        accuracy_km=Decimal(row["accuracy_km"] or 0),
    )
    return Scan(row["scan"], _unit(row), seen)


def _authorisation(row: Row) -> Authorisation:
    return Authorisation(
        dealer=row["dealer"],
        line=row["line"],
        city=row["city"],
        hospital=row["hospital"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        sell_off_days=int(row["sell_off_days"] or 0),
    )


def _permission(row: Row) -> Permission | None:
    """None where it was never approved."""
    approved_on = _day(row["approved_on"])
    if row["state"] != _APPROVED or approved_on is None:
        return None
    return Permission(
        source=row["source"],
        target=row["target"],
        sku=row["sku"],
        lot=row["lot"],
        serial=row["serial"],
        approved_on=approved_on,
        valid_to=_day(row["valid_to"]),
    )


def _recall(row: Row) -> RecallScope:
    return RecallScope(*(row[name] for name in _RECALL))


def _campuses(places: Iterable[Row]) -> dict[str, list[Campus]]:
    """Of each hospital of a group the others."""
    groups: dict[str, list[Campus]] = {}
    for row in places:
        if row["group_code"]:
            groups.setdefault(row["group_code"], []).append(Campus(row["code"], row["city"]))
    return {
        one.hospital: [other for other in group if other != one] for group in groups.values() for one in group
    }


def _unit(row: Row) -> Unit:
    return Unit(row["sku"], row["lot"], row["serial"])


def _day(said: str) -> date | None:
    return date.fromisoformat(said) if said else None


def _each(folder: Path, name: str, columns: tuple[str, ...], read: Callable[[Row], _T]) -> Iterator[_T]:
    for number, row in enumerate(_rows(folder, name, columns), start=2):
        try:
            yield read(row)
        except (ValueError, InvalidOperation) as error:
            raise Unreadable(f"{folder / name}, row {number}: {error}") from error


def _rows(folder: Path, name: str, columns: tuple[str, ...]) -> Iterator[Row]:
    try:
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = [one for one in columns if one not in (reader.fieldnames or ())]
            if missing:
                raise Unreadable(f"{folder / name} has no column {', '.join(missing)}")
            yield from reader
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(f"{folder / name} cannot be read: {error}") from error


def _write(path: Path, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
