"""Lines of a dealer decided by its books, and what was accepted moved: for new reports and for what waits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue.identify import identify
from portal.custody.record_moves import End, Move, record_moves
from portal.custody.rules import CustodyKind, PlaceKind
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.lots import key_sql, lot_key, plain_lot, spelled
from portal.kernel.searching import code_key
from portal.sellout.decide_rules import (
    DEALER,
    USED,
    Books,
    Decision,
    LineKind,
    LineState,
    Meant,
    Reported,
    Shelf,
    Whereabouts,
    decide,
    ends,
    hospital_place,
    in_order,
)


@dataclass(frozen=True, slots=True)
class Decided:
    """A line with what it means and what became of it."""

    line: Reported
    meant: Meant
    decision: Decision

    @property
    def is_accepted(self) -> bool:
        """Whether it moves goods."""
        return self.decision.state is LineState.ACCEPTED


def decide_lines(
    session: Session, *, dealer_id: int, lines: Sequence[Reported], zone: ZoneInfo
) -> list[Decided]:
    """Decide lines in the order in which they happened; each as it stands in `lines`.

    The dealer's account is locked. Locks what its places hold of the lots, by lot and place.
    """
    if not lines:
        return []
    meant = _meant(session, dealer_id, lines)
    books = _books(session, dealer_id, lines, meant, zone)
    decisions: dict[int, Decision] = {}
    for place in in_order([(line.day, line.kind) for line in lines]):
        line = lines[place]
        source, target = ends(line.kind, code_key(line.hospital))
        decisions[place] = decide(line, meant[place], source, target, books)
    return [Decided(line, meant[place], decisions[place]) for place, line in enumerate(lines)]


def move_accepted(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    document: str,
    decided: Sequence[Decided],
    zone: ZoneInfo,
    at: datetime,
) -> None:
    """Move the goods of the lines that were accepted, in the order in which they happened."""
    accepted = [one for one in decided if one.is_accepted]
    ordered = [accepted[place] for place in in_order([(one.line.day, one.line.kind) for one in accepted])]
    moves = [_move(one, zone, at) for one in ordered]
    record_moves(session, actor=actor, dealer_id=dealer_id, document=document, moves=moves)


def end_of(place: str, hospital: str) -> End:
    """A place of the books as custody names it."""
    if place in (DEALER, USED):
        return End(PlaceKind.DEALER if place == DEALER else PlaceKind.USED)
    return End(PlaceKind.HOSPITAL, code_key(hospital), hospital)


def _move(one: Decided, zone: ZoneInfo, at: datetime) -> Move:
    """At the end of its day: what was shipped on that day was there."""
    line, meant = one.line, one.meant
    source, target = ends(line.kind, code_key(line.hospital))
    night = clock.start_of(line.day + timedelta(days=1), zone) - timedelta(microseconds=1)
    return Move(
        product_id=meant.product_id or 0,
        lot_id=meant.lot_id or 0,
        serial=line.serial if meant.by_serial else "",
        quantity=line.quantity,
        kind=_CUSTODY[line.kind],
        source=end_of(source, line.hospital),
        target=end_of(target, line.hospital),
        at=min(night, at),
    )


_CUSTODY = {
    LineKind.SELL_OUT: CustodyKind.SELL_OUT,
    LineKind.USE: CustodyKind.USE,
    LineKind.RETURN: CustodyKind.HOSPITAL_RETURN,
}


def _meant(session: Session, dealer_id: int, lines: Sequence[Reported]) -> list[Meant]:
    known = identify(session, list(dict.fromkeys(line.sku for line in lines)))
    about = {
        "dealer_id": dealer_id,
        "skus": sorted({one.sku for one in known.values()}),
        "lots": sorted({lot_key(line.lot) for line in lines}),
    }
    products: dict[str, Meant] = {}
    lots: dict[str, dict[str, int]] = {}
    for row in session.execute(_LOTS, about):
        products[row.sku] = Meant(row.product_id, None, "", row.by_serial, row.is_coming)
        if row.lot_id is not None:
            lots.setdefault(row.sku, {})[row.lot_no] = row.lot_id
    return [_one(line, known[line.sku].sku if line.sku in known else "", products, lots) for line in lines]


def _one(
    line: Reported, sku: str, products: Mapping[str, Meant], lots: Mapping[str, Mapping[str, int]]
) -> Meant:
    product, had = products.get(sku, Meant()), lots.get(sku, {})
    lot = spelled(line.lot, had.keys())
    return Meant(
        product.product_id,
        had.get(lot or ""),
        lot or plain_lot(line.lot),
        product.by_serial,
        product.is_coming,
    )


def _books(
    session: Session, dealer_id: int, lines: Sequence[Reported], meant: Sequence[Meant], zone: ZoneInfo
) -> Books:
    lots = sorted({one.lot_id for one in meant if one.lot_id is not None})
    if not lots:
        return Books()
    hospitals = sorted({code_key(line.hospital) for line in lines if line.hospital})
    about = {"dealer_id": dealer_id, "lots": lots, "hospitals": hospitals}
    since = clock.start_of(min(line.day for line in lines) + timedelta(days=1), zone)
    places: dict[int, str] = {}
    books = Books()
    for row in session.execute(_HELD, about):
        places[row.place_id] = hospital_place(row.code) if row.kind == PlaceKind.HOSPITAL else row.kind
        books.shelves[row.lot_id, places[row.place_id]] = Shelf(row.quantity)
    changed = about | {"places": sorted(places), "since": since}
    for row in session.execute(_CHANGED, changed):
        books.shelves[row.lot_id, places[row.place_id]].changes[row.day] = row.units
    units = [
        (one.product_id, line.serial)
        for one, line in zip(meant, lines, strict=True)
        if one.by_serial and line.serial
    ]
    _find_units(session, books, units, places)
    return books


def _find_units(
    session: Session,
    books: Books,
    units: Collection[tuple[int | None, str]],
    places: Mapping[int, str],
) -> None:
    """A unit that is at no place of the dealer's lots was never there."""
    if not units:
        return
    about = {"products": [one for one, _ in units], "serials": [serial for _, serial in units]}
    for row in session.execute(_UNITS, about):
        if row.place_id in places:
            books.units[row.product_id, row.serial] = Whereabouts(places[row.place_id], row.day)


