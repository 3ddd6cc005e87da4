"""What the label on goods says: a code that was scanned, and what somebody typed beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.kernel import clock
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.lots import plain_lot
from portal.scanning.scan import scanned_all
from portal.web.request import current_session, portal

NO_LOT = "-"


@dataclass(frozen=True, slots=True)
class Label:
    """A lot of a product, as far as it is known. units: in what bears the label."""

    sku: str
    lot_no: str
    serial: str
    produced_on: date | None
    expires_on: date | None
    units: int


def read_label(data: str, *, lot_no: str = "", pointer: str = "/data") -> Label:
    """The lot that a code names, or the one typed beside it. Raises Invalid for a code that names none."""
    today = clock.business_date(clock.now(), portal().settings.timezone)
    (found,) = scanned_all(current_session(), [data], today=today)
    if isinstance(found, Invalid):
        fix = found.fix
        raise Invalid(faults=[Fault(pointer, found.code, found.message, fix, found.params)])
    if found.article is None:
        message, fix = N_("This code is of none of our products."), N_("Scan the label again.")
        raise Invalid(faults=[Fault(pointer, "unknown_article", message, fix)])
    reading = found.reading
    return Label(
        found.article.sku,
        reading.lot or plain_lot(lot_no) or NO_LOT,
        found.serial or "",
        reading.production,
        reading.expiry,
        found.units,
    )
