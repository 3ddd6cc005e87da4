"""Many lines go into the cart at once, in their order: all of them, or none with every reason."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from portal.kernel.db import Database, transaction
from portal.kernel.errors import Forbidden, Invalid
from portal.orders import cart
from portal.orders.fill_cart import Filling, fill_cart
from portal.orders.rules import Wanted
from tests import cast
from tests.browser.acts import fill_cart as given_cart

BUYER = cast.huadong.buyer


def fill(
    database: Database, *lines: tuple[str, object], filling=Filling.ADD, person=BUYER, lines_max=1000
) -> int:
    with transaction(database.session_for(person.actor())) as session:
        return fill_cart(
            session,
            actor=person.actor(),
            lines=[Wanted(sku, quantity, f"/lines/{place}") for place, (sku, quantity) in enumerate(lines)],
            filling=filling,
            quantity_max=1_000,
            lines_max=lines_max,
        )


def refusal(database: Database, *lines: tuple[str, object], **more) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        fill(database, *lines, **more)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


def held(database: Database, person=BUYER) -> Sequence[tuple[str, object]]:
    with transaction(database.session_for(person.actor())) as session:
        return [(line.sku, line.quantity) for line in cart.lines(session, actor=person.actor())]


def test_the_lines_lie_in_the_cart_in_their_order(database):
    assert fill(database, ("SYRINGE", 20), ("GLOVES", 3), ("GAUZE", 1)) == 3
    assert held(database) == [("SYRINGE", 20), ("GLOVES", 3), ("GAUZE", 1)]


@pytest.mark.parametrize(
    ("filling", "then"),
    [
        (Filling.ADD, [("GLOVES", 7), ("STENT", 1), ("SYRINGE", 10)]),
        (Filling.SET, [("GLOVES", 5), ("STENT", 1), ("SYRINGE", 10)]),
        (Filling.REPLACE, [("GLOVES", 5), ("SYRINGE", 10)]),
    ],
)
def test_what_is_there_is_added_to_set_or_replaced(database, filling, then):
    given_cart(database, BUYER, {cast.gloves: 2, cast.stent: 1})
    assert fill(database, ("gloves", "5"), ("SYRINGE", "１０"), filling=filling) == len(then)
    assert sorted(held(database)) == then


def test_a_product_that_stands_twice_is_one_line(database):
    assert fill(database, ("GLOVES", 2), ("SYRINGE", 10), ("ＧＬＯＶＥＳ", 3)) == 2
    assert held(database) == [("GLOVES", 5), ("SYRINGE", 10)]


def test_one_wrong_line_keeps_all_out_and_every_reason_is_told(database):
    given_cart(database, BUYER, {cast.gauze: 999})
    wrong = [("GLOVES", 1), ("NO-SUCH", 1), ("SYRINGE", 15), ("STENT", "1.5"), ("GAUZE", 2), ("WITHDRAWN", 1)]
    for filling in (Filling.ADD, Filling.REPLACE):
        assert set(refusal(database, *wrong, filling=filling)) >= {
            ("/lines/1/sku", "unknown_sku"),
            ("/lines/2/quantity", "pack_multiple"),
            ("/lines/3/quantity", "quantity_not_whole"),
            ("/lines/5/sku", "unknown_sku"),
        }
    assert ("/lines/0/quantity", "quantity_too_large") in refusal(database, ("GAUZE", 2))
    assert held(database) == [("GAUZE", 999)]


def test_a_cart_has_no_more_lines_than_an_order(database):
    given_cart(database, BUYER, {cast.gloves: 1, cast.stent: 1})
    assert refusal(database, ("GAUZE", 1), lines_max=2) == [("/lines", "too_many_lines")]
    assert fill(database, ("GLOVES", 1), lines_max=2) == 2
    assert fill(database, ("GAUZE", 1), lines_max=2, filling=Filling.REPLACE) == 1
    assert held(database) == [("GAUZE", 1)]


def test_it_is_one_statement_however_many_lines(database, given, count_statements):
    skus = [given.a_product(price="1.00").sku for _ in range(30)]
    with count_statements() as counted:
        assert fill(database, *((sku, 1) for sku in skus)) == 30
    assert len(counted) == 1, str(counted)


def test_another_cart_stays_as_it_is(database):
    given_cart(database, cast.yuegang.buyer, {cast.gloves: 4})
    given_cart(database, cast.huadong.boss, {cast.gloves: 6})
    fill(database, ("STENT", 1), filling=Filling.REPLACE)
    assert held(database, cast.yuegang.buyer) == [("GLOVES", 4)]
    assert held(database, cast.huadong.boss) == [("GLOVES", 6)]


def test_who_may_not_order_fills_no_cart(database):
    with pytest.raises(Forbidden):
        fill(database, ("GLOVES", 1), person=cast.huadong.finance)
