"""Units that another takes in the same instant, and the order in which levels are waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from portal.kernel.db import Database, transaction
from portal.kernel.errors import Conflict, DomainError
from portal.stock.reservations import lock_levels, release_units, reserve_units
from tests import cast
from tests.orders.test_place_order import level, place
from tests.races import until_somebody_waits_for_a_row

NEAR, FAR = sorted((cast.gloves, cast.syringe), key=lambda product: product.id)
WAREHOUSE = cast.shanghai_warehouse
BUYER = cast.huadong.buyer

_LEVEL = "FROM stock_level WHERE warehouse_id = :warehouse AND product_id = :product FOR NO KEY UPDATE"


def test_what_another_takes_before_the_order_is_written_is_refused_at_its_line(database, owner):
    def another_takes_all() -> None:
        owner.execute(
            text("UPDATE stock_level SET reserved = on_hand WHERE warehouse_id = :w AND product_id = :p"),
            {"w": WAREHOUSE.id, "p": cast.syringe.id},
        )

    with before(database, "INSERT INTO sales_order", another_takes_all), pytest.raises(Conflict) as refusal:
        place(database, BUYER, (cast.gloves, 1), (cast.syringe, 10))
    assert refusal.value.code == "stock_short"
    assert [(fault.pointer, fault.code, fault.params) for fault in refusal.value.faults] == [
        ("/lines/1/quantity", "stock_short", {"sku": cast.syringe.sku})
    ]
    assert level(owner, WAREHOUSE, cast.gloves)[1] == 0, "nothing of a refused order stays reserved"
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar_one() == 0


@pytest.mark.parametrize(("left", "taken"), [(9, 0), (10, 10), (11, 10)])
def test_an_order_takes_the_last_units_and_not_one_more(database, owner, left, taken):
    def another_leaves_some() -> None:
        owner.execute(
            text(
                "UPDATE stock_level SET reserved = on_hand - :n WHERE warehouse_id = :w AND product_id = :p"
            ),
            {"n": left, "w": WAREHOUSE.id, "p": cast.syringe.id},
        )

    refusal = nullcontext() if taken else pytest.raises(Conflict)
    with before(database, "INSERT INTO sales_order", another_leaves_some), refusal:
        place(database, BUYER, (cast.syringe, 10))
    on_hand, reserved = level(owner, WAREHOUSE, cast.syringe)
    assert on_hand - reserved == left - taken


def order(database: Database, products: list[Any]) -> None:
    place(database, BUYER, *((product, 10) for product in products))


def reserve(database: Database, products: list[Any]) -> None:
    with transaction(database.dealer_session(BUYER.actor())) as session:
        reserve_units(session, units={product.id: 1 for product in products}, **about())


def release(database: Database, products: list[Any]) -> None:
    with transaction(database.dealer_session(BUYER.actor())) as session:
        release_units(session, units={product.id: 1 for product in products}, **about())


def lock(database: Database, products: list[Any]) -> None:
    with transaction(database.dealer_session(BUYER.actor())) as session:
        lock_levels(session, warehouse_id=WAREHOUSE.id, products=[product.id for product in products])


def about() -> dict[str, Any]:
    return {
        "warehouse_id": WAREHOUSE.id,
        "dealer_id": BUYER.dealer_id,
        "document": "SO-1",
        "actor": BUYER.actor(),
        "at": cast.NOW,
    }


@pytest.mark.parametrize("stored", [[NEAR, FAR], [FAR, NEAR]], ids=["near-far", "far-near"])
@pytest.mark.parametrize("named", [[NEAR, FAR], [FAR, NEAR]], ids=["near-far", "far-near"])
@pytest.mark.parametrize("act", [order, reserve, release, lock])
def test_who_waits_for_the_first_level_holds_no_later_one(database, owner, act, named, stored):
    """However the levels lie in the table and the products stand in the request."""
    for product in stored:
        owner.execute(
            text(
                "UPDATE stock_level SET reserved = reserved + 20 WHERE warehouse_id = :w AND product_id = :p"
            ),
            {"w": WAREHOUSE.id, "p": product.id},
        )
    outcomes: list[object] = []
    thread = Thread(target=lambda: outcomes.append(_outcome(act, database, named)))
    with owner.engine.begin() as holder:
        holder.execute(text(f"SELECT {_LEVEL}"), {"warehouse": WAREHOUSE.id, "product": NEAR.id})
        thread.start()
        until_somebody_waits_for_a_row(owner)
        later_is_free = _is_free(owner, FAR)
    thread.join()
    assert outcomes == [None]
    assert later_is_free


def _outcome(act: Callable[..., None], database: Database, products: list[Any]) -> object:
    try:
        return act(database, products)
    except DomainError as error:
        return error


def _is_free(owner: Connection, product: Any) -> bool:
    """Whether nobody holds the level of a product."""
    try:
        owner.execute(text(f"SELECT {_LEVEL} NOWAIT"), {"warehouse": WAREHOUSE.id, "product": product.id})
    except OperationalError:
        return False
    return True


@contextmanager
def before(database: Database, words: str, act: Callable[[], object]) -> Iterator[None]:
    """Have something done in the instant before a statement with `words` runs."""

    def happen(_connection, _cursor, statement: str, *_: object) -> None:
        if words in statement:
            act()

    event.listen(database.engine, "before_cursor_execute", happen)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", happen)
