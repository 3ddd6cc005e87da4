"""Where each unit with a serial number is: taken in, moved, sent to a dealer, brought back.

Every change names where the unit has to be now; one that is elsewhere is a fault of its line, and nothing is
changed by whoever raises them. So is a serial that stands for two units of a product, be they of two lots. A
unit that left before serials were kept is taken in when it comes back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.errors import N_, Fault
from portal.kernel.locks import Rank
from portal.stock.serial_rules import SerialState, serial_twice

HERE = frozenset({SerialState.INSPECTING, SerialState.SALEABLE, SerialState.QUARANTINED})
"""States of a unit that lies in a warehouse."""


@dataclass(frozen=True, slots=True)
class Serials:
    """Plain serials of one lot; `pointer` says where somebody named them."""

    product_id: int
    lot_id: int
    serials: Sequence[str]
    pointer: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where units are or get to: a warehouse, on the way (neither), or a dealer's."""

    state: SerialState
    warehouse_id: int | None = None
    dealer_id: int | None = None


def take_in(session: Session, named: Sequence[Serials], *, to: Place, document: str) -> list[Fault]:
    """Units that come, or turn up after they were written off.

    A fault for each serial that is known already, wherever it is.
    """
    return _write(
        session, _TAKE_IN, named, to, None, document, N_("Serial number %(serial)s is known already.")
    )


def move_serials(
    session: Session, named: Sequence[Serials], *, of: Place, to: Place, document: str
) -> list[Fault]:
    """Units from one place to another. A fault for each serial of which no unit of its lot is there."""
    missing = N_("No unit with serial number %(serial)s is there.")
    return _write(session, _MOVE, named, to, of, document, missing)


def send_out(
    session: Session, named: Sequence[Serials], *, warehouse_id: int, dealer_id: int, shipment_no: str
) -> list[Fault]:
    """Units that leave with a shipment. One that was never recorded is recorded as it leaves.

    A fault for each serial that is known and not saleable in this warehouse and lot.
    """
    of, to = Place(SerialState.SALEABLE, warehouse_id), Place(SerialState.SHIPPED, dealer_id=dealer_id)
    message = N_("The unit with serial number %(serial)s is not in this lot, or may not be sold.")
    return _write(session, _SEND, named, to, of, shipment_no, message)


def bring_in(
    session: Session, named: Sequence[Serials], *, dealer_id: int, shipment_no: str, to: Place, document: str
) -> list[Fault]:
    """Units that come back from a shipment. A fault for each serial that did not leave with it."""
    of = Place(SerialState.SHIPPED, dealer_id=dealer_id)
    message = N_("The unit with serial number %(serial)s did not leave with this shipment.")
    return _write(session, _BRING_IN, named, to, of, document, message, shipment_no)


def overnumbered(session: Session, *, warehouse_id: int, lots: Collection[int]) -> frozenset[int]:
    """Those of some lots of which a warehouse has fewer units for sale than serial numbers.

    Asked after units left by numbers that nobody knew, or by none: no number may outlive its unit.
    """
    about = {"warehouse_id": warehouse_id, "lots": list(lots), "saleable": SerialState.SALEABLE}
    return frozenset(session.execute(_OVERNUMBERED, about).scalars())


def _write(
    session: Session,
    statement: TextClause,
    named: Sequence[Serials],
    to: Place,
    of: Place | None,
    document: str,
    message: str,
    shipment_no: str = "",
) -> list[Fault]:
    units, faults = _each_once(named)
    if not units:
        return []
    parameters = {
        "products": [one.product_id for one, _ in units],
        "lots": [one.lot_id for one, _ in units],
        "serials": [serial for _, serial in units],
        "to_state": to.state,
        "to_warehouse": to.warehouse_id,
        "to_dealer": to.dealer_id,
        "document": document,
    }
    if of is not None:
        parameters |= {"of_state": of.state, "of_warehouse": of.warehouse_id, "of_dealer": of.dealer_id}
    if statement is _BRING_IN:
        parameters["shipment_no"] = shipment_no
    locks.take(session, Rank.SERIAL, [(one.product_id, one.lot_id) for one in named])
    done = {(row.product_id, row.serial) for row in session.execute(statement, parameters)}
    return [*_faults(units, done, message), *faults]


