"""Which units of a parcel a scanned label belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from portal.kernel.errors import N_, Fault, Invalid
from portal.scanning.scan import Scanned, scanned_all
from portal.shipping.review_rules import PackedUnits, units_of_code


def read_label(
    session: Session, units: Sequence[PackedUnits], *, code: str, today: date
) -> tuple[PackedUnits, Scanned]:
    """The units that a code or an SKU is of, and what it says. Raises Invalid beside ``/code``."""
    (found,) = scanned_all(session, [code], today=today)
    if isinstance(found, Invalid):
        found.faults = tuple(
            Fault("/code", one.code, one.message, one.fix, one.params) for one in found.faults
        )
        raise found
    sku = found.article.sku if found.article else None
    meant = units_of_code(units, sku=sku, lot=found.reading.lot, expiry=found.reading.expiry)
    if isinstance(meant, Fault):
        raise Invalid("wrong_label", N_("This label does not belong to the shipment."), faults=[meant])
    return meant, found
