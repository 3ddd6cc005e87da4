"""Units of a lot that is expired or blocked are not accepted: the record would say what is not so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from portal.kernel.errors import N_, Fault, Invalid
from portal.stock.lots_here import LotHere, LotName, lock_lots, lots_here
from portal.stock.rules import sells_on


def require_acceptable(
    session: Session, *, warehouse_id: int, accepted: Iterable[tuple[LotName, str]], today: date
) -> None:
    """Raise Invalid with a fault for each lot that may not be sold here. accepted: with their pointers.

    Locks the levels and the lots, so that none of them is blocked before its units are in stock.
    """
    wanted = list(accepted)
    names = [name for name, _ in wanted]
    known = lots_here(session, warehouse_id=warehouse_id, names=names)
    lock_lots(session, warehouse_id=warehouse_id, lots=sorted(lot.lot_id for lot in known.values()))
    here = lots_here(session, warehouse_id=warehouse_id, names=names)
    faults = [
        _fault(pointer, here[name])
        for name, pointer in wanted
        if name in here and not (here[name].is_saleable and sells_on(here[name].expires_on, today, 0))
    ]
    if faults:
        raise Invalid(faults=faults)


def _fault(pointer: str, lot: LotHere) -> Fault:
    message = N_("Lot %(lot)s of %(sku)s is expired or blocked here: its units are not accepted.")
    fix = N_("Refuse them in their inspection with a reason; quality decides on them.")
    return Fault(pointer, "lot_not_saleable", message, fix, {"lot": lot.lot_no, "sku": lot.sku})
