"""The outbound review: another person than who picked checks the parcel before it may leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Fault, Invalid
from portal.orders.lifecycle import Status
from portal.shipping.fragments import RECORD_REVIEW
from portal.shipping.locked_parcel import LockedParcel, lock_parcel
from portal.shipping.review_rules import Check, Outcome, PackedUnits, checked, require_seen
from portal.shipping.set_apart import set_apart
from portal.shipping.vocabulary import ShippingAction, ShippingRight
from portal.stock.serial_rules import SerialState


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What is left of the parcel to review; `put_back` when a finding undid all of it.

    `set_apart` units lie in quarantine.
    """

    shipment_number: str
    order_number: str
    order_status: Status
    left: int
    set_apart: int
    put_back: bool


Checked = Sequence[tuple[PackedUnits, Check]]


def review_parcel(
    session: Session, *, actor: Actor, shipment_number: str, checks: Sequence[Check], at: datetime
) -> Reviewed:
    """Record what was found of units of a parcel; what did not pass is set apart and leaves the parcel.

    Raises Invalid with every fault of the checks, Conflict when the parcel has left or other units are left
    than were seen, NotFound, Forbidden (also for who picked any of it).
    """
    actor.require(ShippingRight.SHIP)
    parcel = lock_parcel(session, shipment_number)
    for picker in parcel.pickers:
        require_other_person(actor, picker)
    left_of = {(unit.line_no, unit.lot_no): unit.left for unit in parcel.units}
    for check in checks:
        require_seen(check.left, left_of.get((check.line_no, check.lot_no), check.left))
    found, faults = checked(parcel.units, checks)
    faults += _elsewhere(session, parcel, found)
    if faults or not found:
        raise Invalid("review_refused", N_("Not recorded: some entries need attention."), faults=faults)
    _record(session, actor, parcel, found, at)
    wrong = [(unit, check) for unit, check in found if check.outcome is not Outcome.PASSED]
    status, put_back = Status(parcel.order.status), False
    if wrong:
        status, put_back = set_apart(session, actor=actor, parcel=parcel, found=wrong, at=at)
    _tell(session, actor, parcel, found, put_back)
    moved = sum(check.quantity for _, check in found)
    left = 0 if put_back else sum(unit.left for unit in parcel.units) - moved
    units_apart = sum(check.quantity for _, check in wrong)
    return Reviewed(shipment_number, parcel.order.number, status, left, units_apart, put_back)


def _elsewhere(session: Session, parcel: LockedParcel, found: Checked) -> list[Fault]:
    """Serials of units that are not on the shelf of this warehouse: known to be elsewhere, or unknown where
    every unit of the lot has another number.
    """
    named = [
        (unit.product_id, unit.lot_id, serial, check.pointer)
        for unit, check in found
        for serial in check.serials
    ]
    if not named:
        return []
    parameters = {
        "products": [one[0] for one in named],
        "lots": [one[1] for one in named],
        "serials": [one[2] for one in named],
        "saleable": SerialState.SALEABLE,
        "warehouse_id": parcel.warehouse_id,
    }
    away = {(row.product_id, row.serial) for row in session.execute(_ELSEWHERE, parameters)}
    message = N_("The unit with serial number %(serial)s is not in this lot, or may not be sold.")
    fix = N_("Scan it again, or set the unit aside and tell quality.")
    return [
        Fault(f"{pointer}/serials", "serial_elsewhere", message, fix, {"serial": serial})
        for product_id, _, serial, pointer in named
        if (product_id, serial) in away
    ]


def _record(session: Session, actor: Actor, parcel: LockedParcel, found: Checked, at: datetime) -> None:
    session.execute(
        _RECORD,
        {
            "dealer_id": parcel.order.dealer_id,
            "shipment_id": parcel.id,
            "at": at,
            "actor": actor.key,
            "actor_label": actor.label,
            "line_nos": [unit.line_no for unit, _ in found],
            "lot_ids": [unit.lot_id for unit, _ in found],
            "quantities": [check.quantity for _, check in found],
            "serials": [" ".join(check.serials) for _, check in found],
            "codes": [check.udi for _, check in found],
            "outcomes": [str(check.outcome) for _, check in found],
            "notes": [check.note for _, check in found],
        },
    )


def _tell(session: Session, actor: Actor, parcel: LockedParcel, found: Checked, put_back: bool) -> None:
    units = [
        {"line": unit.line_no, "lot": unit.lot_no, "units": check.quantity, "outcome": str(check.outcome)}
        for unit, check in found
    ]
    audit.record(
        session,
        ShippingAction.SHIPMENT_REVIEWED,
        parcel.number,
        actor=actor,
        dealer_id=parcel.order.dealer_id,
        after={"order": parcel.order.number, "units": units, "put_back": put_back},
        reason="; ".join(dict.fromkeys(check.note for _, check in found if check.note)) or None,
    )


_ELSEWHERE = text(
    """
    WITH named AS (
      SELECT n.product_id, n.lot_id, n.serial, u.state, u.warehouse_id, u.lot_id AS known_lot_id,
             row_number() OVER (PARTITION BY n.lot_id, u.serial IS NULL ORDER BY n.serial) AS place
        FROM unnest(CAST(:products AS bigint[]), CAST(:lots AS bigint[]), CAST(:serials AS text[]))
             AS n(product_id, lot_id, serial)
        LEFT JOIN serial_unit u ON u.product_id = n.product_id AND u.serial = n.serial
    ), here AS (
      SELECT k.lot_id, k.on_hand - (SELECT count(*) FROM serial_unit u
                                     WHERE u.warehouse_id = k.warehouse_id AND u.lot_id = k.lot_id
                                       AND u.state = :saleable) AS unnumbered
        FROM lot_stock k
       WHERE k.warehouse_id = :warehouse_id AND k.lot_id = ANY (CAST(:lots AS bigint[]))
    )
    SELECT n.product_id, n.serial
      FROM named n JOIN here h USING (lot_id)
     WHERE CASE WHEN n.state IS NULL THEN n.place > h.unnumbered
                ELSE n.state <> :saleable OR n.warehouse_id IS DISTINCT FROM :warehouse_id
                     OR n.known_lot_id <> n.lot_id END
    """
)
_RECORD = text(
    f"""
    WITH checked AS (
      SELECT line_no, lot_id, quantity, string_to_array(serials, ' ') AS serials, udi, outcome, note
        FROM unnest(CAST(:line_nos AS smallint[]), CAST(:lot_ids AS bigint[]), CAST(:quantities AS integer[]),
                    CAST(:serials AS text[]), CAST(:codes AS text[]), CAST(:outcomes AS text[]),
                    CAST(:notes AS text[]))
             AS c(line_no, lot_id, quantity, serials, udi, outcome, note)
    )
    {RECORD_REVIEW}
    """
)
