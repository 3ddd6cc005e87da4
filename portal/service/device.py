"""What is known of a device by its serial number or its code: where service asks the register of devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.lots import key_sql, lot_key
from portal.scanning.scan import scanned_all
from portal.service.rules import CODE_MAX

# What a serial number can be that somebody typed: it says nothing as a code, or looks like a wrong one.
_NO_CODE = frozenset(
    {"no_code", "no_device_in_address", "wrong_check_digit", "malformed_number", "no_article_number"}
)


@dataclass(frozen=True, slots=True)
class Device:
    """A device, as far as the register and the catalogue know it.

    number: in the register, empty for one that is not there. product_id, sku: None and empty for one of
    somebody else, or of nobody's memory. warranty_until: the last day, None where no rule tells.
    """

    number: str = ""
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
        device, faults = _held(session, dealer_id, said, "", sku, today)
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
        device, _ = _held(session, dealer_id, serial, lot_no, of, today)
        if device:
            return device, []
    if not (serial or lot_no or of):
        message = N_("The range has no product of this code.")
        return Device(), [Fault("/device", "unknown_device", message, N_("Type the serial number."))]
    return Device(serial=serial, lot_no=lot_no, sku=of), []


def _held(
    session: Session, dealer_id: int, serial: str, lot_no: str, sku: str, today: date
) -> tuple[Device | None, list[Fault]]:
    about = {
        "dealer_id": dealer_id,
        "serial": serial,
        "sku": sku,
        "lot_no": lot_no,
        "lot_key": lot_key(lot_no),
    }
    rows = session.execute(_HELD, about).all()
    if len(rows) > 1:
        message, fix = N_("Several products have this serial number."), N_("Name the product too.")
        return None, [Fault("/device", "which_product", message, fix)]
    return (Device(**rows[0]._mapping), []) if rows else (None, [])


# Those that the dealer has now: those of others, and what went back, are not looked at.
_HELD = text(
    f"""
    SELECT d.number, d.serial, d.lot_no, p.id AS product_id, p.sku, p.name_zh, p.name_en,
           d.warranty_to AS warranty_until
      FROM device d JOIN product p ON p.id = d.product_id
     WHERE d.dealer_id = :dealer_id AND d.serial_key = code_key(:serial) AND d.held_until IS NULL
       AND (:sku = '' OR p.sku = :sku) AND (:lot_no = '' OR {key_sql("d.lot_no")} = :lot_key)
     ORDER BY p.sku LIMIT 2
    """
)
