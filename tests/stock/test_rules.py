"""What may be sold from a lot, and whose reservation gives way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.stock.rules import Cut, DueLot, Level, Reservation, Retirement, retirement, sells_on, take_back

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

reservations = st.lists(
    st.builds(
        Reservation,
        dealer_id=st.just(1),
        order_id=st.integers(1, 20),
        line_no=st.integers(1, 3),
        placed_at=st.integers(0, 5).map(lambda minutes: NOON + timedelta(minutes=minutes)),
        quantity=st.integers(1, 9),
    ),
    max_size=8,
    unique_by=lambda reservation: (reservation.order_id, reservation.line_no),
)


def test_a_lot_that_expires_today_does_not_leave_today():
    assert not sells_on(DAY, DAY, 0)


def test_without_a_margin_a_lot_leaves_until_the_day_before_it_expires():
    assert sells_on(DAY + timedelta(days=1), DAY, 0)


def test_a_lot_has_left_the_sale_as_soon_as_it_is_as_near_to_its_expiry_as_the_margin():
    assert [sells_on(DAY + timedelta(days=days), DAY, 30) for days in (29, 30, 31)] == [False, False, True]


def test_a_lot_without_expiry_always_may_be_sold():
    assert sells_on(None, DAY, 3650)


def test_the_latest_order_gives_way_first():
    early = Reservation(1, 10, 1, NOON, 5)
    late = Reservation(1, 11, 1, NOON + timedelta(hours=1), 5)
    cuts, left = take_back([early, late], 7)
    assert [(cut.reservation, cut.quantity) for cut in cuts] == [(late, 5), (early, 2)]
    assert left == 0


@given(reservations, st.integers(0, 40))
def test_exactly_what_is_missing_is_taken_back_if_there_is_as_much(held, missing):
    cuts, left = take_back(held, missing)
    assert sum(cut.quantity for cut in cuts) + left == missing
    assert left == max(0, missing - sum(reservation.quantity for reservation in held))


@given(reservations, st.integers(0, 40))
def test_no_reservation_gives_more_than_it_holds_and_none_gives_nothing(held, missing):
    cuts, _ = take_back(held, missing)
    assert all(1 <= cut.quantity <= cut.reservation.quantity for cut in cuts)
    assert len({(cut.reservation.order_id, cut.reservation.line_no) for cut in cuts}) == len(cuts)


@given(reservations, st.integers(0, 40))
def test_an_earlier_order_gives_way_only_when_every_later_one_has(held, missing):
    taken = {
        (cut.reservation.order_id, cut.reservation.line_no): cut.quantity
        for cut in take_back(held, missing)[0]
    }
    first = min((r.placed_at for r in held if (r.order_id, r.line_no) in taken), default=None)
    for reservation in held:
        if first is not None and reservation.placed_at > first:
            assert taken[reservation.order_id, reservation.line_no] == reservation.quantity


def held(order_id: int, quantity: int, minutes: int = 0) -> Reservation:
    return Reservation(1, order_id, 1, NOON + timedelta(minutes=minutes), quantity)


def test_who_has_nothing_left_to_give_is_passed_over():
    cuts, left = take_back([held(10, 5), held(11, 0, minutes=1)], 3)
    assert [(cut.reservation.order_id, cut.quantity) for cut in cuts] == [(10, 3)]
    assert left == 0


@pytest.mark.parametrize("missing", [0, -1])
def test_nothing_is_taken_back_where_nothing_is_missing(missing):
    assert take_back([held(10, 5)], missing) == ([], 0)


def test_orders_of_the_same_instant_give_way_by_their_number_and_line():
    same = [Reservation(1, order, line, NOON, 1) for order, line in ((10, 2), (11, 1), (10, 1), (11, 2))]
    cuts, _ = take_back(same, 4)
    taken = [(cut.reservation.order_id, cut.reservation.line_no) for cut in cuts]
    assert taken == [(11, 2), (11, 1), (10, 2), (10, 1)]


HERE = (1, 7)  # warehouse and product
THERE = (2, 7)


def due(units: int, *, lot: int = 1, picked: int = 0, level=HERE) -> DueLot:
    return DueLot(warehouse_id=level[0], lot_id=lot, product_id=level[1], units=units, picked=picked)


def test_a_lot_leaves_and_nobody_gives_way_while_the_others_suffice():
    lot = due(4)
    assert retirement([lot], {HERE: Level(10, 6)}, {HERE: [held(10, 6)]}) == Retirement((lot,), (), ())


def test_the_latest_order_gives_way_for_what_the_others_no_longer_cover():
    lots = [due(4), due(3, lot=2)]
    early, late = held(10, 5), held(11, 3, minutes=1)
    decided = retirement(lots, {HERE: Level(10, 8)}, {HERE: [early, late]})
    assert decided == Retirement(tuple(lots), ((HERE, Cut(late, 3)), (HERE, Cut(early, 2))), ())


@pytest.mark.parametrize(
    ("lots", "reservations"),
    [
        ([due(4, picked=1)], [held(10, 6)]),
        ([due(4), due(1, lot=2, picked=1)], [held(10, 6)]),
        ([due(5)], [held(10, 0)]),
        ([due(5)], []),
    ],
    ids=["in a parcel", "one of two in a parcel", "too little may be taken back", "nothing may be"],
)
def test_a_level_waits_whole_and_keeps_no_other_from_being_decided(lots, reservations):
    other = due(2, lot=9, level=THERE)
    decided = retirement(
        [*lots, other],
        {HERE: Level(10, 6), THERE: Level(2, 1)},
        {HERE: reservations, THERE: [held(20, 1)]},
    )
    assert decided == Retirement((other,), ((THERE, Cut(held(20, 1), 1)),), (HERE,))


def test_a_level_that_nobody_has_reserved_loses_its_lots():
    assert retirement([due(4)], {HERE: Level(4, 0)}, {}) == Retirement((due(4),), (), ())
