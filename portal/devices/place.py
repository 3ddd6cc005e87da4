"""Where a device stands, for whoever goes there."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session


def place_of(session: Session, *, dealer_id: int, sku: str | None, serial: str, sees: bool) -> str:
    """City, hospital and department of a dealer's device; empty where nobody has told, or who asks does not
    see hospitals (`sees`).
    """
    if not (sku and serial and sees):
        return ""
    row = session.execute(_PLACE, {"dealer_id": dealer_id, "sku": sku, "serial": serial}).one_or_none()
    return " ".join(filter(None, (row.hospital_city, row.hospital, row.department))) if row else ""


_PLACE = text(
    """
    SELECT d.hospital_city, d.hospital, d.department
      FROM device d JOIN product p ON p.id = d.product_id
     WHERE d.dealer_id = :dealer_id AND p.sku = :sku AND d.serial_key = code_key(:serial)
       AND d.held_until IS NULL AND d.hospital <> ''
    """
)
