"""What is known of a device by its serial number or its code: the one place that service asks.

Today the units that were shipped answer. Whoever keeps a register of devices takes over here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.errors import N_, Fault, Invalid
from portal.scanning.scan import scanned_all
from portal.service.rules import CODE_MAX

WARRANTY_MONTHS = 12
"""From the day on which a unit left, until a register knows better."""

# What a serial number can be that somebody typed: it says nothing as a code, or looks like a wrong one.
_NO_CODE = frozenset(
    {"no_code", "no_device_in_address", "wrong_check_digit", "malformed_number", "no_article_number"}
)


@dataclass(frozen=True, slots=True)
class Device:
    """A device, as far as the dealer's own shipments and the catalogue know it.

    product_id, sku: None and empty for one of somebody else, or of nobody's memory. warranty_until: the last
    day.
    """

    serial: str = ""
    lot_no: str = ""
    product_id: int | None = None
    sku: str = ""
    name_zh: str = ""
    name_en: str = ""
    warranty_until: date | None = None


def device_named(
    session: Session, *, dealer_id: int, said: str, sku: str = "", today: date
) -> tuple[Device, list[Fault]]:
    """A device by its serial number, or by what a scanner reads of its label; faults at ``/device``.

    A serial number of another dealer is as unknown as one that there never was.
    """
    said = said.strip()
    if not said:
        return Device(), []
    if len(said) <= CODE_MAX:
        device, faults = _shipped(session, dealer_id, said, "", sku, today)
        if device or faults:
            return device or Device(), faults
    (read,) = scanned_all(session, [said], today=today)
    if isinstance(read, Invalid):
        if read.code in _NO_CODE and len(said) <= CODE_MAX and said.isprintable():
            return Device(serial=said), []
        return Device(), [Fault("/device", read.code, read.message, read.fix, read.params)]
    serial, lot_no = read.serial or "", read.reading.lot or ""
    of = read.article.sku if read.article else ""
    if serial and of:
        device, _ = _shipped(session, dealer_id, serial, lot_no, of, today)
        if device:
            return device, []
    if not (serial or lot_no or of):
        message = N_("The range has no product of this code.")
        return Device(), [Fault("/device", "unknown_device", message, N_("Type the serial number."))]
    return Device(serial=serial, lot_no=lot_no, sku=of), []


def _shipped(
    session: Session, dealer_id: int, serial: str, lot_no: str, sku: str, today: date
) -> tuple[Device | None, list[Fault]]:
    about = {
        "dealer_id": dealer_id,
        "serial": serial,
        "sku": sku,
        "lot_no": lot_no,
        "months": WARRANTY_MONTHS,
    }
    rows = session.execute(_SHIPPED, about).all()
    if len(rows) > 1:
        message, fix = N_("Several products have this serial number."), N_("Name the product too.")
        return None, [Fault("/device", "which_product", message, fix)]
    return (Device(**rows[0]._mapping), []) if rows else (None, [])


# A unit is the dealer's whom it was shipped to last: those of others, and of nobody, are not looked at.
_SHIPPED = text(
    """
    SELECT u.serial, t.lot_no, p.id AS product_id, p.sku, p.name_zh, p.name_en,
           CAST(s.shipped_on + make_interval(months => :months) AS date) AS warranty_until
      FROM serial_unit u
      JOIN product p ON p.id = u.product_id
      JOIN lot t ON t.id = u.lot_id
      LEFT JOIN shipment s ON s.dealer_id = u.dealer_id AND s.number = u.document
     WHERE u.dealer_id = :dealer_id AND u.serial = :serial AND (:sku = '' OR p.sku = :sku)
       AND (:lot_no = '' OR t.lot_no = :lot_no)
     ORDER BY p.sku LIMIT 2
    """
)
