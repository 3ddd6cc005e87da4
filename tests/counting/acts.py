"""Shanghai is counted; each act in a transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from portal.counting.decide_count import approve_count, reject_count
from portal.counting.enter_count import Found, enter_count
from portal.counting.open_count import Scope, cancel_count, open_count, submit_count
from portal.counting.queries import CountLine, count_lines, stock_count
from portal.counting.rules import CountState, Standing
from portal.kernel.db import Database, transaction
from tests import cast
from tests.roles import Person, Product, System, Warehouse

HERE = cast.shanghai_warehouse


def opened(
    database: Database,
    *products: Product,
    by: Person | System = cast.order_desk,
    warehouse: Warehouse = HERE,
    **scope: Any,
) -> str:
    """A count of some products, or of another scope; its number."""
    wanted = Scope(skus=[product.sku for product in products], **scope)
    with transaction(database.session_for(by.actor())) as session:
        return open_count(
            session,
            actor=by.actor(),
            warehouse=warehouse.code,
            scope=wanted,
            today=cast.TODAY,
            at=cast.NOW,
        )


def entered(
    database: Database,
    number: str,
    product: Product,
    lot_no: str,
    units: int,
    *,
    standing: Standing = Standing.SALEABLE,
    serials: Sequence[str] = (),
    by: Person | System = cast.order_desk,
    **how: Any,
) -> None:
    """Somebody counts units of a lot."""
    found = Found(product.sku, lot_no, standing, units, serials, **how)
    with transaction(database.session_for(by.actor())) as session:
        enter_count(session, actor=by.actor(), number=number, found=found, today=cast.TODAY, at=cast.NOW)


def submitted(database: Database, number: str, *, by: Person | System = cast.order_desk) -> CountState:
    """The counters say that they are done."""
    with transaction(database.session_for(by.actor())) as session:
        return submit_count(session, actor=by.actor(), number=number, at=cast.NOW)


def approved(database: Database, number: str, *, by: Person | System = cast.controller, note="") -> None:
    """Somebody else agrees."""
    with transaction(database.session_for(by.actor())) as session:
        approve_count(session, actor=by.actor(), number=number, note=note, today=cast.TODAY, at=cast.NOW)


def rejected(database: Database, number: str, *, by: Person | System = cast.controller, note="why") -> None:
    """Somebody else does not."""
    with transaction(database.session_for(by.actor())) as session:
        reject_count(session, actor=by.actor(), number=number, note=note, at=cast.NOW)


def cancelled(database: Database, number: str, *, by: Person | System = cast.order_desk) -> None:
    """It is given up."""
    with transaction(database.session_for(by.actor())) as session:
        cancel_count(session, actor=by.actor(), number=number, at=cast.NOW)


def shown(database: Database, number: str) -> list[CountLine]:
    """The lines as somebody sees them."""
    actor = cast.order_desk.actor()
    with transaction(database.session_for(actor)) as session:
        count = stock_count(session, actor=actor, number=number)
        return count_lines(session, actor=actor, count=count, at=cast.NOW)


def movements(owner: Connection, number: str) -> list[tuple]:
    """Lot, on hand, inspecting and quarantined of each movement of a document."""
    rows = owner.execute(
        text(
            "SELECT l.lot_no, m.kind, m.on_hand_delta, m.inspecting_delta, m.quarantined_delta"
            "  FROM stock_movement m JOIN lot l ON l.id = m.lot_id WHERE m.document = :n ORDER BY l.lot_no"
        ),
        {"n": number},
    )
    return [tuple(row) for row in rows]
