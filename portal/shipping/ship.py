"""Ship a picked parcel: proven once more, taken out of the stock, billed and announced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import open_orders_moved
from portal.devices.register import Carriage, register_shipped
from portal.kernel import locks, money, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.locks import Rank
from portal.ledger.post_invoice import post_invoice
from portal.orders import lifecycle
from portal.orders.compliance_rules import made_while_registered, registration_fault
from portal.orders.fragments import SET_STATUS, SHIP_LINES, SHIP_SOURCES
from portal.orders.lifecycle import Act, Status
from portal.orders.locking import LockedOrder, lock_order_of_shipment
from portal.shipping.compliance import prove
from portal.shipping.departing import DepartingParcel, load_parcel, reported, require_review
from portal.shipping.fragments import RECORD_REVIEW
from portal.shipping.parcel import ParcelLine, SerialKey, Waybill, checked_serials, checked_waybill
from portal.shipping.vocabulary import ShippingAction, ShippingRight
from portal.stock.fragments import SHIP
from portal.stock.rules import sells_on
from portal.stock.serials import Serials, overnumbered, send_out


@dataclass(frozen=True, slots=True)
class Shipped:
    """A parcel on its way and what was billed for it (`gross` includes VAT)."""

    shipment_number: str
    order_number: str
    order_status: Status
    invoice_number: str
    gross: Decimal


def ship(
    session: Session,
    *,
    actor: Actor,
    shipment_number: str,
    carrier: str,
    tracking_no: str,
    today: date,
    at: datetime,
    serials: Mapping[SerialKey, Sequence[str]] | None = None,
    margin_days: int = 1,
    review_required: bool = True,
) -> Shipped:
    """Send a picked parcel on business date `today` and post its invoice.

    serials: by (order line, lot number), for serial-controlled products; none, or exactly one for every unit,
    and among them those that passed the outbound review, which count where none are named.
    review_required: a person ships only what has passed that review. A program reports what its own warehouse
    reviewed, and the record names it.

    Raises Conflict when it has left already or is not reviewed, or with every line that may not leave any
    more; Invalid for a bad waybill or serials; NotFound, Forbidden.
    """
    actor.require(ShippingRight.SHIP)
    order = lock_order_of_shipment(session, shipment_number)
    parcel = load_parcel(session, order, shipment_number, today)
    waybill, cleaned = _checked(order, parcel, carrier, tracking_no, serials or {})
    proofs = _prove(session, order, parcel, today, margin_days)
    if review_required and actor.is_person:
        require_review(parcel)
    status = _status_after(order, parcel)
    _write_serials(session, order, parcel, cleaned)  # first: what has left is never changed
    _write(session, actor, order, parcel, waybill, status, proofs, cleaned, today, at)
    _send_serials(session, order, parcel, cleaned, Carriage(order.dealer_id, parcel.number, today, at))
    bill = post_invoice(
        session, actor=actor, order=order, shipment=parcel, lines=parcel.by_line, on=today, at=at
    )
    audit.record(
        session,
        ShippingAction.SHIPMENT_SHIPPED,
        shipment_number,
        actor=actor,
        dealer_id=order.dealer_id,
        before={"order_status": order.status},
        after={
            "order": order.number,
            "order_status": str(status),
            "carrier": waybill.carrier,
            "tracking_no": waybill.tracking_no,
            "invoice": bill.number,
        },
    )
    outbox.add(
        session, "order.shipped", dealer_id=order.dealer_id, number=order.number, shipment=shipment_number
    )
    return Shipped(shipment_number, order.number, status, bill.number, bill.gross)


def _checked(
    order: LockedOrder,
    parcel: DepartingParcel,
    carrier: str,
    tracking_no: str,
    serials: Mapping[SerialKey, Sequence[str]],
) -> tuple[Waybill, dict[SerialKey, list[str]]]:
    lines = {line.line_no: line for line in order.lines}
    units = [
        ParcelLine(
            unit.line_no,
            unit.lot_no,
            lines[unit.line_no].sku,
            unit.quantity,
            lines[unit.line_no].serial_controlled,
        )
        for unit in parcel.units
    ]
    waybill, faults = checked_waybill(carrier, tracking_no)
    passed = {unit.key: unit.reviewed_serials for unit in parcel.units}
    cleaned, wrong = checked_serials(units, serials, passed)
    if faults or wrong:
        raise Invalid(
            "ship_refused", N_("Not shipped: some entries need attention."), faults=[*faults, *wrong]
        )
    return waybill, cleaned


def _prove(
    session: Session, order: LockedOrder, parcel: DepartingParcel, today: date, margin_days: int
) -> dict[str, Any]:
    """What entitles the dealer to each line. Raises Conflict with every line that may not leave."""
    late = {unit.line_no for unit in parcel.units if not unit.made_in_time}
    going = order.lines_of(parcel.by_line.keys())
    proven = prove(
        session,
        dealer_id=order.dealer_id,
        ship_to=order.ship_to,
        hospital=order.hospital,
        lines=going,
        on=today,
        made_in_time={line.sku for line in going if line.line_no not in late},
    )
    faults = list(proven.faults)
    faults += [
        registration_fault(f"/lines/{line.line_no}/sku", line.sku)
        for line in going
        if line.line_no in late and made_while_registered(line, today)
    ]
    for unit in parcel.units:
        if unit.state != "saleable" or not sells_on(unit.expires_on, today, margin_days):
            message, fix = (
                N_("Lot %(lot)s may no longer be shipped."),
                N_("Return the units to stock and pick again."),
            )
            faults.append(
                Fault(f"/lines/{unit.line_no}", "lot_not_saleable", message, fix, {"lot": unit.lot_no})
            )
    if faults:
        raise Conflict("ship_refused", N_("The shipment cannot be sent as it is."), faults=faults)
    return proven.proofs


def _status_after(order: LockedOrder, parcel: DepartingParcel) -> Status:
    units = sum(unit.quantity for unit in parcel.units)
    return lifecycle.after(
        order.status,
        Act.SHIP,
        replace(
            order.progress,
            shipped=order.shipped + units,
            outstanding=order.outstanding - units,
            in_transit=order.in_transit + 1,
        ),
    )


def _write(
    session: Session,
    actor: Actor,
    order: LockedOrder,
    parcel: DepartingParcel,
    waybill: Waybill,
    status: Status,
    proofs: Mapping[str, Any],
    serials: Mapping[SerialKey, Sequence[str]],
    today: date,
    at: datetime,
) -> None:
    units_of = parcel.by_line
    going = order.lines_of(units_of.keys())
    gross = sum((line.amount_of_next(units_of[line.line_no]) for line in going), money.ZERO)
    locks.take(session, Rank.LEVEL, [(parcel.warehouse_id, line.product_id) for line in going])
    locks.take(session, Rank.LOT, [(parcel.warehouse_id, unit.lot_id) for unit in parcel.units])
    session.execute(
        _SHIP,
        {
            "dealer_id": order.dealer_id,
            "order_id": order.id,
            "shipment_id": parcel.id,
            "number": parcel.number,
            "warehouse_id": parcel.warehouse_id,
            "carrier": waybill.carrier,
            "tracking_no": waybill.tracking_no,
            "at": at,
            "today": today,
            "actor": actor.key,
            "status": str(status),
            "gross": gross,
            "proof": orjson.dumps({"shipped": proofs}).decode(),
            "actor_label": actor.label,
            **reported(actor, parcel, serials),
        },
    )


def _write_serials(
    session: Session, order: LockedOrder, parcel: DepartingParcel, serials: Mapping[SerialKey, list[str]]
) -> None:
    if not serials:
        return
    flat = [(line_no, lot_no, value) for (line_no, lot_no), values in serials.items() for value in values]
    line_nos, lot_nos, values = map(list, zip(*flat, strict=True))
    session.execute(
        _SERIALS,
        {
            "dealer_id": order.dealer_id,
            "shipment_id": parcel.id,
            "line_nos": line_nos,
            "lot_nos": lot_nos,
            "serials": values,
        },
    )


def _send_serials(
    session: Session,
    order: LockedOrder,
    parcel: DepartingParcel,
    serials: Mapping[SerialKey, list[str]],
    carriage: Carriage,
) -> None:
    """The units leave the warehouse for the dealer, and are devices of the dealer from then on.

    Raises Invalid for one that is not there, and for a lot of which more numbers than units would stay
    behind.
    """
    leaving = [
        Serials(
            order.lines_of({unit.line_no})[0].product_id,
            unit.lot_id,
            serials[unit.line_no, unit.lot_no],
            f"/serials/{unit.line_no}/{unit.lot_no}",
        )
        for unit in parcel.units
        if (unit.line_no, unit.lot_no) in serials
    ]
    faults = send_out(
        session,
        leaving,
        warehouse_id=parcel.warehouse_id,
        dealer_id=order.dealer_id,
        shipment_no=parcel.number,
    )
    faults += _unaccounted(session, order, parcel)
    if faults:
        raise Invalid("ship_refused", N_("Not shipped: some entries need attention."), faults=faults)
    register_shipped(session, leaving, by=carriage)


def _unaccounted(session: Session, order: LockedOrder, parcel: DepartingParcel) -> list[Fault]:
    controlled = {line.line_no for line in order.lines if line.serial_controlled}
    units = [unit for unit in parcel.units if unit.line_no in controlled]
    if not units:
        return []
    lots = overnumbered(session, warehouse_id=parcel.warehouse_id, lots=[unit.lot_id for unit in units])
    message = N_(
        "Lot %(lot)s has serial numbers; those of the units that leave are not named, or never came."
    )
    fix = N_("Scan every unit that lies in the shipment.")
    return [
        Fault(
            f"/serials/{unit.line_no}/{unit.lot_no}",
            "serials_unaccounted",
            message,
            fix,
            {"lot": unit.lot_no},
        )
        for unit in units
        if unit.lot_id in lots
    ]


_SHIP = text(
    f"""
    WITH unit AS MATERIALIZED (
      SELECT line_no, lot_id, product_id, quantity FROM shipment_line
       WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id
    ), {SHIP}, lines AS (
      {SHIP_LINES}
    ), sources AS (
      {SHIP_SOURCES}
    ), checked AS (
      SELECT line_no, lot_id, quantity, string_to_array(serials, ' ') AS serials, '' AS udi,
             'passed' AS outcome, '' AS note
        FROM unnest(CAST(:line_nos AS smallint[]), CAST(:lot_ids AS bigint[]), CAST(:quantities AS integer[]),
                    CAST(:reported_serials AS text[])) AS c(line_no, lot_id, quantity, serials)
    ), reviewed AS (
      {RECORD_REVIEW}
    ), account AS (
      {open_orders_moved("- :gross")}
    ), parcel AS (
      UPDATE shipment SET status = 'shipped', carrier = :carrier, tracking_no = :tracking_no,
                          shipped_at = :at, shipped_on = :today, shipped_by = :actor,
                          proof = proof || CAST(:proof AS jsonb)
       WHERE dealer_id = :dealer_id AND id = :shipment_id
    )
    {SET_STATUS}
    """
)

_SERIALS = text(
    """
    UPDATE shipment_line l SET serials = s.serials
      FROM (SELECT line_no, lot_no, array_agg(serial ORDER BY place) AS serials
              FROM unnest(CAST(:line_nos AS smallint[]), CAST(:lot_nos AS text[]), CAST(:serials AS text[]))
                WITH ORDINALITY AS g(line_no, lot_no, serial, place)
             GROUP BY line_no, lot_no) s
     WHERE l.dealer_id = :dealer_id AND l.shipment_id = :shipment_id AND l.line_no = s.line_no
       AND l.lot_no = s.lot_no
    """
)
