"""First-expired-first-out, by property and by example."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Invalid
from portal.shipping.rules import (
    Allocation,
    LineUnits,
    LotChoice,
    LotUnits,
    Need,
    allocate_fefo,
    by_expiry,
    plan_picking,
    units_named,
)
from portal.stock.rules import sells_on
from tests.faults import all_said

DAY = date(2026, 11, 20)
PRODUCTS = (1, 2)


def lot(
    lot_id: int,
    free: int,
    *,
    in_days: int | None = 400,
    lot_no: str | None = None,
    product: int = 1,
    saleable: bool = True,
) -> LotUnits:
    expires_on = None if in_days is None else DAY + timedelta(days=in_days)
    return LotUnits(lot_id, product, lot_no or f"L{lot_id}", expires_on, free, saleable)


needs_of_an_order = st.lists(st.tuples(st.sampled_from(PRODUCTS), st.integers(1, 30)), max_size=6).map(
    lambda wanted: [
        Need(place, product, quantity) for place, (product, quantity) in enumerate(wanted, start=1)
    ]
)
lots_of_a_warehouse = st.lists(
    st.tuples(
        st.sampled_from(PRODUCTS),
        st.integers(0, 25),
        st.none() | st.integers(-5, 40),
        st.sampled_from("ABC"),
        st.booleans(),
    ),
    max_size=8,
).map(
    lambda rows: [
        lot(number, free, in_days=days, lot_no=f"{letter}{number}", product=product, saleable=saleable)
        for number, (product, free, days, letter, saleable) in enumerate(rows, start=1)
    ]
)
margins = st.integers(0, 10)


def usable(lots: list[LotUnits], margin: int) -> list[LotUnits]:
    return [lot for lot in lots if lot.saleable and sells_on(lot.expires_on, DAY, margin)]


@given(needs_of_an_order, lots_of_a_warehouse, margins)
def test_every_unit_is_allocated_or_reported_missing(needs, lots, margin):
    allocations, shortages = allocate_fefo(needs, lots, DAY, margin)
    served, missing = Counter(), Counter()
    for allocation in allocations:
        served[allocation.line_no] += allocation.quantity
    for shortage in shortages:
        missing[shortage.line_no] += shortage.missing
    assert all(served[need.line_no] + missing[need.line_no] == need.quantity for need in needs)


@given(needs_of_an_order, lots_of_a_warehouse, margins)
def test_no_lot_gives_more_than_it_has_nor_a_line_of_another_product(needs, lots, margin):
    allocations, _ = allocate_fefo(needs, lots, DAY, margin)
    known, products = {lot.lot_id: lot for lot in lots}, {need.line_no: need.product_id for need in needs}
    used = Counter()
    for allocation in allocations:
        assert allocation.quantity > 0
        assert known[allocation.lot_id].product_id == products[allocation.line_no]
        used[allocation.lot_id] += allocation.quantity
    assert all(units <= known[lot_id].free for lot_id, units in used.items())


@given(needs_of_an_order, lots_of_a_warehouse, margins)
def test_no_lot_is_used_that_is_blocked_or_too_near_its_expiry(needs, lots, margin):
    allocations, _ = allocate_fefo(needs, lots, DAY, margin)
    allowed = {lot.lot_id for lot in usable(lots, margin)}
    assert {allocation.lot_id for allocation in allocations} <= allowed


@given(needs_of_an_order, lots_of_a_warehouse, margins)
def test_something_is_missing_exactly_when_the_supply_is_short(needs, lots, margin):
    _, shortages = allocate_fefo(needs, lots, DAY, margin)
    for product in PRODUCTS:
        wanted = sum(need.quantity for need in needs if need.product_id == product)
        supply = sum(lot.free for lot in usable(lots, margin) if lot.product_id == product)
        missing = sum(shortage.missing for shortage in shortages if shortage.product_id == product)
        assert missing == max(0, wanted - supply)


@given(needs_of_an_order, lots_of_a_warehouse, margins)
def test_a_later_lot_is_touched_only_when_every_earlier_one_is_used_up(needs, lots, margin):
    allocations, _ = allocate_fefo(needs, lots, DAY, margin)
    used = Counter()
    for allocation in allocations:
        used[allocation.lot_id] += allocation.quantity
    for product in PRODUCTS:
        queue = sorted((lot for lot in usable(lots, margin) if lot.product_id == product), key=by_expiry)
        touched = [place for place, lot in enumerate(queue) if used[lot.lot_id]]
        for place in range(max(touched, default=0)):
            assert used[queue[place].lot_id] == queue[place].free


def test_the_lot_that_expires_first_goes_first():
    assert allocate_fefo([Need(1, 1, 5)], [lot(1, 9, in_days=300), lot(2, 9, in_days=200)], DAY, 1)[0] == [
        Allocation(1, 2, 5)
    ]


def test_equal_expiry_goes_by_lot_number():
    assert allocate_fefo([Need(1, 1, 5)], [lot(1, 9, lot_no="B"), lot(2, 9, lot_no="A")], DAY, 1)[0] == [
        Allocation(1, 2, 5)
    ]


def test_a_lot_that_never_expires_goes_last():
    assert allocate_fefo([Need(1, 1, 5)], [lot(1, 9, in_days=None), lot(2, 9, in_days=9000)], DAY, 1)[0] == [
        Allocation(1, 2, 5)
    ]


def test_a_line_splits_over_lots():
    allocations, _ = allocate_fefo([Need(1, 1, 12)], [lot(1, 9, in_days=10), lot(2, 9, in_days=20)], DAY, 1)
    assert allocations == [Allocation(1, 1, 9), Allocation(1, 2, 3)]


def test_two_lines_of_one_product_share_its_lots():
    allocations, _ = allocate_fefo(
        [Need(1, 1, 6), Need(2, 1, 6)], [lot(1, 9, in_days=10), lot(2, 9, in_days=20)], DAY, 1
    )
    assert allocations == [Allocation(1, 1, 6), Allocation(2, 1, 3), Allocation(2, 2, 3)]


# A person's choice

EARLY, LATE = lot(1, 9, in_days=100, lot_no="EARLY"), lot(2, 9, in_days=900, lot_no="LATE")
NEED = Need(1, 1, 5)


def choice(**changes) -> LotChoice:
    return LotChoice(
        **{
            "line_no": 1,
            "lot_no": "LATE",
            "quantity": 5,
            "reason": "customer wants long expiry",
            "pointer": "/lots/0",
        }
        | changes
    )


def test_a_chosen_lot_goes_before_the_one_that_expires_first():
    assert plan_picking([NEED], [EARLY, LATE], [choice()], DAY, 1).allocations == (Allocation(1, 2, 5),)


def test_what_a_choice_leaves_open_is_served_first_expired_first_out():
    plan = plan_picking([NEED], [EARLY, LATE], [choice(quantity=2)], DAY, 1)
    assert plan.allocations == (Allocation(1, 2, 2), Allocation(1, 1, 3))


def test_a_choice_of_the_lot_whose_turn_it_is_anyway_is_one_line():
    plan = plan_picking([NEED], [EARLY, LATE], [choice(lot_no="EARLY", quantity=2)], DAY, 1)
    assert plan.allocations == (Allocation(1, 1, 5),)


ANOTHER = "Choose another lot, or leave the choice to the system."


@pytest.mark.parametrize(
    ("changes", "lots", "told"),
    [
        ({"line_no": 9}, [EARLY, LATE], "/line unknown_line: Line 9 has nothing left to pick."),
        (
            {"lot_no": "NONE"},
            [EARLY, LATE],
            f"/lot unknown_lot: Lot NONE is not in this warehouse. {ANOTHER}",
        ),
        (
            {"lot_no": "OTHER"},
            [EARLY, LATE, lot(3, 9, lot_no="OTHER", product=2)],
            f"/lot unknown_lot: Lot OTHER is not in this warehouse. {ANOTHER}",
        ),
        (
            {"lot_no": "DEAD"},
            [EARLY, lot(3, 9, lot_no="DEAD", saleable=False)],
            f"/lot lot_not_saleable: Lot DEAD is expired or blocked. {ANOTHER}",
        ),
        (
            {"lot_no": "OLD"},
            [EARLY, lot(3, 9, lot_no="OLD", in_days=1)],
            f"/lot lot_expired: Lot OLD may not be shipped on {DAY}: its expiry is too near. {ANOTHER}",
        ),
        *(
            (
                {"quantity": quantity},
                [EARLY, LATE],
                "/quantity quantity_out_of_range:"
                f" Take between 1 and 5 units of lot LATE for line 1. {ANOTHER}",
            )
            for quantity in (6, 0, -1)
        ),
        (
            {"quantity": 5},
            [EARLY, lot(2, 4, lot_no="LATE")],
            f"/quantity quantity_out_of_range: Take between 1 and 4 units of lot LATE for line 1. {ANOTHER}",
        ),
        (
            {"reason": "  "},
            [EARLY, LATE],
            "/reason reason_missing: Give a reason for using lot LATE out of order.",
        ),
    ],
)
def test_a_choice_obeys_the_same_rules_and_needs_a_reason(changes, lots, told):
    plan = plan_picking([NEED], lots, [choice(**changes)], DAY, 1)
    assert all_said(plan.faults) == [f"/lots/0{told}"]


@pytest.mark.parametrize("quantity", [1, 4])
def test_one_unit_and_all_that_is_free_may_be_chosen(quantity):
    plan = plan_picking([NEED], [EARLY, lot(2, 4, lot_no="LATE")], [choice(quantity=quantity)], DAY, 1)
    assert not plan.faults
    assert Allocation(1, 2, quantity) in plan.allocations


def test_two_choices_cannot_take_the_same_units():
    plan = plan_picking(
        [NEED], [EARLY, LATE], [choice(quantity=4), choice(quantity=4, pointer="/lots/1")], DAY, 1
    )
    assert [(fault.pointer, fault.code) for fault in plan.faults] == [
        ("/lots/1/quantity", "quantity_out_of_range")
    ]


def test_thousands_of_choices_cost_in_proportion():
    many = range(1, 5001)
    needs, lots = [Need(place, place, 2) for place in many], [lot(place, 2, product=place) for place in many]
    choices = [choice(line_no=place, lot_no=f"L{place}", quantity=1) for place in many]
    begun = time.process_time()
    plan = plan_picking(needs, lots, choices, DAY, 1)
    assert time.process_time() - begun < 2  # processor time: 0.05 as it is
    assert sum(allocation.quantity for allocation in plan.allocations) == 10_000 and not plan.faults


def test_what_is_chosen_for_one_line_is_gone_for_the_others():
    plan = plan_picking([NEED, Need(2, 1, 9)], [LATE], [choice(quantity=5)], DAY, 1)
    assert plan.allocations == (Allocation(1, 2, 5), Allocation(2, 2, 4))
    assert [(shortage.line_no, shortage.missing) for shortage in plan.shortages] == [(2, 5)]


@given(
    needs_of_an_order,
    lots_of_a_warehouse,
    st.lists(
        st.builds(
            LotChoice,
            line_no=st.integers(1, 7),
            lot_no=st.sampled_from([f"{c}{n}" for c in "ABC" for n in range(1, 9)]),
            quantity=st.integers(-1, 20),
            reason=st.sampled_from(["", "why"]),
            pointer=st.just("/lots/0"),
        ),
        max_size=4,
    ),
    margins,
)
def test_whatever_is_chosen_no_unit_is_lost_invented_or_taken_from_an_unfit_lot(needs, lots, choices, margin):
    plan = plan_picking(needs, lots, choices, DAY, margin)
    allowed = {lot.lot_id: lot.free for lot in usable(lots, margin)}
    by_lot, by_line = Counter(), Counter()
    for allocation in plan.allocations:
        by_lot[allocation.lot_id] += allocation.quantity
        by_line[allocation.line_no] += allocation.quantity
    for shortage in plan.shortages:
        by_line[shortage.line_no] += shortage.missing
    assert by_line == Counter({need.line_no: need.quantity for need in needs})
    assert all(lot_id in allowed and units <= allowed[lot_id] for lot_id, units in by_lot.items())


def chosen(line_no: int, quantity: int) -> LotChoice:
    return LotChoice(line_no, "LOT", quantity, "asked for", "/lots/0")


def test_a_shipment_in_one_go_is_what_it_names():
    lines = [
        LineUnits(1, 3, "/quantities/0"),
        LineUnits(2, 1, "/quantities/1"),
        LineUnits(1, 4, "/quantities/2"),
    ]
    assert units_named(lines, [chosen(1, 99)]) == {1: 7, 2: 1}
    assert units_named([], [chosen(1, 2), chosen(3, 5), chosen(1, 1)]) == {1: 3, 3: 5}
    assert units_named([], []) is None


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_that_would_take_away_from_another_is_refused_where_it_stands(quantity):
    with pytest.raises(Invalid) as refusal:
        units_named([LineUnits(1, 5, "/quantities/0"), LineUnits(1, quantity, "/quantities/1")], [])
    assert all_said(refusal.value.faults) == [
        "/quantities/1/quantity quantity_not_positive: A quantity is at least 1."
        " Enter 1 or more, or remove the line."
    ]
