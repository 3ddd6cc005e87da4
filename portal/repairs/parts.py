"""Parts of an accepted repair: held in stock, given back, and used out of lots."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.repairs.locked import LockedRepair
from portal.stock.reservations import lock_available, release_units, reserve_units


def parts_of(session: Session, repair: LockedRepair) -> dict[int, tuple[int, int, int]]:
    """What a locked repair needs, holds and has used, by product."""
    rows = session.execute(_PARTS, repair.key)
    return {row.product_id: (row.quantity, row.reserved, row.used) for row in rows}


def want_parts(session: Session, repair: LockedRepair, units: Mapping[int, int]) -> None:
    """Write down what an accepted repair needs, by product."""
    columns = {"products": list(units), "quantities": list(units.values())}
    session.execute(_WANT, repair.key | columns)


def hold_parts(
    session: Session,
    repair: LockedRepair,
    *,
    region_id: int,
    actor: Actor,
    today: date,
    margin_days: int,
    at: datetime,
) -> int | None:
    """Reserve everything that a repair still needs in the nearest warehouse that has all of it.

    Answers its id, None where no warehouse has; then nothing is held. Asked again for what is held already it
    reserves nothing more.
    """
    needed = {
        product: quantity - reserved - used
        for product, (quantity, reserved, used) in parts_of(session, repair).items()
        if quantity > reserved + used
    }
    if not needed:
        return repair.warehouse_id
    serving = session.execute(_SERVING, {"region_id": region_id}).scalars().all()
    if repair.warehouse_id is not None:
        serving = [repair.warehouse_id]
    enough = set()
    for warehouse_id in sorted(serving):  # locks go upwards; which is nearest counts afterwards
        free = lock_available(
            session, warehouse_id=warehouse_id, products=needed, today=today, margin_days=margin_days
        )
        if all(free.get(product, 0) >= units for product, units in needed.items()):
            enough.add(warehouse_id)
    chosen: int | None = next((one for one in serving if one in enough), None)
    if chosen is None:
        return None
    reserve_units(
        session,
        warehouse_id=chosen,
        units=needed,
        dealer_id=repair.dealer_id,
        document=repair.number,
        actor=actor,
        at=at,
    )
    session.execute(_HELD, repair.key)
    return chosen


def give_back(session: Session, repair: LockedRepair, *, actor: Actor, at: datetime) -> bool:
    """Release what a locked repair still holds; whether it held anything."""
    held = {product: reserved for product, (_, reserved, _) in parts_of(session, repair).items() if reserved}
    if not held or repair.warehouse_id is None:
        return False
    release_units(
        session,
        warehouse_id=repair.warehouse_id,
        units=held,
        dealer_id=repair.dealer_id,
        document=repair.number,
        actor=actor,
        at=at,
    )
    session.execute(_GIVEN_BACK, repair.key)
    return True


_PARTS = text(
    """
    SELECT product_id, quantity, reserved, used FROM repair_part
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id ORDER BY product_id
    """
)
_WANT = text(
    """
    INSERT INTO repair_part (dealer_id, repair_id, product_id, quantity)
    SELECT :dealer_id, :repair_id, *
      FROM unnest(CAST(:products AS bigint[]), CAST(:quantities AS integer[]))
    """
)
_SERVING = text("SELECT warehouse_id FROM warehouse_service WHERE region_id = :region_id ORDER BY rank")
_HELD = text(
    """
    UPDATE repair_part SET reserved = quantity - used
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id
    """
)
_GIVEN_BACK = text(
    """
    UPDATE repair_part SET reserved = 0
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND reserved > 0
    """
)
