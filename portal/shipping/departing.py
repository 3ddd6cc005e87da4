"""A parcel as it is about to leave: its lots as they are now, and what of it passed the outbound review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue.fragments import made_in_time
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import N_, Conflict, Fault, NotFound
from portal.orders.locking import LockedOrder
from portal.shipping.fragments import REVIEWED
from portal.shipping.parcel import SerialKey


@dataclass(frozen=True, slots=True)
class DepartingUnits:
    """Units of one lot in the parcel, with the state of the lot as it is now."""

    line_no: int
    quantity: int
    lot_no: str
    expires_on: date | None
    state: str
    lot_id: int
    made_in_time: bool
    passed: int
    reviewed_serials: list[str]

    @property
    def key(self) -> SerialKey:
        """By what its serials are named."""
        return self.line_no, self.lot_no

    @property
    def unreviewed(self) -> int:
        """Units that have not passed the outbound review."""
        return self.quantity - self.passed


@dataclass(frozen=True, slots=True)
class DepartingParcel:
    """A shipment that is being picked."""

    id: int
    number: str
    warehouse_id: int
    units: tuple[DepartingUnits, ...]

    @property
    def by_line(self) -> dict[int, int]:
        """Units by order line."""
        lines: dict[int, int] = {}
        for unit in self.units:
            lines[unit.line_no] = lines.get(unit.line_no, 0) + unit.quantity
        return lines


def load_parcel(session: Session, order: LockedOrder, number: str, today: date) -> DepartingParcel:
    """The parcel of a locked order. Raises Conflict when it has left, NotFound when it was put back."""
    where = {"dealer_id": order.dealer_id, "number": number, "today": today}
    rows = session.execute(_PARCEL, where).all()
    if not rows:
        raise NotFound()  # put back while we waited for the lock
    if rows[0].status != "picking":
        raise Conflict(
            "already_shipped", N_("This shipment has already been sent."), fix=N_("Check the order.")
        )
    return DepartingParcel(
        rows[0].id, number, rows[0].warehouse_id, tuple(value_of(DepartingUnits, row) for row in rows)
    )


def require_review(parcel: DepartingParcel) -> None:
    """Raise Conflict with every line of which units have not passed the outbound review."""
    message = N_("%(units)s of lot %(lot)s have not passed the outbound review.")
    fix = N_("Another person than who picked reviews the shipment first.")
    faults = [
        Fault(
            f"/lines/{unit.line_no}",
            "not_reviewed",
            message,
            fix,
            {"lot": unit.lot_no, "units": unit.unreviewed},
        )
        for unit in parcel.units
        if unit.unreviewed
    ]
    if faults:
        raise Conflict(
            "not_reviewed", N_("This shipment waits for its outbound review."), faults=faults, fix=fix
        )


def reported(
    actor: Actor, parcel: DepartingParcel, serials: Mapping[SerialKey, Sequence[str]]
) -> dict[str, list[Any]]:
    """What a program says its warehouse reviewed: all that no person here did. People report nothing here."""
    units = [] if actor.is_person else [unit for unit in parcel.units if unit.unreviewed]
    return {
        "line_nos": [unit.line_no for unit in units],
        "lot_ids": [unit.lot_id for unit in units],
        "quantities": [unit.unreviewed for unit in units],
        "reported_serials": [
            " ".join(one for one in serials.get(unit.key, ()) if one not in unit.reviewed_serials)
            for unit in units
        ],
    }


_PARCEL = text(
    f"""
    SELECT s.id, s.status, s.warehouse_id, l.line_no, l.quantity, l.lot_no, l.lot_id,
           least(l.expires_on, o.expires_on) AS expires_on,
           coalesce(k.state, 'blocked') AS state, {made_in_time("o", "p")} AS made_in_time,
           v.passed, v.reviewed_serials
      FROM shipment s
      JOIN shipment_line l ON l.dealer_id = s.dealer_id AND l.shipment_id = s.id
      JOIN lot o ON o.id = l.lot_id
      JOIN product p ON p.id = l.product_id
      LEFT JOIN lot_stock k ON k.warehouse_id = s.warehouse_id AND k.lot_id = l.lot_id
      {REVIEWED}
     WHERE s.dealer_id = :dealer_id AND s.number = :number
     ORDER BY l.line_no, l.lot_no
    """
)
