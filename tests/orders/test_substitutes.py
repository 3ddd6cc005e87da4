"""What cannot be served: the dealer is offered what headquarters named, if it may buy it and can have it.

Nobody is sent a substitute that was not chosen.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.catalogue.name_substitutes import name_substitutes
from portal.kernel.errors import Invalid
from portal.orders.rules import Wanted
from portal.orders.substitute_rules import at_hand, in_place_of
from portal.orders.terms import SupplyTerms
from tests import cast
from tests.builders import a_lot, net
from tests.catalogue.test_name_substitutes import done
from tests.orders.acts import decided

HERE, THERE = cast.shanghai_warehouse, cast.guangzhou_warehouse


@pytest.mark.parametrize(
    ("quantity", "available", "multiple", "units"),
    [(60, 100, 1, 60), (60, 40, 1, 40), (55, 100, 10, 60), (55, 58, 10, 50), (1, 9, 10, 0), (5, 0, 1, 0)],
)
def test_whole_packs_take_the_place_as_many_as_there_are(quantity, available, multiple, units):
    assert in_place_of(quantity, available, multiple) == units


@pytest.mark.parametrize(
    ("stock", "split", "units"),
    [({1: 5, 2: 9}, False, 9), ({1: 5, 2: 9}, True, 14), ({1: 5, 3: 90}, True, 5), ({}, True, 0)],
)
def test_an_order_has_the_units_of_one_warehouse_or_with_leave_to_split_of_all_that_serve(
    stock, split, units
):
    assert at_hand(stock, [1, 2], split=split) == units


@pytest.fixture
def offered(given, database):
    """``offered(quantity, *substitutes, **request)``: what huadong is proposed instead of `SHORT`."""
    given.a_product(sku="SHORT", price="10.00")

    def offer(quantity, *substitutes, by=cast.huadong.buyer, also=(), **request):
        done(database, name_substitutes, sku="SHORT", wanted=[one.sku for one in substitutes])
        lines = dict.fromkeys(also, 1)
        with pytest.raises(Invalid) as refusal:
            given.an_order_of(_wanted({"SHORT": quantity} | {one.sku: 1 for one in lines}), by=by, **request)
        [fault] = [one for one in refusal.value.faults if one.code in ("stock_short", "withdrawn")]
        return [(one.sku, one.quantity, one.available, one.unit_price) for one in fault.proposals]

    return offer


def _wanted(lines):
    return [Wanted(sku, quantity, f"/lines/{place}") for place, (sku, quantity) in enumerate(lines.items())]


def test_what_is_in_stock_is_offered_at_the_price_of_this_dealer(given, offered):
    other = given.a_product(sku="OTHER", price="20.00")
    given.stock_of(other, HERE, a_lot("O", 40))
    given.stock_of(other, THERE, a_lot("O2", 90))
    given.a_policy(net("12.34", dealer=cast.huadong, product=other), contract_of=cast.huadong)
    assert offered(30, other) == [("OTHER", 30, 90, Decimal("12.34"))]
    assert offered(30, other, supply=SupplyTerms(HERE.code)) == [("OTHER", 30, 40, Decimal("12.34"))]
    assert offered(120, other, supply=SupplyTerms(split=True)) == [("OTHER", 120, 130, Decimal("12.34"))]
    [(_, _, seen, price)] = offered(30, other, by=cast.yuegang.buyer)
    assert (seen, price) == (90, Decimal("18.00"))  # its own tier, its own warehouse


def test_the_first_named_comes_first_and_three_are_enough(given, offered):
    goods = [given.a_product(sku=f"S{place}", price="9.00") for place in (4, 2, 5, 1)]
    for one in goods:
        given.stock_of(one, HERE, a_lot(one.sku, 50))
    assert [sku for sku, *_ in offered(10, *goods)] == ["S4", "S2", "S5"]


def test_only_what_this_dealer_may_buy_and_can_have_is_offered(given, offered):
    none = given.a_product(sku="NONE", price="9.00")
    wide = given.a_product(sku="WIDE", price="9.00", pack_multiple=100)
    given.stock_of(wide, HERE, a_lot("W", 99))
    assert offered(10, cast.withdrawn_catheter, cast.lapsed_pump, cast.unpriced_probe, none, wide) == []
    given.licences_of(cast.huadong)
    assert offered(1, cast.stent, cast.gloves)[0][0] == "GLOVES"  # class I needs no licence


def test_what_would_only_be_held_is_not_offered(given, offered, database):
    decided(database, "licence", "hold")
    given.licences_of(cast.huadong)
    assert [sku for sku, *_ in offered(1, cast.stent)] == []


def test_what_is_ordered_already_is_not_offered(given, offered):
    assert [sku for sku, *_ in offered(1, cast.gloves, cast.gauze, also=[cast.gloves])] == ["GAUZE"]


def test_instead_of_a_product_that_is_no_longer_sold_there_is_an_offer(given, database):
    done(database, name_substitutes, sku="WITHDRAWN", wanted=["GAUZE"])
    with pytest.raises(Invalid) as refusal:
        given.an_order({cast.withdrawn_catheter: 4})
    [fault] = [one for one in refusal.value.faults if one.code == "withdrawn"]
    assert [(one.sku, one.quantity) for one in fault.proposals] == [("GAUZE", 4)]


def test_a_fault_of_another_kind_has_no_offer(given, database):
    done(database, name_substitutes, sku="SYRINGE", wanted=["GAUZE"])
    with pytest.raises(Invalid) as refusal:
        given.an_order({cast.syringe: 5, cast.sold_out_scale: 1})
    assert {one.code: len(one.proposals) for one in refusal.value.faults} == {
        "pack_multiple": 0,
        "stock_short": 0,
    }


def test_nothing_is_sent_instead_unasked(given, database):
    done(database, name_substitutes, sku="SOLD-OUT", wanted=["GLOVES"])
    placed = given.an_order({cast.sold_out_scale: 2}, supply=SupplyTerms(backorder=True))
    assert [(line["sku"], line["backordered"]) for line in placed.answer["lines"]] == [("SOLD-OUT", 2)]
