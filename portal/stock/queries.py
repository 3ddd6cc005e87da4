"""Stock as one dealer sees it: only the warehouses that may serve its province."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.queries import DealerFacts
from portal.stock.available import available
from portal.stock.rules import too_near


@dataclass(frozen=True, slots=True)
class Availability:
    """Units of one product in one warehouse."""

    sku: str
    pack_multiple: int
    warehouse_id: int
    warehouse: str
    warehouse_zh: str
    warehouse_en: str
    region: str
    available: int
    in_transit: int
    next_arrival: date | None


@dataclass(frozen=True, slots=True)
class ServingWarehouse:
    """A warehouse that may serve a province; rank 1 is the nearest.

    region: where it stands, for a map. province_code: of the province that it serves.
    """

    id: int
    code: str
    name_zh: str
    name_en: str
    region_code: str
    region_zh: str
    region_en: str
    province_code: str
    rank: int


@dataclass(frozen=True, slots=True)
class WarehouseName:
    """A warehouse by its code and names."""

    code: str
    name_zh: str
    name_en: str


_WAREHOUSES = text("SELECT code, name_zh, name_en FROM warehouse ORDER BY code")
_AVAILABILITY = text(
    f"""
    SELECT p.sku, p.pack_multiple, h.id AS warehouse_id, h.code AS warehouse, h.name_zh AS warehouse_zh,
           h.name_en AS warehouse_en, r.code AS region, coalesce({available("s")}, 0) AS available,
           coalesce(s.in_transit, 0) AS in_transit, s.next_arrival
      FROM unnest(CAST(:skus AS text[])) WITH ORDINALITY AS wanted(sku, place)
      JOIN product p ON p.sku = wanted.sku
      JOIN warehouse_service w ON w.region_id = :region_id
      JOIN warehouse h ON h.id = w.warehouse_id
      JOIN region r ON r.id = h.region_id
      LEFT JOIN stock_level s ON s.warehouse_id = h.id AND s.product_id = p.id
     ORDER BY wanted.place, w.rank
    """
)

_SERVING = text(
    """
    SELECT h.id, h.code, h.name_zh, h.name_en, r.code AS region_code, r.name_zh AS region_zh,
           r.name_en AS region_en, served.code AS province_code, w.rank
      FROM warehouse_service w JOIN warehouse h ON h.id = w.warehouse_id JOIN region r ON r.id = h.region_id
      JOIN region served ON served.id = w.region_id
     WHERE w.region_id = :region_id ORDER BY w.rank
    """
)


def availability(
    session: Session, *, dealer: DealerFacts, skus: Sequence[str], today: date, margin_days: int = 1
) -> list[Availability]:
    """What may be sold today of `skus` in the warehouses that serve the dealer.

    In the order asked and nearest first.

    margin_days: days a lot must have before its expiry. Unknown SKUs are absent.
    """
    near = too_near(today, margin_days)
    rows = session.execute(
        _AVAILABILITY, {"skus": list(skus), "region_id": dealer.region_id, "too_near": near}
    )
    return [Availability(**row._mapping) for row in rows]


def serving_warehouses(session: Session, *, dealer: DealerFacts) -> list[ServingWarehouse]:
    """The warehouses that may serve the dealer, nearest first."""
    return [
        ServingWarehouse(**row._mapping) for row in session.execute(_SERVING, {"region_id": dealer.region_id})
    ]


def warehouses(session: Session) -> list[WarehouseName]:
    """All warehouses, by code."""
    return [WarehouseName(**row._mapping) for row in session.execute(_WAREHOUSES)]
