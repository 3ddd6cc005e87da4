"""Who may have sold what was seen."""

from __future__ import annotations

from datetime import date

from portal.diversion.rules import Holder
from portal.diversion.trail_rules import Trails
from portal.sellout.rules import Move, MoveKind, Unit

DEVICE, LOT = Unit("PUMP", "L1", "P1"), Unit("GLOVES", "L2")


def day(number: int) -> date:
    return date(2026, 3, number)


def told(unit: Unit, *moves: tuple[MoveKind, int, str, str]) -> Trails:
    return Trails(
        [Move(str(at), "1", kind, day(at), unit, source, target, 1) for kind, at, source, target in moves],
        {"D1", "D2"},
    )


def bought(unit: Unit, *moves: tuple[MoveKind, int, str, str]) -> Trails:
    return told(unit, (MoveKind.RECEIPT, 1, "", "W1"), (MoveKind.SHIPMENT, 2, "W1", "D1"), *moves)


def test_of_a_sale_that_was_told_the_day_and_the_hospital_are_known():
    trails = bought(DEVICE, (MoveKind.SELL_OUT, 5, "D1", "H1"), (MoveKind.USE, 6, "H1", "USED"))
    assert trails.holders(DEVICE, day(9)) == [Holder("D1", day(2), day(5), day(5), frozenset({"H1"}))]


def test_of_a_sale_that_nobody_told_of_any_day_since_the_receipt_may_be_it():
    trails = bought(DEVICE, (MoveKind.SELL_OUT, 20, "D1", "H1"))
    assert trails.holders(DEVICE, day(9)) == [Holder("D1", day(2), day(2), day(9))]


def test_the_last_dealer_of_several_is_responsible():
    trails = bought(DEVICE, (MoveKind.SHIPMENT, 4, "D1", "D2"))
    assert trails.holders(DEVICE, day(9)) == [Holder("D2", day(4), day(4), day(9))]
    assert trails.holders(DEVICE, day(3)) == [Holder("D1", day(2), day(2), day(3))]


def test_what_came_back_from_a_hospital_was_bought_when_it_was_bought():
    trails = bought(DEVICE, (MoveKind.SELL_OUT, 4, "D1", "H1"), (MoveKind.RETURN, 6, "H1", "D1"))
    assert trails.holders(DEVICE, day(9)) == [Holder("D1", day(2), day(6), day(9))]


def test_what_is_ours_again_nobody_sold():
    assert bought(DEVICE, (MoveKind.RETURN, 4, "D1", "W1")).holders(DEVICE, day(9)) == []
    assert bought(DEVICE).holders(DEVICE, day(1)) == []


def test_what_a_dealer_said_it_destroyed_it_may_have_sold():
    trails = bought(DEVICE, (MoveKind.DESTROYED, 4, "D1", "DESTROYED"))
    assert trails.holders(DEVICE, day(9)) == [Holder("D1", day(2), day(2), day(9))]


def test_of_goods_without_serial_numbers_whoever_ever_had_the_lot_may_be_it():
    trails = bought(LOT, (MoveKind.SELL_OUT, 5, "D1", "H1"), (MoveKind.SHIPMENT, 20, "W1", "D2"))
    assert trails.holders(LOT, day(9)) == [
        Holder("D1", day(2), day(2), day(9), frozenset({"H1"})),
        Holder("D2", day(20), day(9), day(9)),
    ]


def test_a_unit_exists_that_was_received():
    trails = bought(DEVICE)
    assert trails.exists(DEVICE) and not trails.exists(LOT) and not trails.exists(Unit("PUMP", "L1", "P9"))
