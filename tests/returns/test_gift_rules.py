"""Gifts and the goods that earned them, in any sequence of returns."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.promotions.rules import Gift, gifts_earned
from portal.returns.gift_rules import (
    Earning,
    GiftLine,
    GiftLot,
    Kept,
    beyond_fault,
    due_gifts,
    earned_as,
    given_back,
    placed,
)
from portal.returns.rules import Coming, Remedy, ReturnReason

SURPLUS = ReturnReason.SURPLUS


def a_gift(bought: int, quantity: int = 1, for_each: int | None = 10, **changes) -> GiftLine:
    gift = Gift("G", quantity, for_each)
    given_units = changes.pop("given", gifts_earned(gift, bought))
    value = Decimal("12.34") * given_units
    goods = (Earning(1, bought, bought, Decimal(100) * bought),)
    usual = {"left": given_units, "in_hand": given_units, "goods": goods}
    return GiftLine(2, "G", "赠品", "gift", "盒", gift, given_units, value, **(usual | changes))


def coming(units: int, line_no: int = 1, remedy: Remedy = Remedy.CREDIT) -> Coming:
    return Coming(line_no, 1, units, SURPLUS, (), remedy)


def due(line: GiftLine, *back: Coming, kept: int = 0):
    [one], faults = due_gifts([line], back, [Kept(2, kept, "/gifts/0")] if kept else [])
    assert faults == []
    return one


@pytest.mark.parametrize(("bought", "back", "units"), [(20, 3, 1), (20, 1, 1), (20, 10, 1), (20, 20, 2)])
def test_what_stays_earns_its_gifts_and_no_more(bought, back, units):
    assert due(a_gift(bought), coming(back)).units == units


@pytest.mark.parametrize(("bought", "back"), [(35, 5), (20, 0), (29, 9)])
def test_gifts_that_are_still_earned_stay(bought, back):
    assert due_gifts([a_gift(bought)], [coming(back)] if back else [], []) == ([], [])


def test_what_is_exchanged_stays_bought():
    assert due_gifts([a_gift(20)], [coming(20, remedy=Remedy.EXCHANGE)], []) == ([], [])
    assert given_back([coming(3), coming(4, remedy=Remedy.EXCHANGE), coming(2)]) == {1: 5}


def test_a_gift_that_comes_back_by_itself_is_not_asked_for_again():
    assert due_gifts([a_gift(20)], [coming(3), coming(1, line_no=2)], []) == ([], [])


def test_units_that_a_budget_or_the_stock_cut_are_not_asked_for():
    cut = a_gift(35, given=2)
    assert due_gifts([cut], [coming(10)], []) == ([], [])
    assert due(cut, coming(16)).units == 1


def test_a_gift_once_an_order_stays_until_all_comes_back():
    once = a_gift(20, quantity=3, for_each=None)
    assert due_gifts([once], [coming(19)], []) == ([], [])
    assert due(once, coming(20)).units == 3


def test_conditions_of_units_and_of_an_amount_have_to_be_met_by_what_stays():
    assert due(a_gift(20, min_quantity=15), coming(6)).units == 2
    worth = a_gift(20, min_amount=Decimal("1500.00"))
    assert due(worth, coming(5)).units == 1
    assert due(worth, coming(6)).units == 2


def test_what_was_billed_or_is_promised_is_not_asked_for_again():
    assert due_gifts([a_gift(20, charged=Decimal("12.34"))], [coming(3)], []) == ([], [])
    assert due_gifts([a_gift(20, promised=1)], [coming(3)], []) == ([], [])
    assert due(a_gift(20, charged=Decimal("12.34")), coming(13)).units == 1


def test_units_that_have_not_left_cannot_come_back():
    assert due(a_gift(20, in_hand=1), coming(20)).units == 1
    assert due_gifts([a_gift(20, in_hand=0)], [coming(20)], []) == ([], [])
    assert a_gift(20, in_hand=0).after({1: 3}).unsent == 1
    assert a_gift(20, in_hand=1).after({1: 20}).unsent == 1


def test_what_is_kept_costs_the_dealers_price():
    one = due(a_gift(20), coming(20), kept=1)
    assert (one.coming, one.charge, one.line.unit_value) == (1, Decimal("12.34"), Decimal("12.34"))


@pytest.mark.parametrize("kept", [Kept(2, 3, "/gifts/0"), Kept(7, 1, "/gifts/0"), Kept(2, -1, "/gifts/0")])
def test_no_more_is_kept_than_is_due(kept):
    assert [fault.code for fault in due_gifts([a_gift(20)], [coming(20)], [kept])[1]] == ["gift_not_due"]


def test_the_same_gift_named_twice_counts_together():
    twice = [Kept(2, 1, "/gifts/0"), Kept(2, 2, "/gifts/1")]
    [fault] = due_gifts([a_gift(20)], [coming(20)], twice)[1]
    assert fault.pointer == "/gifts/1/keep"


def test_units_come_from_the_first_lots_that_have_some():
    lots = [GiftLot(5, (2, 8), 1), GiftLot(5, (2, 9), 0), GiftLot(6, (2, 8), 4), GiftLot(6, (3, 8), 9)]
    assert placed([due(a_gift(30), coming(30))], lots) == {5: {(2, 8): 1}, 6: {(2, 8): 2}}


def test_nobody_asks_for_a_return_that_gives_back_less_than_nothing():
    assert beyond_fault(Decimal("10.00"), Decimal("10.00")) == []
    assert [fault.code for fault in beyond_fault(Decimal("10.01"), Decimal("10.00"))] == [
        "gifts_exceed_credit"
    ]


def test_a_receipt_says_how_a_gift_was_earned():
    effect = {"kind": "gift", "quantity": 1, "for_each": 10, "min_quantity": 5, "earned_by": [1, 3]}
    effect |= {"value": "12.34", "min_amount": "100.00", "amounts": ["60.00", "70.00"]}
    found = earned_as("G", [{"rule": "list", "effect": None}, {"effect": effect}])
    assert (found.gift, found.lines, found.min_amount) == (Gift("G", 1, 10), (1, 3), Decimal("100.00"))
    assert found.amounts == (Decimal("60.00"), Decimal("70.00"))
    assert earned_as("G", [{"rule": "list", "effect": None}]) is None
    old = {name: value for name, value in effect.items() if name not in ("min_amount", "amounts")}
    assert earned_as("G", [{"effect": old}]).min_amount is None


class _Books:
    """An order that its returns change, as the database would."""

    def __init__(self, line: GiftLine) -> None:
        self.line = line

    def settle(self, goods: int, gifts_come: int) -> None:
        self.line = self.line.after({1: goods, 2: gifts_come})
        self.line = replace(self.line, charged=self.line.charged + self.line.outstanding)

    @property
    def unpaid(self) -> int:
        return self.line.left - self.line.paid


@given(st.data())
def test_no_sequence_of_returns_leaves_more_gifts_than_what_stays_earns(data):
    bought = data.draw(st.integers(1, 60))
    for_each = data.draw(st.one_of(st.none(), st.integers(1, 12)))
    quantity = data.draw(st.integers(1, 3))
    least = data.draw(st.one_of(st.none(), st.integers(1, 30)))
    line = a_gift(bought, quantity, for_each, min_quantity=least)
    if not line.given:
        return
    books, asked = _Books(line), 0
    while left := books.line.goods[0].stays:
        back = data.draw(st.integers(1, left))
        found, _ = due_gifts([books.line], [coming(back)], [])
        units = found[0].units if found else 0
        kept = data.draw(st.integers(0, units))
        asked += units
        books.settle(back, units - kept)
        stays = books.line.goods[0].stays
        earned = gifts_earned(line.gift, stays) if stays and stays >= (least or 0) else 0
        assert books.unpaid <= earned
        assert due_gifts([books.line], [], []) == ([], []), "nothing is asked for twice"
    assert books.unpaid == 0, "what comes back whole brings or pays every gift"
    assert asked == line.given
    assert books.line.charged == line.charge(books.line.left)


@given(st.integers(1, 60), st.lists(st.integers(1, 20), min_size=1, max_size=6), st.randoms())
def test_the_order_of_returns_makes_no_difference_in_the_end(bought, parts, random):
    ends = []
    for _ in range(2):
        books = _Books(a_gift(bought, given=max(1, bought // 10)))
        for part in parts:
            books.settle(min(part, books.line.goods[0].stays), 0)
        ends.append((books.line.charged, books.unpaid, books.line.goods))
        random.shuffle(parts)
    assert ends[0] == ends[1]


@given(st.integers(10, 60), st.integers(1, 60))
def test_what_was_billed_is_given_back_when_the_gift_comes_after_all(bought, back):
    books = _Books(a_gift(bought))
    books.settle(min(back, bought), 0)
    billed = books.line.charged
    books.settle(0, books.line.paid)
    assert books.line.charged == 0 and billed >= 0
