"""What becomes of reported lines: late, repeated, contradicting and false ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.sellout.rules import Defect, Move, MoveKind, Unit, settle

FIRST = date(2026, 3, 2)
LOT = Unit("GLOVES", "L1")
DEVICE = Unit("PUMP", "L2", "P1")


def move(
    kind: MoveKind,
    source: str,
    target: str,
    *,
    day: int = 0,
    unit: Unit = LOT,
    quantity: int = 1,
    document: str = "",
) -> Move:
    return Move(
        document or f"{kind}-{source}-{target}-{day}",
        "1",
        kind,
        FIRST + timedelta(day),
        unit,
        source,
        target,
        quantity,
    )


def received(unit: Unit = LOT, quantity: int = 100) -> Move:
    return move(MoveKind.RECEIPT, "", "W1", unit=unit, quantity=quantity)


def shipped(unit: Unit = LOT, quantity: int = 100, day: int = 1) -> Move:
    return move(MoveKind.SHIPMENT, "W1", "D1", unit=unit, quantity=quantity, day=day)


def defects(moves: list[Move]) -> list[tuple[str, Defect]]:
    return [(one.move.document, one.defect) for one in settle(moves).refused]


def test_hundred_shipped_forty_sold_thirty_used_ten_sent_back():
    told = [
        received(),
        shipped(),
        move(MoveKind.SELL_OUT, "D1", "H1", day=2, quantity=40),
        move(MoveKind.USE, "H1", "USED", day=3, quantity=30),
        move(MoveKind.RETURN, "D1", "W1", day=4, quantity=10),
    ]
    assert settle(told).held[LOT] == {"W1": 10, "D1": 50, "H1": 10, "USED": 30}


def test_a_line_that_comes_late_counts_on_its_day():
    late = [move(MoveKind.SELL_OUT, "D1", "H1", day=5, quantity=100), shipped(), received()]
    settled = settle(late)
    assert not settled.refused and settled.held[LOT]["H1"] == 100


def test_what_a_dealer_sold_before_it_came_is_refused():
    early = move(MoveKind.SELL_OUT, "D1", "H1", day=0)
    assert defects([received(), early, shipped()]) == [(early.document, Defect.MORE_THAN_RECEIVED)]


def test_on_one_day_a_return_comes_before_the_next_sale():
    told = [
        received(DEVICE, 1),
        shipped(DEVICE, 1),
        move(MoveKind.SELL_OUT, "D1", "H1", day=2, unit=DEVICE),
        move(MoveKind.SELL_OUT, "D1", "H2", day=3, unit=DEVICE),
        move(MoveKind.RETURN, "H1", "D1", day=3, unit=DEVICE),
    ]
    assert not defects(told)


def test_a_line_of_a_document_counts_once():
    sale = move(MoveKind.SELL_OUT, "D1", "H1", day=2)
    settled = settle([received(), shipped(), sale, sale, replace(sale, quantity=9)])
    assert [one.defect for one in settled.refused] == [Defect.REPEATED, Defect.REPEATED]
    assert settled.held[LOT]["H1"] == 1


def test_what_the_reporter_never_held_moves_nothing():
    sale = move(MoveKind.SELL_OUT, "D2", "H1", day=2, unit=DEVICE)
    told = [received(DEVICE, 1), shipped(DEVICE, 1), sale]
    assert defects(told) == [(sale.document, Defect.NEVER_HELD)]
    assert settle(told).held[DEVICE] == {"W1": 0, "D1": 1}


def test_more_than_was_received_moves_nothing_and_the_rest_may_still_be_sold():
    sale = move(MoveKind.SELL_OUT, "D1", "H1", day=2, quantity=500)
    rest = move(MoveKind.SELL_OUT, "D1", "H2", day=3, quantity=100)
    told = [received(), shipped(), sale, rest]
    assert defects(told) == [(sale.document, Defect.MORE_THAN_RECEIVED)]
    assert settle(told).held[LOT]["H2"] == 100


def test_a_serial_number_is_in_one_place():
    told = [received(DEVICE, 1), replace(received(DEVICE, 1), document="again", target="W2")]
    assert defects(told) == [("again", Defect.MORE_THAN_RECEIVED)]
    two = [received(DEVICE, 2)]
    assert defects(two) == [(two[0].document, Defect.MORE_THAN_RECEIVED)]


PLACES = st.sampled_from(["W1", "D1", "D2", "H1", "USED"])
STORIES = st.lists(
    st.builds(
        Move,
        document=st.integers(0, 30).map(str),
        line=st.just("1"),
        kind=st.sampled_from(MoveKind),
        at=st.integers(0, 20).map(lambda day: FIRST + timedelta(day)),
        unit=st.sampled_from([LOT, DEVICE, Unit("PUMP", "L2", "P2")]),
        source=st.sampled_from(["", "W1", "D1", "D2", "H1"]),
        target=PLACES,
        quantity=st.integers(0, 4),
    ),
    max_size=40,
)


@given(STORIES)
def test_what_lies_where_is_the_sum_of_the_lines_and_never_below_zero(story):
    settled = settle(story)
    sums = Counter[tuple[Unit, str]]()
    for one in settled.accepted:
        sums[one.unit, one.target] += one.quantity
        sums[one.unit, one.source] -= one.quantity
        assert all(units >= 0 for (_, place), units in sums.items() if place)
    held = {(unit, place): units for unit, places in settled.held.items() for place, units in places.items()}
    assert held == {key: units for key, units in sums.items() if key[1]}
    for unit, places in settled.held.items():
        assert not unit.serial or sum(places.values()) <= 1


@given(STORIES)
def test_every_line_is_accepted_or_told_of(story):
    settled = settle(story)
    assert len(settled.accepted) + len(settled.refused) == len(story)
