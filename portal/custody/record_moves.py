"""What a dealer tells of its goods moves them: between itself, its hospitals and what was used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.custody.rules import CustodyKind, PlaceKind
from portal.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class End:
    """A place of a dealer. code, name: of a hospital, which becomes a place when goods first get there."""

    kind: PlaceKind
    code: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Units of a lot, or the one with a serial number, that went from one place of a dealer to another."""

    product_id: int
    lot_id: int
    serial: str
    quantity: int
    kind: CustodyKind
    source: End
    target: End
    at: datetime


def record_moves(
    session: Session, *, actor: Actor, dealer_id: int, document: str, moves: Sequence[Move]
) -> None:
    """Write movements in their order. The database refuses (``not_held``) what is not there."""
    if not moves:
        return
    ends = {(one.kind, one.code): one for move in moves for one in (move.source, move.target)}
    about = {"dealer_id": dealer_id, "document": document, "actor": actor.key}
    session.execute(
        _PLACES,
        {
            "dealer_id": dealer_id,
            "kinds": [str(kind) for kind, _ in ends],
            "codes": [code for _, code in ends],
            "names": [one.name for one in ends.values()],
        },
    )
    session.execute(_MOVES, about | _columns(moves))
    units = [one for one in moves if one.serial]
    if units:
        last = list({(one.product_id, one.serial): one for one in units}.values())
        session.execute(_STEPS, about | _columns(units))
        session.execute(_UNITS, about | _columns(last))


def _columns(moves: Sequence[Move]) -> dict[str, list[object]]:
    return {
        "products": [one.product_id for one in moves],
        "lots": [one.lot_id for one in moves],
        "serials": [one.serial for one in moves],
        "quantities": [one.quantity for one in moves],
        "reasons": [str(one.kind) for one in moves],
        "from_kinds": [str(one.source.kind) for one in moves],
        "from_codes": [one.source.code for one in moves],
        "to_kinds": [str(one.target.kind) for one in moves],
        "to_codes": [one.target.code for one in moves],
        "ats": [one.at for one in moves],
    }


_PLACES = text(
    """
    INSERT INTO place (kind, dealer_id, code, name)
    SELECT n.kind, :dealer_id, n.code, n.name
      FROM unnest(CAST(:kinds AS text[]), CAST(:codes AS text[]), CAST(:names AS text[]))
        AS n(kind, code, name)
     ORDER BY n.kind, n.code
        ON CONFLICT DO NOTHING
    """
)
_TOLD = """
      FROM unnest(CAST(:products AS bigint[]), CAST(:lots AS bigint[]), CAST(:serials AS text[]),
                  CAST(:quantities AS integer[]), CAST(:reasons AS text[]), CAST(:from_kinds AS text[]),
                  CAST(:from_codes AS text[]), CAST(:to_kinds AS text[]), CAST(:to_codes AS text[]),
                  CAST(:ats AS timestamptz[])) WITH ORDINALITY
        AS m(product_id, lot_id, serial, quantity, kind, from_kind, from_code, to_kind, to_code, at, nth)
      JOIN place f ON f.dealer_id = :dealer_id AND f.kind = m.from_kind AND f.code = m.from_code
      JOIN place t ON t.dealer_id = :dealer_id AND t.kind = m.to_kind AND t.code = m.to_code
"""
# What each place holds is locked in the order of the lots, as by whatever else moves several.
_MOVES = text(
    f"""
    INSERT INTO custody_movement (dealer_id, lot_id, from_place_id, to_place_id, quantity, kind, at, document,
                                  actor)
    SELECT :dealer_id, m.lot_id, f.id, t.id, m.quantity, m.kind, m.at, :document, :actor
    {_TOLD}
     ORDER BY m.lot_id, m.nth
    """
)
_STEPS = text(
    f"""
    INSERT INTO serial_step (product_id, serial, lot_id, from_place_id, to_place_id, dealer_id, at, document)
    SELECT m.product_id, m.serial, m.lot_id, f.id, t.id, :dealer_id, m.at, :document
    {_TOLD}
     ORDER BY m.nth
    """
)
_UNITS = text(
    f"""
    UPDATE serial_place s SET place_id = n.place_id, dealer_id = :dealer_id, since = n.at
      FROM (SELECT m.product_id, m.serial, t.id AS place_id, m.at {_TOLD}) n
     WHERE (s.product_id, s.serial) = (n.product_id, n.serial)
    """
)
