"""Goods go from Shanghai to Guangzhou; each act in a transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from portal.checks.run_checks import CHECKS, check
from portal.kernel.actor import SYSTEM
from portal.kernel.checking import Check
from portal.kernel.db import Database, transaction
from portal.transfers.dispatch_transfer import dispatch_transfer
from portal.transfers.make_transfer import make_transfer
from portal.transfers.receive_transfer import Receipt, receive_transfer
from portal.transfers.rules import Arrived, Moved
from portal.transfers.settle_difference import settle_difference
from tests import cast
from tests.roles import Person, Product, System, Warehouse

FROM, TO = cast.shanghai_warehouse, cast.guangzhou_warehouse


def going(product: Product, lot_no: str, units: int, *serials: str, pointer: str = "/lines/0") -> Moved:
    """Units of a lot that shall go."""
    return Moved(product.sku, lot_no, units, serials, pointer)


def here(
    product: Product, lot_no: str, good: int, bad: int = 0, *, serials=(), bad_serials=(), pointer="/lines/0"
) -> Arrived:
    """Units that arrived fit and damaged, or were found and lost."""
    return Arrived(product.sku, lot_no, good, bad, serials, bad_serials, pointer)


def made(database: Database, *lines: Moved, by: Person | System = cast.order_desk, **how: Any) -> str:
    """A draft; its number."""
    usual = {"origin": FROM.code, "destination": TO.code, "today": cast.TODAY, "at": cast.NOW}
    with transaction(database.session_for(by.actor())) as session:
        return make_transfer(session, actor=by.actor(), lines=lines, **usual | how)


def left(database: Database, number: str, *, by: Person | System = cast.order_desk, **how: Any) -> None:
    """It leaves."""
    with transaction(database.session_for(by.actor())) as session:
        dispatch_transfer(
            session, actor=by.actor(), number=number, **{"today": cast.TODAY, "at": cast.NOW} | how
        )


def arrived(
    database: Database, number: str, *lines: Arrived, by: Person | System = cast.order_desk
) -> Receipt:
    """It arrives."""
    with transaction(database.session_for(by.actor())) as session:
        return receive_transfer(session, actor=by.actor(), number=number, lines=lines, at=cast.NOW)


def settled(
    database: Database,
    number: str,
    *lines: Arrived,
    by: Person | System = cast.erp,
    reason: str = "the carrier says so",
) -> Receipt:
    """Somebody else says what became of what was missing."""
    with transaction(database.session_for(by.actor())) as session:
        return settle_difference(
            session, actor=by.actor(), number=number, lines=lines, reason=reason, at=cast.NOW
        )


def untrue(database: Database, checks: Sequence[Check] | None = None) -> list[str]:
    """Checks of the portal that find something."""
    with transaction(database.system_session()) as session:
        found = list(check(session, actor=SYSTEM, checks=checks))
    return [f"{one.name}: {one.told}" for one in found if one.told]


def untrue_of_goods(database: Database) -> list[str]:
    """Those of stock and of what moves it: what a module about goods asks after each of its tests."""
    moving = ("stock/", "receiving/", "transfers/", "counting/", "nonconforming/", "orders/", "returns/")
    return untrue(database, [one for one in CHECKS if one.name.startswith(moving)])


def standing(owner: Connection, product: Product, lot_no: str, warehouse: Warehouse) -> tuple[int, int, int]:
    """On hand, in inspection and in quarantine of a lot."""
    found = owner.execute(
        text(
            "SELECT k.on_hand, k.inspecting, k.quarantined FROM lot_stock k JOIN lot l ON l.id = k.lot_id"
            " WHERE k.warehouse_id = :w AND l.product_id = :p AND l.lot_no = :n"
        ),
        {"w": warehouse.id, "p": product.id, "n": lot_no},
    ).one_or_none()
    return tuple(found) if found else (0, 0, 0)


def on_the_way(owner: Connection, product: Product, warehouse: Warehouse = TO) -> int:
    """Units on their way to a warehouse."""
    return owner.execute(
        text("SELECT in_transit FROM stock_level WHERE warehouse_id = :w AND product_id = :p"),
        {"w": warehouse.id, "p": product.id},
    ).scalar_one()


def next_arrival(owner: Connection, product: Product, warehouse: Warehouse = TO) -> date | None:
    """The day on which more of a product comes to a warehouse."""
    return owner.execute(
        text("SELECT next_arrival FROM stock_level WHERE warehouse_id = :w AND product_id = :p"),
        {"w": warehouse.id, "p": product.id},
    ).scalar_one()


def serials(owner: Connection, product: Product) -> dict[str, tuple[str, int | None]]:
    """Where each serial of a product is: state and warehouse."""
    rows = owner.execute(
        text("SELECT serial, state, warehouse_id FROM serial_unit WHERE product_id = :p"), {"p": product.id}
    )
    return {row.serial: (row.state, row.warehouse_id) for row in rows}


def serials_here(
    owner: Connection, product: Product, lot_id: int, *serials: str, state="saleable", warehouse=FROM
) -> None:
    """Units of a lot that have serials."""
    for serial in serials:
        owner.execute(
            text(
                "INSERT INTO serial_unit (product_id, serial, lot_id, state, warehouse_id, document)"
                " VALUES (:p, :s, :l, :state, :w, 'GR-CAST')"
            ),
            {"p": product.id, "s": serial, "l": lot_id, "state": state, "w": warehouse.id},
        )
