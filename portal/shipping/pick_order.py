"""Pick an order: lots are allocated first-expired-first-out and wait in a shipment that is being picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.catalogue.fragments import made_in_time
from portal.kernel import locks, numbering
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.locks import Rank
from portal.orders import lifecycle
from portal.orders.compliance_rules import made_while_registered
from portal.orders.lifecycle import Act
from portal.orders.locking import LockedOrder, lock_order, set_status
from portal.shipping.compliance import prove
from portal.shipping.rules import LotChoice, LotUnits, Need, Plan, Shortage, plan_picking
from portal.shipping.vocabulary import ShippingAction, ShippingRight
from portal.stock.fragments import ALLOCATE


@dataclass(frozen=True, slots=True)
class Picked:
    """The shipment that waits to be packed. `units` over all lines."""

    shipment_number: str
    order_number: str
    units: int


@dataclass(frozen=True, slots=True)
class Wave:
    """The wave that an order is picked in, and the warehouse of it."""

    id: int
    warehouse_id: int


def pick_order(
    session: Session,
    *,
    actor: Actor,
    number: str,
    today: date,
    at: datetime,
    choices: Sequence[LotChoice] = (),
    quantities: Mapping[int, int] | None = None,
    margin_days: int = 1,
    wave: Wave | None = None,
) -> Picked:
    """Allocate lots for everything the order has reserved in a warehouse, or for `quantities` (line number →
    units) of it: in its own, and when that has nothing left to send, in the next that serves it.

    choices: lots that a person wants instead of the next by expiry. margin_days: days a lot must have before
    its expiry. wave: what it is picked with, from the same warehouse. Raises Conflict when the order is not
    to be picked, is short of lots or may not be sent; Invalid for a wrong choice or quantity; each with every
    fault. NotFound, Forbidden.
    """
    actor.require(ShippingRight.SHIP)
    order = lock_order(session, number)
    lifecycle.require(order.status, Act.PICK)
    warehouse_id = next(iter(order.warehouses), order.warehouse_id)
    _require_of_wave(wave, warehouse_id)
    needs, wrong = _needs(order, warehouse_id, quantities)
    going = order.lines_of({need.line_no for need in needs})
    lots = _lock_lots(session, warehouse_id, needs, today)
    plan = plan_picking(needs, lots, choices, today, margin_days)
    short = {shortage.line_no for shortage in plan.shortages}
    proven = prove(
        session,
        dealer_id=order.dealer_id,
        ship_to=order.ship_to,
        hospital=order.hospital,
        lines=going,
        on=today,
        made_in_time={line.sku for line in going if line.line_no not in short},
    )
    _refuse([*wrong, *plan.faults], [*proven.faults, *_short(order, plan.shortages, today)])
    shipment_number = numbering.new_number("SH", today)
    _write(session, actor, order, warehouse_id, shipment_number, plan, proven.proofs, wave, at)
    set_status(session, order, lifecycle.after(order.status, Act.PICK, order.progress))
    units = sum(allocation.quantity for allocation in plan.allocations)
    audit.record(
        session,
        ShippingAction.SHIPMENT_PICKED,
        shipment_number,
        actor=actor,
        dealer_id=order.dealer_id,
        after={"order": number, "units": units, "chosen_lots": [_told(choice) for choice in choices]},
        reason="; ".join(dict.fromkeys(choice.reason.strip() for choice in choices)) or None,
    )
    return Picked(shipment_number, number, units)


def _require_of_wave(wave: Wave | None, warehouse_id: int) -> None:
    if wave is not None and wave.warehouse_id != warehouse_id:
        raise Conflict(
            "other_warehouse",
            N_("The next shipment of this order leaves from another warehouse."),
            fix=N_("Pick it there."),
        )


def _needs(
    order: LockedOrder, warehouse_id: int, quantities: Mapping[int, int] | None
) -> tuple[list[Need], list[Fault]]:
    reserved = dict.fromkeys((line.line_no for line in order.lines), 0) | order.reserved_in(warehouse_id)
    wanted = reserved if quantities is None else quantities
    faults = [
        Fault(
            f"/quantities/{line_no}",
            "quantity_out_of_range",
            N_("Line %(line)s has %(reserved)s to pick."),
            N_("Enter a whole number from 0 to %(reserved)s."),
            {"line": line_no, "reserved": reserved.get(line_no, 0)},
        )
        for line_no, quantity in wanted.items()
        if not 0 <= quantity <= reserved.get(line_no, -1)
    ]
    if not any(wanted.values()):
        faults.append(
            Fault(
                "/quantities",
                "nothing_to_pick",
                N_("A shipment holds at least one unit."),
                N_("Enter the quantities to ship."),
            )
        )
    known = (line for line in order.lines if wanted.get(line.line_no, 0) > 0)
    return [Need(line.line_no, line.product_id, wanted[line.line_no]) for line in known], faults


def _lock_lots(session: Session, warehouse_id: int, needs: Sequence[Need], today: date) -> list[LotUnits]:
    products = sorted({need.product_id for need in needs})
    lots = [
        LotUnits(**row._mapping)
        for row in session.execute(
            _LOTS, {"warehouse_id": warehouse_id, "products": products, "today": today}
        )
    ]
    locks.take(session, Rank.LOT, [(warehouse_id, lot.lot_id) for lot in lots])
    return lots


def _short(order: LockedOrder, shortages: Sequence[Shortage], today: date) -> list[Fault]:
    """Lines without lots, but for those of which the registration says why."""
    skus = {line.line_no: line.sku for line in order.lines if made_while_registered(line, today)}
    return [
        Fault(
            f"/lines/{shortage.line_no}",
            "lots_short",
            N_("There is no lot that may be shipped for %(missing)s of %(sku)s."),
            N_("Pick fewer units of this line, or wait for a lot."),
            {"missing": shortage.missing, "sku": skus[shortage.line_no]},
        )
        for shortage in shortages
        if shortage.line_no in skus
    ]


def _refuse(wrong: Sequence[Fault], unfit: Sequence[Fault]) -> None:
    """Wrong entries are the caller's to correct; what else stands against picking is a matter of state.

    Both are told at once.
    """
    if wrong:
        raise Invalid(
            "pick_refused",
            N_("The order was not picked: some entries need attention."),
            faults=[*wrong, *unfit],
        )
    if unfit:
        raise Conflict("pick_refused", N_("The order cannot be picked as it is."), faults=unfit)


def _write(
    session: Session,
    actor: Actor,
    order: LockedOrder,
    warehouse_id: int,
    shipment_number: str,
    plan: Plan,
    proofs: Mapping[str, Any],
    wave: Wave | None,
    at: datetime,
) -> None:
    session.execute(
        _WRITE,
        {
            "dealer_id": order.dealer_id,
            "number": shipment_number,
            "order_id": order.id,
            "warehouse_id": warehouse_id,
            "at": at,
            "actor": actor.key,
            "proof": orjson.dumps({"picked": proofs}).decode(),
            "wave_id": wave.id if wave else None,
            "line_nos": [allocation.line_no for allocation in plan.allocations],
            "lot_ids": [allocation.lot_id for allocation in plan.allocations],
            "quantities": [allocation.quantity for allocation in plan.allocations],
        },
    )


def _told(choice: LotChoice) -> dict[str, object]:
    return {
        "line": choice.line_no,
        "lot": choice.lot_no,
        "units": choice.quantity,
        "reason": choice.reason.strip(),
    }


# Locked in the order of lot ids, as everywhere, so that two picks of the same lots wait instead of blocking
# each other.
_LOTS = text(
    f"""
    SELECT k.lot_id, k.product_id, l.lot_no, l.expires_on, k.on_hand - k.allocated AS free,
           k.state = 'saleable' AND {made_in_time("l", "p")} AS saleable
      FROM lot_stock k JOIN lot l ON l.id = k.lot_id JOIN product p ON p.id = k.product_id
     WHERE k.warehouse_id = :warehouse_id AND k.product_id = ANY (:products)
       AND (k.on_hand > 0 OR k.quarantined > 0)
     ORDER BY k.warehouse_id, k.lot_id FOR NO KEY UPDATE OF k
    """
)

_WRITE = text(
    f"""
    WITH parcel AS (
      INSERT INTO shipment (dealer_id, number, order_id, warehouse_id, status, picked_at, picked_by, proof,
                            wave_id)
      VALUES (:dealer_id, :number, :order_id, :warehouse_id, 'picking', :at, :actor, CAST(:proof AS jsonb),
              :wave_id)
      RETURNING id
    ), line AS (
      INSERT INTO shipment_line (dealer_id, shipment_id, line_no, lot_id, product_id, quantity, lot_no,
                                 expires_on, registration_no)
      SELECT :dealer_id, parcel.id, a.line_no, l.id, l.product_id, a.quantity, l.lot_no, l.expires_on,
             p.registration_no
        FROM parcel, unnest(CAST(:line_nos AS smallint[]), CAST(:lot_ids AS bigint[]),
                            CAST(:quantities AS integer[]))
          AS a(line_no, lot_id, quantity)
        JOIN lot l ON l.id = a.lot_id
        JOIN product p ON p.id = l.product_id
      RETURNING lot_id, quantity
    )
    {ALLOCATE}
    """
)