def _each_once(named: Iterable[Serials]) -> tuple[list[tuple[Serials, str]], list[Fault]]:
    """The units that are named, and a fault for each that is named again, be it as one of another lot."""
    units: dict[tuple[int, str], Serials] = {}
    faults = []
    for one in named:
        for serial in one.serials:
            if (one.product_id, serial) in units:
                faults += serial_twice(one.pointer, serial)
            units.setdefault((one.product_id, serial), one)
    return [(one, serial) for (_, serial), one in units.items()], faults


def _faults(
    units: Iterable[tuple[Serials, str]], done: set[tuple[int, str]], message: str
) -> Iterable[Fault]:
    for one, serial in units:
        if (one.product_id, serial) not in done:
            fix = N_("Scan it again, or set the unit aside and tell quality.")
            yield Fault(one.pointer, "serial_elsewhere", message, fix, {"serial": serial})


_NAMED = """
named AS (
  SELECT * FROM unnest(CAST(:products AS bigint[]), CAST(:lots AS bigint[]), CAST(:serials AS text[]))
         AS n(product_id, lot_id, serial)
)
"""
_TO = "state = :to_state, warehouse_id = :to_warehouse, dealer_id = :to_dealer, document = :document"


def _held(where: str) -> str:
    """The units of the named lots that are where they have to be, locked in order, and moved from there."""
    return f"""
{_NAMED}, held AS MATERIALIZED (
  SELECT u.product_id, u.serial FROM serial_unit u JOIN named n USING (product_id, serial)
   WHERE u.lot_id = n.lot_id AND {where}
   ORDER BY u.product_id, u.serial FOR NO KEY UPDATE OF u
), moved AS (
  UPDATE serial_unit u SET {_TO} FROM held h WHERE (u.product_id, u.serial) = (h.product_id, h.serial)
  RETURNING u.product_id, u.serial
)
"""


def _taken(where: str) -> TextClause:
    """Units that are where they have to be, or that nobody has recorded; the others are left alone."""
    return text(
        f"""
        WITH {_held(where)}, made AS (
          INSERT INTO serial_unit (product_id, serial, lot_id, state, warehouse_id, dealer_id, document)
          SELECT product_id, serial, lot_id, :to_state, :to_warehouse, :to_dealer, :document FROM named
           ORDER BY product_id, serial
          ON CONFLICT DO NOTHING RETURNING product_id, serial
        )
        SELECT * FROM moved UNION ALL SELECT * FROM made
        """
    )


_TAKE_IN = _taken("u.state = 'scrapped'")
_SEND = _taken("u.state = :of_state AND u.warehouse_id = :of_warehouse")
_BRING_IN = _taken("u.state = :of_state AND u.dealer_id = :of_dealer AND u.document = :shipment_no")
_MOVE = text(
    f"""
    WITH {
        _held(
            "u.state = :of_state AND u.warehouse_id IS NOT DISTINCT FROM :of_warehouse"
            " AND u.dealer_id IS NOT DISTINCT FROM :of_dealer"
        )
    }
    SELECT * FROM moved
    """
)
_OVERNUMBERED = text(
    """
    SELECT k.lot_id FROM lot_stock k
     WHERE k.warehouse_id = :warehouse_id AND k.lot_id = ANY (CAST(:lots AS bigint[]))
       AND k.on_hand < (SELECT count(*) FROM serial_unit u
                         WHERE u.warehouse_id = k.warehouse_id AND u.lot_id = k.lot_id
                           AND u.state = :saleable)
    """
)