_LOTS = text(
    f"""
    SELECT p.sku, p.id AS product_id, p.serial_controlled AS by_serial, h.lot_id, h.lot_no,
           EXISTS (SELECT FROM order_line o
                    WHERE o.dealer_id = :dealer_id AND o.product_id = p.id
                      AND o.quantity > o.shipped + o.cancelled) AS is_coming
      FROM product p
      LEFT JOIN LATERAL (
        SELECT DISTINCT t.id AS lot_id, t.lot_no
          FROM lot t
          JOIN holding g ON g.lot_id = t.id
          JOIN place s ON s.id = g.place_id AND s.dealer_id = :dealer_id
         WHERE t.product_id = p.id AND {key_sql("t.lot_no")} = ANY (CAST(:lots AS text[]))) h ON true
     WHERE p.sku = ANY (CAST(:skus AS text[]))
    """
)
_HELD = text(
    """
    SELECT h.lot_id, h.place_id, s.kind, s.code, h.quantity
      FROM holding h
      JOIN place s ON s.id = h.place_id AND s.dealer_id = :dealer_id
       AND (s.kind IN ('dealer', 'used') OR s.kind = 'hospital' AND s.code = ANY (CAST(:hospitals AS text[])))
     WHERE h.lot_id = ANY (CAST(:lots AS bigint[]))
     ORDER BY h.lot_id, h.place_id
       FOR NO KEY UPDATE OF h
    """
)
_CHANGED = text(
    """
    SELECT c.lot_id, e.place_id, app_day(c.at) AS day, sum(e.units)::int AS units
      FROM custody_movement c
     CROSS JOIN LATERAL (VALUES (c.to_place_id, c.quantity), (c.from_place_id, -c.quantity))
        AS e(place_id, units)
      JOIN holding h ON (h.lot_id, h.place_id) = (c.lot_id, e.place_id)
     WHERE c.lot_id = ANY (CAST(:lots AS bigint[])) AND c.at >= :since
       AND e.place_id = ANY (CAST(:places AS bigint[]))
     GROUP BY c.lot_id, e.place_id, app_day(c.at)
    """
)
_UNITS = text(
    """
    SELECT s.product_id, s.serial, s.place_id, app_day(s.since) AS day
      FROM serial_place s
      JOIN unnest(CAST(:products AS bigint[]), CAST(:serials AS text[])) AS u(product_id, serial)
        ON (s.product_id, s.serial) = (u.product_id, u.serial)
    """
)
