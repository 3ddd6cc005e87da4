"""Units of lots come, go and change their standing: lots, levels and movements stay one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict
from portal.stock.lots import NamedLot, ensure_lots
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind
from tests import cast
from tests.builders import a_lot
from tests.races import failures, together
from tests.shipping.acts import differences, level

DESK = cast.order_desk
SHANGHAI, GUANGZHOU = cast.shanghai_warehouse, cast.guangzhou_warehouse


def moved(database, *moves: LotMove, warehouse=SHANGHAI, kind=MovementKind.RECEIPT) -> None:
    with transaction(database.session_for(DESK.actor())) as session:
        move_lots(
            session,
            warehouse_id=warehouse.id,
            moves=moves,
            kind=kind,
            document="GR-1",
            actor=DESK.actor(),
            at=cast.NOW,
        )


def apart(owner, lot_id: int, warehouse=SHANGHAI) -> tuple[int, int, int]:
    """On hand, in inspection, in quarantine."""
    found = owner.execute(
        text(
            "SELECT on_hand, inspecting, quarantined FROM lot_stock WHERE lot_id = :l AND warehouse_id = :w"
        ),
        {"l": lot_id, "w": warehouse.id},
    ).one()
    return tuple(found)


def new_lots(database, product, *lot_nos: str, expires_on: date | None = date(2099, 1, 1)) -> dict[str, int]:
    with transaction(database.session_for(DESK.actor())) as session:
        ids, faults = ensure_lots(
            session, [NamedLot(product.id, lot_no, None, expires_on, "/lines/0") for lot_no in lot_nos]
        )
    assert faults == []
    return {lot_no: lot_id for (_, lot_no), lot_id in ids.items()}


def test_a_lot_and_a_level_that_the_warehouse_never_had_are_made(given, database, owner):
    product = given.a_product()
    lots = new_lots(database, product, "A", "B")
    moved(database, LotMove(lots["A"], inspecting=7), LotMove(lots["B"], on_hand=5, quarantined=1))
    assert (apart(owner, lots["A"]), apart(owner, lots["B"])) == ((0, 7, 0), (5, 0, 1))
    assert level(owner, product) == (5, 0)
    assert differences(database) == []


def test_accepted_units_may_be_sold_and_refused_ones_are_set_apart(given, database, owner):
    product = given.a_product()
    lot = new_lots(database, product, "A")["A"]
    moved(database, LotMove(lot, inspecting=10))
    moved(database, LotMove(lot, on_hand=8, inspecting=-10, quarantined=2), kind=MovementKind.INSPECTION)
    assert (apart(owner, lot), level(owner, product)) == ((8, 0, 2), (8, 0))
    assert differences(database) == []


@pytest.mark.parametrize("state", ["expired", "blocked"])
def test_units_of_a_lot_that_may_not_be_sold_are_set_apart_instead(given, database, owner, state):
    product = given.a_product()
    [lot] = given.stock_of(product, SHANGHAI, a_lot("OLD", 0, state=state))
    moved(database, LotMove(lot.id, on_hand=4), kind=MovementKind.RETURN)
    assert (apart(owner, lot.id), level(owner, product)) == ((0, 0, 4), (0, 0))
    assert differences(database) == []


@pytest.mark.parametrize(
    ("move", "code"),
    [
        (LotMove(0, on_hand=-4), "stock_short"),
        (LotMove(0, inspecting=-1), "not_set_apart"),
        (LotMove(0, quarantined=-1, on_hand=1), "not_set_apart"),
    ],
)
def test_what_is_promised_or_not_there_does_not_go(given, database, owner, move, code):
    product = given.a_product()
    [lot] = given.stock_of(product, SHANGHAI, a_lot("A", 10))
    given.an_order({product: 7})
    with pytest.raises(Conflict) as refusal:
        moved(
            database,
            LotMove(lot.id, move.on_hand, move.inspecting, move.quarantined),
            kind=MovementKind.COUNT,
        )
    assert refusal.value.code == code
    assert (apart(owner, lot.id), level(owner, product)) == ((10, 0, 0), (10, 7))


def test_two_that_need_the_last_units_never_both_get_them(given, database, owner):
    product = given.a_product()
    [lot] = given.stock_of(product, SHANGHAI, a_lot("A", 10))
    outcomes = together(4, lambda _: moved(database, LotMove(lot.id, on_hand=-4), kind=MovementKind.DISPATCH))
    assert [type(error) for error in failures(outcomes)] == [Conflict, Conflict]
    assert level(owner, product) == (2, 0)
    assert differences(database) == []


def test_lots_and_levels_made_at_once_from_both_ends_never_wait_crosswise(given, database):
    products = [given.a_product() for _ in range(6)]
    lots = [new_lots(database, product, "A")["A"] for product in products]

    def receive(place: int) -> None:
        mine = lots if place % 2 else lots[::-1]
        moved(database, *(LotMove(lot, on_hand=1) for lot in mine), warehouse=GUANGZHOU)

    assert failures(together(6, receive)) == []
    assert differences(database) == []


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(-6, 9), st.integers(-6, 9), st.integers(-6, 9)), max_size=8
    )
)
def test_whatever_is_asked_for_all_adds_up_and_nothing_is_below_zero(given_lots, steps):
    database, owner, lots = given_lots
    for place, on_hand, inspecting, quarantined in steps:
        try:
            moved(database, LotMove(lots[place], on_hand, inspecting, quarantined), kind=MovementKind.COUNT)
        except Conflict:
            continue
    assert min(min(apart(owner, lot)) for lot in lots) >= 0
    assert differences(database) == []


@pytest.fixture
def given_lots(given, database, owner):
    product = given.a_product()
    stocked = given.stock_of(product, SHANGHAI, a_lot("A", 5), a_lot("B", 0))
    return database, owner, [lot.id for lot in stocked]


def test_dates_that_contradict_what_is_known_are_told_and_change_nothing(given, database, owner):
    product = given.a_product()
    new_lots(database, product, "A", expires_on=date(2031, 5, 31))
    with transaction(database.session_for(DESK.actor())) as session:
        named = NamedLot(product.id, "A", date(2029, 1, 1), date(2031, 6, 30), "/lines/3")
        _, faults = ensure_lots(session, [named])
    assert [(fault.pointer, fault.code, fault.params["day"]) for fault in faults] == [
        ("/lines/3/expires_on", "lot_date", "2031-05-31"),
        ("/lines/3/produced_on", "lot_date", "–"),
    ]
    known = owner.execute(
        text("SELECT produced_on, expires_on FROM lot WHERE product_id = :p"), {"p": product.id}
    )
    assert tuple(known.one()) == (None, date(2031, 5, 31))
