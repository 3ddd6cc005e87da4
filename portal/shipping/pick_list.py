"""The pick list of an order.

What to take from which lot, what else a line may be served from, and what stands against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue.fragments import made_in_time, registration_end
from portal.kernel.errors import Fault, NotFound
from portal.shipping.compliance import prove
from portal.shipping.rules import LotUnits, Need, allocate_fefo, by_expiry
from portal.stock.rules import sells_on


@dataclass(frozen=True, slots=True)
class LotOption:
    """A lot a line may be served from.

    `free`: in no parcel; `taken`: by the parcel or the plan; `usable`: may leave today.
    """

    lot_id: int
    lot_no: str
    expires_on: date | None
    free: int
    taken: int
    usable: bool


@dataclass(frozen=True, slots=True)
class PickLine:
    """A line to pick: `to_pick` units are reserved, of which `missing` have no lot that may leave today.

    `lots` by expiry.
    """

    line_no: int
    product_id: int
    sku: str
    name_zh: str
    name_en: str
    specification: str
    unit: str
    storage_zh: str
    storage_en: str
    device_class: int
    category_code: str
    registration_no: str
    registration_from: date
    registration_to: date | None
    serial_controlled: bool
    quantity: int
    shipped: int
    cancelled: int
    to_pick: int
    missing: int = 0
    lots: tuple[LotOption, ...] = ()

    @property
    def taken(self) -> int:
        """Units in the parcel or the plan."""
        return sum(lot.taken for lot in self.lots)


@dataclass(frozen=True, slots=True)
class PickList:
    """An order as the warehouse sees it.

    Its warehouse is the one to send next. With a `shipment_number` its lots are taken already, else
    first-expired-first-out is planned.
    """

    dealer_id: int
    order_id: int
    number: str
    status: str
    holds: list[str]
    purchase_order_no: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    warehouse_id: int
    warehouse_code: str
    warehouse_zh: str
    warehouse_en: str
    ship_to: dict[str, Any]
    hospital: str
    requested_date: date | None
    shipment_number: str | None
    lines: tuple[PickLine, ...] = ()
    faults: tuple[Fault, ...] = ()


def pick_list(session: Session, *, number: str, today: date, margin_days: int = 1) -> PickList:
    """Plan an order for today without writing anything; the same rules decide when it is picked.

    Raises NotFound.
    """
    head = session.execute(_HEAD, {"number": number}).one_or_none()
    if head is None:
        raise NotFound()
    order = PickList(**head._mapping)
    lines = [
        PickLine(**row._mapping)
        for row in session.execute(_LINES, {**_key(order), "warehouse_id": order.warehouse_id})
    ]
    lots = _lots(session, order.warehouse_id, [line.product_id for line in lines], today)
    taken, missing = (
        _picked(session, order) if order.shipment_number else _planned(lines, lots, today, margin_days)
    )
    filled = tuple(
        replace(
            line, missing=missing.get(line.line_no, 0), lots=_options(line, lots, taken, today, margin_days)
        )
        for line in lines
    )
    going = [line for line in filled if line.to_pick]
    proven = prove(
        session,
        dealer_id=order.dealer_id,
        ship_to=order.ship_to,
        hospital=order.hospital,
        lines=going,
        on=today,
        made_in_time={line.sku for line in going if not line.missing},
    )
    return replace(order, lines=filled, faults=tuple(proven.faults))


Taken = dict[tuple[int, int], int]
"""Units by order line and lot."""


def _picked(session: Session, order: PickList) -> tuple[Taken, dict[int, int]]:
    parcel = session.execute(_PARCEL, _key(order))
    return {(units.line_no, units.lot_id): units.quantity for units in parcel}, {}


def _planned(
    lines: Sequence[PickLine], lots: Sequence[LotUnits], today: date, margin_days: int
) -> tuple[Taken, dict[int, int]]:
    needs = [Need(line.line_no, line.product_id, line.to_pick) for line in lines if line.to_pick]
    allocations, shortages = allocate_fefo(needs, lots, today, margin_days)
    taken = {(allocation.line_no, allocation.lot_id): allocation.quantity for allocation in allocations}
    return taken, {shortage.line_no: shortage.missing for shortage in shortages}


def _key(order: PickList) -> dict[str, int]:
    return {"dealer_id": order.dealer_id, "order_id": order.order_id}


def _lots(session: Session, warehouse_id: int, products: Sequence[int], today: date) -> list[LotUnits]:
    return [
        LotUnits(**row._mapping)
        for row in session.execute(
            _LOTS, {"warehouse_id": warehouse_id, "products": list(products), "today": today}
        )
    ]


def _options(
    line: PickLine, lots: Sequence[LotUnits], taken: Taken, today: date, margin_days: int
) -> tuple[LotOption, ...]:
    of_product = sorted((lot for lot in lots if lot.product_id == line.product_id), key=by_expiry)
    return tuple(
        LotOption(
            lot.lot_id,
            lot.lot_no,
            lot.expires_on,
            lot.free,
            taken.get((line.line_no, lot.lot_id), 0),
            lot.saleable and sells_on(lot.expires_on, today, margin_days),
        )
        for lot in of_product
    )


_HEAD = text(
    """
    SELECT o.dealer_id, o.id AS order_id, o.number, o.status, o.holds, o.purchase_order_no,
           d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           h.id AS warehouse_id, h.code AS warehouse_code, h.name_zh AS warehouse_zh,
           h.name_en AS warehouse_en, o.ship_to, o.hospital, o.requested_date,
           (SELECT s.number FROM shipment s
             WHERE s.dealer_id = o.dealer_id AND s.order_id = o.id AND s.status = 'picking')
             AS shipment_number
      FROM sales_order o JOIN dealer d ON d.id = o.dealer_id
      JOIN warehouse h ON h.id = coalesce(
        (SELECT s.warehouse_id FROM shipment s
          WHERE s.dealer_id = o.dealer_id AND s.order_id = o.id AND s.status = 'picking'),
        (SELECT min(x.warehouse_id) FROM order_line_source x
          WHERE x.dealer_id = o.dealer_id AND x.order_id = o.id AND x.reserved > 0
            AND NOT EXISTS (SELECT FROM order_line l
                             WHERE l.dealer_id = o.dealer_id AND l.order_id = o.id
                               AND l.reserved > (SELECT coalesce(sum(y.reserved), 0) FROM order_line_source y
                                                  WHERE y.dealer_id = l.dealer_id AND y.order_id = l.order_id
                                                    AND y.line_no = l.line_no))),
        o.warehouse_id)
     WHERE o.number = :number
    """
)

_LINES = text(
    f"""
    SELECT l.line_no, l.product_id, p.sku, p.name_zh, p.name_en, p.specification, p.unit, p.storage_zh,
           p.storage_en, p.device_class, p.category_code, p.registration_no, p.registration_from,
           {registration_end("p")} AS registration_to, p.serial_controlled, l.quantity, l.shipped,
           l.cancelled,
           CASE WHEN o.warehouse_id = :warehouse_id
                THEN l.reserved - coalesce((SELECT sum(x.reserved) FROM order_line_source x
                                             WHERE (x.dealer_id, x.order_id, x.line_no)
                                                 = (l.dealer_id, l.order_id, l.line_no)), 0)
                ELSE coalesce((SELECT x.reserved FROM order_line_source x
                                WHERE (x.dealer_id, x.order_id, x.line_no, x.warehouse_id)
                                    = (l.dealer_id, l.order_id, l.line_no, :warehouse_id)), 0)
           END::int AS to_pick
      FROM order_line l JOIN product p ON p.id = l.product_id
      JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
     WHERE l.dealer_id = :dealer_id AND l.order_id = :order_id ORDER BY l.line_no
    """
)

_LOTS = text(
    f"""
    SELECT k.lot_id, k.product_id, l.lot_no, l.expires_on, k.on_hand - k.allocated AS free,
           k.state = 'saleable' AND {made_in_time("l", "p")} AS saleable
      FROM lot_stock k JOIN lot l ON l.id = k.lot_id JOIN product p ON p.id = k.product_id
     WHERE k.warehouse_id = :warehouse_id AND k.product_id = ANY (:products)
       AND (k.on_hand > 0 OR k.quarantined > 0)
    """
)

_PARCEL = text(
    """
    SELECT l.line_no, l.lot_id, l.quantity
      FROM shipment s JOIN shipment_line l ON l.dealer_id = s.dealer_id AND l.shipment_id = s.id
     WHERE s.dealer_id = :dealer_id AND s.order_id = :order_id AND s.status = 'picking'
    """
)
