"""Lots by their numbers: found, or made when the first unit of one is received."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.errors import N_, Fault
from portal.kernel.lots import key_sql


@dataclass(frozen=True, slots=True)
class NamedLot:
    """A lot as somebody names it; a date that is not known is None. `pointer` says where they did."""

    product_id: int
    lot_no: str
    produced_on: date | None
    expires_on: date | None
    pointer: str


LotKey = tuple[int, str]
"""Product and lot number."""


def ensure_lots(session: Session, named: Sequence[NamedLot]) -> tuple[dict[LotKey, int], list[Fault]]:
    """The ids of lots, and a fault for each whose dates contradict what is known.

    A lot that is not known yet is made; one that is keeps its dates, whatever somebody reads on a label. None
    is made that differs from a known one in capitals alone.
    """
    columns = {
        "products": [lot.product_id for lot in named],
        "lot_nos": [lot.lot_no for lot in named],
        "produced_on": [lot.produced_on for lot in named],
        "expires_on": [lot.expires_on for lot in named],
    }
    session.execute(_MAKE, columns)
    known = {(row.product_id, row.lot_no): row for row in session.execute(_KNOWN, columns)}
    faults = []
    for lot in named:
        row = known.get((lot.product_id, lot.lot_no))
        if row is None:
            faults.append(_alike(f"{lot.pointer}/lot", lot.lot_no))
            continue
        if lot.expires_on and lot.expires_on != row.expires_on:
            faults.append(_contradiction(f"{lot.pointer}/expires_on", lot.lot_no, row.expires_on))
        if lot.produced_on and lot.produced_on != row.produced_on:
            faults.append(_contradiction(f"{lot.pointer}/produced_on", lot.lot_no, row.produced_on))
    return {key: row.id for key, row in known.items()}, faults


def _contradiction(pointer: str, lot_no: str, known: date | None) -> Fault:
    return Fault(
        pointer,
        "lot_date",
        N_("Lot %(lot)s is known with another date: %(day)s."),
        N_("Read the label again, or ask quality to correct the lot."),
        {"lot": lot_no, "day": known.isoformat() if known else "–"},
    )


def _alike(pointer: str, lot_no: str) -> Fault:
    message = N_("Lots are known that differ from %(lot)s in capitals alone; nobody can tell which is meant.")
    return Fault(pointer, "lot_unclear", message, N_("Write it exactly as the stock does."), {"lot": lot_no})


_NAMED = """
unnest(CAST(:products AS bigint[]), CAST(:lot_nos AS text[]), CAST(:produced_on AS date[]),
       CAST(:expires_on AS date[])) AS n(product_id, lot_no, produced_on, expires_on)
"""
_MAKE = text(
    f"""
    INSERT INTO lot (product_id, lot_no, produced_on, expires_on)
    SELECT DISTINCT ON (product_id, lot_no) product_id, lot_no, produced_on, expires_on FROM {_NAMED}
     WHERE NOT EXISTS (SELECT FROM lot k WHERE k.product_id = n.product_id
                          AND {key_sql("k.lot_no")} = {key_sql("n.lot_no")})
     ORDER BY product_id, lot_no
    ON CONFLICT DO NOTHING
    """
)
_KNOWN = text(
    f"""
    SELECT DISTINCT l.id, l.product_id, l.lot_no, l.produced_on, l.expires_on
      FROM lot l JOIN {_NAMED} ON (l.product_id, l.lot_no) = (n.product_id, n.lot_no)
    """
)
