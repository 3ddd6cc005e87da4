"""Review units of a parcel by scanning their label."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.scanning.rules import Issuer, Reading
from portal.shipping.locked_parcel import lock_parcel
from portal.shipping.read_label import read_label
from portal.shipping.review_parcel import Reviewed, review_parcel
from portal.shipping.review_rules import Check, require_seen
from portal.shipping.vocabulary import ShippingRight


def review_scan(
    session: Session,
    *,
    actor: Actor,
    shipment_number: str,
    code: str,
    quantity: int | None,
    today: date,
    at: datetime,
    left: int | None = None,
) -> Reviewed:
    """Pass the units that a label is of: the one with its serial, or `quantity` of its lot, all by default.

    Of a package with a number of its own, its units by default.

    left: units of the whole parcel that were still to be reviewed on the page, None where there is none.

    Raises Invalid for a label that does not belong to the parcel, and what `review_parcel` raises.
    """
    actor.require(ShippingRight.SHIP)
    parcel = lock_parcel(session, shipment_number)
    require_seen(left, sum(unit.left for unit in parcel.units))
    unit, scanned = read_label(session, parcel.units, code=code, today=today)
    serials: tuple[str, ...] = ()
    if unit.serial_controlled:
        if scanned.serial is None:
            message, fix = N_("The code names no serial number."), N_("Scan the code with the serial number.")
            raise Invalid(faults=[Fault("/code", "serial_missing", message, fix)])
        serials, quantity = (scanned.serial,), 1
    elif quantity is None and scanned.units > 1:
        quantity = scanned.units
    check = Check(
        unit.line_no,
        unit.lot_no,
        max(unit.left, 1) if quantity is None else quantity,
        serials=serials,
        udi=_printed(scanned.reading, code),
    )
    return review_parcel(session, actor=actor, shipment_number=shipment_number, checks=[check], at=at)


def _printed(label: Reading, code: str) -> str:
    """The code as people read it: of GS1 with its identifiers in brackets, of others as it was scanned."""
    if label.issuer is not Issuer.GS1:
        return "".join(filter(str.isprintable, code)).strip()
    expiry = f"(17){label.expiry:%y%m%d}" if label.expiry else ""
    lot, serial = (
        f"({one}){value}" if value else "" for one, value in (("10", label.lot), ("21", label.serial))
    )
    return f"(01){label.di}{expiry}{lot}{serial}"
