"""Acts after an order, each in a transaction of its own, as the person who does it; and what the tables
then say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

from sqlalchemy import Connection, text

from portal.checks.stock_levels import Difference, check_levels
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction
from portal.kernel.errors import Forbidden, NotFound
from portal.orders.answer import Placed
from portal.orders.cancel_order import Cancelled, cancel_order
from portal.orders.change_order import change_order
from portal.orders.fill_backorders import Filled, fill_backorders
from portal.orders.lifecycle import Status
from portal.orders.release_order import Released, release_order
from portal.orders.request import OrderRequest
from portal.orders.rules import Wanted
from portal.shipping.block_lots import Blocked, block_lots
from portal.shipping.confirm_receipt import Received, confirm_receipt
from portal.shipping.parcel_sheet import SheetLine, parcel_sheet
from portal.shipping.pick_order import Picked, pick_order
from portal.shipping.retire_expired_lots import Retired, retire_expired_lots
from portal.shipping.review_parcel import Reviewed, review_parcel
from portal.shipping.review_rules import Check
from portal.shipping.ship import Shipped, ship
from portal.shipping.unpick_order import unpick_order
from tests import cast
from tests.builders import TERMS
from tests.roles import Person, Product, System, Warehouse

_SERIALS = count(1)


def picked(database: Database, number: str, *, by: Person | System = cast.order_desk, **how: Any) -> Picked:
    """Pick an order."""
    with transaction(database.session_for(by.actor())) as session:
        return pick_order(
            session, actor=by.actor(), number=number, **{"today": cast.TODAY, "at": cast.NOW} | how
        )


def put_back(database: Database, number: str, *, by: Person | System = cast.order_desk) -> Status:
    """Unpick an order."""
    with transaction(database.session_for(by.actor())) as session:
        return unpick_order(session, actor=by.actor(), number=number, at=cast.NOW)


def passed(
    database: Database,
    shipment_number: str,
    *,
    by: Person | System = cast.desk_colleague,
    serials: Mapping[tuple[int, str], Sequence[str]] | None = None,
) -> None:
    """Every unit of a parcel that waits for its outbound review passes it.

    With these serials, else with made-up ones.
    """
    with transaction(database.session_for(by.actor())) as session:
        sheet = parcel_sheet(session, shipment_number)
        checks = [
            Check(line.line_no, line.lot_no, line.left, serials=_serials_of(line, serials or {}))
            for line in sheet.lines
            if line.left
        ]
        if checks and sheet.status == "picking":
            review_parcel(
                session, actor=by.actor(), shipment_number=shipment_number, checks=checks, at=cast.NOW
            )


def _serials_of(line: SheetLine, named: Mapping[tuple[int, str], Sequence[str]]) -> tuple[str, ...]:
    if not line.serial_controlled:
        return ()
    made_up = (f"N{next(_SERIALS)}" for _ in range(line.left))
    return tuple(named.get((line.line_no, line.lot_no)) or made_up)


def reviewed(
    database: Database, shipment_number: str, *checks: Check, by: Person | System = cast.desk_colleague
) -> Reviewed:
    """The outbound review of some units."""
    with transaction(database.session_for(by.actor())) as session:
        return review_parcel(
            session, actor=by.actor(), shipment_number=shipment_number, checks=checks, at=cast.NOW
        )


def shipped(
    database: Database,
    shipment_number: str,
    *,
    by: Person | System = cast.order_desk,
    review: bool = True,
    **how: Any,
) -> Shipped:
    """Ship a parcel by 顺丰速运, after its outbound review by a colleague."""
    if review:
        with suppress(NotFound, Forbidden):
            passed(database, shipment_number, serials=how.get("serials"))
    usual = {"carrier": "顺丰速运", "tracking_no": "SF1020304050", "today": cast.TODAY, "at": cast.NOW}
    with transaction(database.session_for(by.actor())) as session:
        return ship(session, actor=by.actor(), shipment_number=shipment_number, **usual | how)


def received(
    database: Database, shipment_number: str, *, by: Person | System = cast.huadong.buyer, at=cast.NOW
) -> Received:
    """Confirm a parcel."""
    with transaction(database.session_for(by.actor())) as session:
        return confirm_receipt(session, actor=by.actor(), shipment_number=shipment_number, at=at)


def cancelled(
    database: Database,
    number: str,
    *,
    by: Person | System = cast.huadong.buyer,
    reason: str = "ordered by mistake",
) -> Cancelled:
    """Cancel an order."""
    with transaction(database.session_for(by.actor())) as session:
        return cancel_order(session, actor=by.actor(), number=number, reason=reason, at=cast.NOW)


def changed(
    database: Database,
    number: str,
    lines: Mapping[Product, int],
    *,
    by: Person | System = cast.huadong.buyer,
    **request: Any,
) -> Placed:
    """Change an order into one of these lines."""
    wanted = [
        Wanted(product.sku, units, f"/lines/{place}") for place, (product, units) in enumerate(lines.items())
    ]
    with transaction(database.session_for(by.actor())) as session:
        return change_order(
            session,
            actor=by.actor(),
            number=number,
            request=OrderRequest(wanted, **request),
            reason="",
            terms=TERMS,
            at=cast.NOW,
        )


def filled(database: Database) -> Filled:
    """The job that gives goods which arrived to the orders that wait for them."""
    with transaction(database.system_session()) as session:
        return fill_backorders(session, today=cast.TODAY, at=cast.NOW)


def released(
    database: Database, number: str, *, by: Person | System = cast.order_desk, **how: Any
) -> Released:
    """Release an order from its holds."""
    with transaction(database.session_for(by.actor())) as session:
        return release_order(
            session,
            actor=by.actor(),
            number=number,
            **{"reason": "paid in advance", "today": cast.TODAY, "at": cast.NOW} | how,
        )


def retired(database: Database, *, today=cast.TODAY, margin_days: int = 1) -> Retired:
    """The nightly job."""
    with transaction(database.system_session()) as session:
        return retire_expired_lots(session, today=today, at=cast.NOW, margin_days=margin_days)


def blocked(database: Database, product: Product, *lot_nos: str, document: str = "RC-1") -> Blocked:
    """A recall blocks lots."""
    named = text("SELECT id FROM lot WHERE product_id = :p AND lot_no = ANY (:lots)")
    with transaction(database.system_session()) as session:
        lots = session.execute(named, {"p": product.id, "lots": list(lot_nos)}).scalars().all()
        return block_lots(session, lots=lots, document=document, actor=SYSTEM, at=cast.NOW)


def differences(database: Database) -> list[Difference]:
    """What does not add up."""
    with transaction(database.system_session()) as session:
        return check_levels(session, actor=SYSTEM)


def level(
    owner: Connection, product: Product, warehouse: Warehouse = cast.shanghai_warehouse
) -> tuple[int, int]:
    """On hand and reserved."""
    found = owner.execute(
        text("SELECT on_hand, reserved FROM stock_level WHERE warehouse_id = :w AND product_id = :p"),
        {"w": warehouse.id, "p": product.id},
    ).one()
    return found[0], found[1]


def lots(
    owner: Connection, product: Product, warehouse: Warehouse = cast.shanghai_warehouse
) -> dict[str, tuple[int, int, str]]:
    """On hand, allocated and state by lot number."""
    found = owner.execute(
        text(
            "SELECT l.lot_no, k.on_hand, k.allocated, k.state FROM lot_stock k JOIN lot l ON l.id = k.lot_id"
            " WHERE k.warehouse_id = :w AND k.product_id = :p"
        ),
        {"w": warehouse.id, "p": product.id},
    )
    return {row.lot_no: (row.on_hand, row.allocated, row.state) for row in found}


def parcel(owner: Connection, shipment_number: str) -> list[tuple[int, str, int]]:
    """Line number, lot number and units of a shipment."""
    found = owner.execute(
        text(
            "SELECT l.line_no, l.lot_no, l.quantity FROM shipment_line l"
            " JOIN shipment s ON s.id = l.shipment_id"
            " WHERE s.number = :n ORDER BY l.line_no, l.expires_on, l.lot_no"
        ),
        {"n": shipment_number},
    )
    return [(row.line_no, row.lot_no, row.quantity) for row in found]


def status(owner: Connection, number: str) -> str:
    """Where an order stands."""
    return owner.execute(text("SELECT status FROM sales_order WHERE number = :n"), {"n": number}).scalar_one()


def account(owner: Connection, dealer_id: int = cast.huadong.id) -> tuple[str, str]:
    """Balance and open orders."""
    found = owner.execute(
        text("SELECT balance, open_orders FROM dealer_account WHERE dealer_id = :d"), {"d": dealer_id}
    ).one()
    return str(found.balance), str(found.open_orders)


def audited(owner: Connection, subject: str) -> list[str]:
    """What the audit says happened to a subject, in order."""
    return list(
        owner.execute(
            text("SELECT action FROM audit_event WHERE subject = :s ORDER BY id"), {"s": subject}
        ).scalars()
    )
