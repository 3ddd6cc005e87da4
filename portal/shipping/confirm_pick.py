"""Confirm at the shelf that units are in the parcel: by scanning their label, or by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid
from portal.shipping.locked_parcel import LockedParcel, lock_parcel
from portal.shipping.read_label import read_label
from portal.shipping.review_rules import PackedUnits
from portal.shipping.vocabulary import ShippingAction, ShippingRight


def confirm_pick(
    session: Session,
    *,
    actor: Actor,
    shipment_number: str,
    today: date,
    at: datetime,
    code: str = "",
    line: tuple[int, str] | None = None,
) -> PackedUnits:
    """Say that the units of one lot are in the parcel: those a `code` is of, or of a `line` (number, lot).

    To confirm them again changes nothing. Who confirms has picked and does not review, and the other way
    round. Raises Invalid for a label of something else, Conflict when the parcel has left or the units are
    reviewed, NotFound, Forbidden.
    """
    actor.require(ShippingRight.SHIP)
    parcel = lock_parcel(session, shipment_number)
    _refuse_reviewer(session, actor, parcel)
    unit = _meant(session, parcel, code, line, today)
    if unit.passed:
        raise Conflict(
            "reviewed", N_("These units are reviewed already."), fix=N_("There is nothing left to confirm.")
        )
    where = {"dealer_id": parcel.order.dealer_id, "shipment_id": parcel.id}
    confirmed = {**where, "line_no": unit.line_no, "lot_id": unit.lot_id, "at": at, "actor": actor.key}
    if session.execute(_CONFIRM, confirmed).first() is not None:
        audit.record(
            session,
            ShippingAction.SHIPMENT_CONFIRMED,
            shipment_number,
            actor=actor,
            dealer_id=parcel.order.dealer_id,
            after={"line": unit.line_no, "lot": unit.lot_no, "units": unit.quantity, "code": code.strip()},
        )
    return unit


def _refuse_reviewer(session: Session, actor: Actor, parcel: LockedParcel) -> None:
    said = {"dealer_id": parcel.order.dealer_id, "number": parcel.number, "actor": actor.key}
    if session.execute(_REVIEWED, said).scalar_one():
        raise Forbidden(
            "same_person",
            N_("You have reviewed units of this shipment. Another person picks the rest of it."),
            fix=N_("Ask a colleague."),
        )


def _meant(
    session: Session, parcel: LockedParcel, code: str, line: tuple[int, str] | None, today: date
) -> PackedUnits:
    if line is None:
        untaken = _untaken(session, parcel)
        open_first = [
            replace(unit, passed=0 if (unit.line_no, unit.lot_id) in untaken else unit.quantity)
            for unit in parcel.units
        ]
        meant, _ = read_label(session, open_first, code=code, today=today)
        line = (meant.line_no, meant.lot_no)
    found = next((unit for unit in parcel.units if (unit.line_no, unit.lot_no) == line), None)
    if found is None:
        message = N_("Line %(line)s with lot %(lot)s is not in this shipment.")
        about = {"line": line[0], "lot": line[1]}
        raise Invalid(faults=[Fault("/code", "unknown_line", message, N_("Look at the list."), about)])
    return found


def _untaken(session: Session, parcel: LockedParcel) -> set[tuple[int, int]]:
    where = {"dealer_id": parcel.order.dealer_id, "shipment_id": parcel.id}
    return {(row.line_no, row.lot_id) for row in session.execute(_UNTAKEN, where)}


_UNTAKEN = text(
    """
    SELECT line_no, lot_id FROM shipment_line
     WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id AND taken_at IS NULL
    """
)
_REVIEWED = text(
    """
    SELECT EXISTS (
      SELECT FROM outbound_review
       WHERE dealer_id = :dealer_id AND shipment_no = :number AND reviewed_by = :actor)
    """
)
_CONFIRM = text(
    """
    UPDATE shipment_line SET taken_at = :at, taken_by = :actor
     WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id AND line_no = :line_no AND lot_id = :lot_id
       AND taken_at IS NULL
    RETURNING line_no
    """
)
