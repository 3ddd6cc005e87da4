"""Say in which bin (库位) of a warehouse the units of a lot lie."""

from __future__ import annotations

import unicodedata

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.kernel.lots import key_sql, lot_key, spelled
from portal.stock.vocabulary import StockAction, StockRight

LOCATION_MAX = 30  # characters


def change_location(
    session: Session, *, actor: Actor, warehouse: str, sku: str, lot: str, location: str
) -> str:
    """Put a lot into a bin, or none; the bin as it is kept. Moves nothing in the books of stock.

    Raises NotFound for a lot that the warehouse never had, Invalid.
    """
    actor.require(StockRight.PLACE)
    plain = unicodedata.normalize("NFKC", location).strip()
    if len(plain) > LOCATION_MAX or not plain.isprintable():
        message, fix = N_("At most %(max)s printable characters."), N_("Write it as on the shelf.")
        raise Invalid(faults=[Fault("/location", "location", message, fix, {"max": LOCATION_MAX})])
    about = {"warehouse": warehouse, "sku": sku, "lot_key": lot_key(lot)}
    named = spelled(lot, list(session.execute(_NAMED, about).scalars()))
    before = session.execute(_FIND, about | {"lot": named}).one_or_none()
    if before is None:
        raise NotFound()
    if before.location != plain:
        session.execute(
            _MOVE,
            {"warehouse_id": before.warehouse_id, "lot_id": before.lot_id, "location": plain},
        )
        audit.record(
            session,
            StockAction.BIN_CHANGED,
            f"{warehouse}/{sku}/{named}",
            actor=actor,
            dealer_id=None,
            before={"location": before.location},
            after={"location": plain},
        )
    return plain


_NAMED = text(
    f"""
    SELECT t.lot_no
      FROM lot_stock k
      JOIN warehouse w ON w.id = k.warehouse_id AND w.code = :warehouse
      JOIN product p ON p.id = k.product_id AND p.sku = :sku
      JOIN lot t ON t.id = k.lot_id AND {key_sql("t.lot_no")} = :lot_key
    """
)
_FIND = text(
    """
    SELECT k.warehouse_id, k.lot_id, k.location
      FROM lot_stock k
      JOIN warehouse w ON w.id = k.warehouse_id AND w.code = :warehouse
      JOIN product p ON p.id = k.product_id AND p.sku = :sku
      JOIN lot t ON t.id = k.lot_id AND t.lot_no = :lot
       FOR NO KEY UPDATE OF k
    """
)
_MOVE = text(
    "UPDATE lot_stock SET location = :location WHERE warehouse_id = :warehouse_id AND lot_id = :lot_id"
)
