"""What lies of lots in one warehouse, as documents name them: by SKU and lot number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.errors import N_, Fault
from portal.kernel.locks import Rank
from portal.kernel.lots import key_sql, meant
from portal.stock.rules import LotState, sells_on

LotName = tuple[str, str]
"""SKU and lot number."""


@dataclass(frozen=True, slots=True)
class LotHere:
    """A lot in a warehouse. allocated: of the units on hand those that wait in a parcel."""

    product_id: int
    lot_id: int
    sku: str
    lot_no: str
    serial_controlled: bool
    state: str
    expires_on: date | None
    on_hand: int
    allocated: int
    inspecting: int
    quarantined: int

    @property
    def is_saleable(self) -> bool:
        """Whether its units may be sold."""
        return self.state == LotState.SALEABLE

    @property
    def free(self) -> int:
        """Units that may be sold and lie in no parcel."""
        return self.on_hand - self.allocated


def lots_here(session: Session, *, warehouse_id: int, names: Collection[LotName]) -> dict[LotName, LotHere]:
    """The lots of `names` that the warehouse has, or had, by what somebody typed of them."""
    columns = {"skus": [sku for sku, _ in names], "lot_nos": [lot_no for _, lot_no in names]}
    alike: dict[LotName, list[tuple[str, LotHere]]] = {}
    for row in session.execute(_HERE, {"warehouse_id": warehouse_id, **columns}):
        told = dict(row._mapping)
        alike.setdefault((row.sku, told.pop("said")), []).append((row.lot_no, LotHere(**told)))
    found = {name: meant(name[1], lots) for name, lots in alike.items()}
    return {name: lots[0] for name, lots in found.items() if lots}


def lock_lots(session: Session, *, warehouse_id: int, lots: Collection[int]) -> None:
    """Lock lots of a warehouse and the levels they count in, in their order."""
    about = {"warehouse_id": warehouse_id, "lots": list(lots)}
    products = session.execute(_PRODUCTS, about).scalars().all()
    locks.take(session, Rank.LEVEL, [(warehouse_id, product_id) for product_id in products])
    session.execute(_LOCK_LEVELS, {"warehouse_id": warehouse_id, "products": list(products)})
    locks.take(session, Rank.LOT, [(warehouse_id, lot_id) for lot_id in lots])
    session.execute(_LOCK_LOTS, about)


@dataclass(frozen=True, slots=True)
class Barred:
    """Lots of a warehouse whose units may not be sold there.

    apart: blocked or retired, all units in quarantine. expired: since lots were last retired; their units lie
    where they lay, promised to nobody, and what comes to them is set apart (`move_lots`).
    """

    apart: frozenset[int]
    expired: frozenset[int]

    @property
    def lots(self) -> frozenset[int]:
        """Either."""
        return self.apart | self.expired


def barred_lots(session: Session, *, warehouse_id: int, lots: Collection[int], today: date) -> Barred:
    """Those of some lots, locked, whose units may not be sold in a warehouse."""
    rows = session.execute(_BARRED, {"warehouse_id": warehouse_id, "lots": list(lots)}).all()
    apart = frozenset(row.lot_id for row in rows if row.state != LotState.SALEABLE)
    late = frozenset(row.lot_id for row in rows if not sells_on(row.expires_on, today, 0))
    return Barred(apart, late - apart)


def unknown_lots(
    named: Sequence[tuple[LotName, str]], here: Collection[LotName], warehouse: str
) -> list[Fault]:
    """A fault for each lot that is named, at a pointer, and not there."""
    return [
        Fault(
            f"{pointer}/lot",
            "lot_not_here",
            N_("Warehouse %(warehouse)s has no lot %(lot)s of %(sku)s."),
            N_("Read the label again, or choose another warehouse."),
            {"warehouse": warehouse, "lot": lot_no, "sku": sku},
        )
        for (sku, lot_no), pointer in named
        if (sku, lot_no) not in here
    ]


_HERE = text(
    f"""
    SELECT n.lot_no AS said, p.id AS product_id, l.id AS lot_id, p.sku, l.lot_no, p.serial_controlled,
           k.state, l.expires_on, k.on_hand, k.allocated, k.inspecting, k.quarantined
      FROM unnest(CAST(:skus AS text[]), CAST(:lot_nos AS text[])) AS n(sku, lot_no)
      JOIN product p ON p.sku = n.sku
      JOIN lot l ON l.product_id = p.id AND {key_sql("l.lot_no")} = {key_sql("n.lot_no")}
      JOIN lot_stock k ON k.lot_id = l.id AND k.warehouse_id = :warehouse_id
    """
)
_PRODUCTS = text(
    """
    SELECT DISTINCT product_id FROM lot WHERE id = ANY (CAST(:lots AS bigint[])) ORDER BY product_id
    """
)
_LOCK_LEVELS = text(
    """
    SELECT FROM stock_level
     WHERE warehouse_id = :warehouse_id AND product_id = ANY (CAST(:products AS bigint[]))
     ORDER BY product_id FOR NO KEY UPDATE
    """
)
_LOCK_LOTS = text(
    """
    SELECT FROM lot_stock WHERE warehouse_id = :warehouse_id AND lot_id = ANY (CAST(:lots AS bigint[]))
     ORDER BY lot_id FOR NO KEY UPDATE
    """
)
_BARRED = text(
    """
    SELECT lot_id, state, expires_on FROM lot_stock
     WHERE warehouse_id = :warehouse_id AND lot_id = ANY (CAST(:lots AS bigint[]))
    """
)
