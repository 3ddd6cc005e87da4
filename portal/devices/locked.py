"""A device that nobody else can change until the commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.db import value_of
from portal.kernel.errors import N_, Conflict, NotFound
from portal.kernel.locks import Rank


@dataclass(frozen=True, slots=True)
class LockedDevice:
    """A device as it is now."""

    dealer_id: int
    id: int
    number: str
    product_id: int
    category_code: str
    serial: str
    state: str
    revision: int
    shipped_on: date | None
    installed_on: date | None
    contract_to: date | None
    hospital: str
    department: str
    uses: int

    @property
    def key(self) -> dict[str, int]:
        """Dealer and id, as statements take them."""
        return {"dealer_id": self.dealer_id, "device_id": self.id}


def lock_device(session: Session, number: str, *, revision: int | None = None) -> LockedDevice:
    """Lock a device that a dealer has, and read it.

    revision: which somebody looked at. Raises NotFound out of scope, Conflict for one that went back or was
    changed meanwhile.
    """
    row = session.execute(_LOCK, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    locks.take(session, Rank.DEVICE, [(row.dealer_id, row.id)])
    device = value_of(LockedDevice, row)
    if device.state == "returned":
        raise Conflict(
            "device_returned",
            N_("This device is not with the dealer any more."),
            fix=N_("Look for its serial number: somebody else may have it."),
        )
    if revision is not None and revision != device.revision:
        raise Conflict(
            "changed_meanwhile",
            N_("Somebody changed this device meanwhile."),
            fix=N_("Look at it again, and enter what is still to be said."),
        )
    return device


_LOCK = text(
    """
    SELECT d.dealer_id, d.id, d.number, d.product_id, p.category_code, d.serial, d.state, d.revision,
           d.shipped_on, d.installed_on, d.contract_to, d.hospital, d.department, d.uses
      FROM device d JOIN product p ON p.id = d.product_id
     WHERE d.number = :number FOR NO KEY UPDATE OF d
    """
)
