"""Goods are followed to the hospital: late, repeated, contradicting and false lines are decided right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.custody.holders import holders_of
from portal.custody.trace import trace_lot, trace_serial
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.sellout.decide_rules import LineKind, LineState
from portal.sellout.queries import sell_out_lines, sell_out_report
from portal.sellout.rules import Defect
from tests import cast
from tests.builders import a_lot
from tests.invariants import broken_promises
from tests.ledger.acts import delivered
from tests.races import together
from tests.receiving import acts as receiving
from tests.sellout.acts import RENJI, decided_again, line, reported, taken_back
from tests.shipping.acts import picked, shipped

YESTERDAY = cast.TODAY - timedelta(days=1)
RIVAL = cast.yuegang.buyer


@pytest.fixture(autouse=True)
def _everything_adds_up(owner):
    yield
    assert broken_promises(owner) == {}


@pytest.fixture
def goods(given, database):
    """A hundred of lot A are at the dealer."""
    product = given.a_product(price="12.50")
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 200))
    delivered(given, database, {product: 100})
    return product


@pytest.fixture
def pump(given, database):
    """Two units with serial numbers, of which S1 is at the dealer."""
    product = given.a_product(price="900.00", serial_controlled=True)
    receiving.received(database, receiving.line(product, "P", 2, serials=("S1", "S2")))
    parcel = picked(database, given.an_order({product: 1}).number).shipment_number
    shipped(database, parcel, serials={(1, "P"): ["S1"]})
    return product


def held(database, product, lot="A", *, by=cast.quality) -> dict[str, int]:
    with transaction(database.session_for(by.actor())) as session:
        found = trace_lot(session, actor=by.actor(), sku=product.sku, lot=lot)
        page = holders_of(session, found, actor=by.actor(), zone=cast.ZONE)
        return {one.kind: one.quantity for one in page.items if one.kind != "warehouse"}


def states(taken) -> list[tuple[str, str]]:
    return [(str(one.decision.state), str(one.decision.defect)) for one in taken.lines]


ACCEPTED = ("accepted", "")


def test_forty_sold_thirty_used_and_the_rest_is_where_it_was(database, goods):
    taken = reported(
        database,
        [
            line(goods.sku, "a", 40),
            line(goods.sku, "A", 30, kind=LineKind.USE),
            line(goods.sku, "A", 5, kind=LineKind.RETURN),
            line(goods.sku, "A", 2, kind=LineKind.USE, hospital=""),
        ],
    )
    assert states(taken)[0] == ACCEPTED
    assert states(taken)[1] == ACCEPTED
    assert states(taken)[3] == ACCEPTED
    assert states(taken)[2] == ("waiting", "never_held"), "on one day goods come back before the next sale"
    assert held(database, goods) == {"dealer": 58, "hospital": 10, "used": 32}
    assert decided_again(database) == 1
    assert held(database, goods) == {"dealer": 63, "hospital": 5, "used": 32}


def test_a_line_of_a_document_counts_once_and_a_refused_one_may_be_told_again(database, goods):
    first = line(goods.sku, "A", 3, document="INV-1", no="1")
    wrong = line(goods.sku, "B", 3, document="INV-1", no="2")
    taken = reported(database, [first, first, wrong])
    assert states(taken) == [ACCEPTED, ("refused", "repeated"), ("refused", "never_held")]
    again = reported(database, [first, line(goods.sku, "A", 3, document="INV-1", no="2")])
    assert states(again) == [("refused", "repeated"), ACCEPTED]
    assert held(database, goods) == {"dealer": 94, "hospital": 6}


def test_what_was_never_held_or_more_than_received_moves_nothing(database, goods):
    taken = reported(
        database,
        [
            line(goods.sku, "A", 500),
            line(goods.sku, "NEVER"),
            line("NO-SUCH-SKU", "A"),
            line(goods.sku, "A", 100),
        ],
    )
    assert states(taken) == [
        ("refused", "more_than_received"),
        ("refused", "never_held"),
        ("refused", "unknown_product"),
        ACCEPTED,
    ]
    assert held(database, goods)["hospital"] == 100


def test_what_was_sold_before_it_came_is_refused(database, goods):
    assert states(reported(database, [line(goods.sku, "A", day=YESTERDAY)])) == [
        ("refused", "more_than_received")
    ]


def test_what_is_on_order_may_be_sold_before_it_is_shipped_and_waits_ten_days(given, database, goods):
    other = given.a_product(price="1.00")
    given.stock_of(other, cast.shanghai_warehouse, a_lot("X", 50))
    number = given.an_order({other: 10}).number
    early = line(other.sku, "X", 4)
    assert states(reported(database, [early])) == [("waiting", "never_held")]
    assert decided_again(database, days=10) == 0
    given.a_delivery_of(number)
    assert decided_again(database, days=1) == 1
    assert held(database, other, "X") == {"dealer": 6, "hospital": 4}
    assert decided_again(database, days=1) == 0, "a second run changes nothing"


def test_what_has_waited_ten_days_is_refused(given, database, owner):
    product = given.a_product(price="1.00")
    given.stock_of(product, cast.shanghai_warehouse, a_lot("X", 50))
    given.an_order({product: 10})
    reported(database, [line(product.sku, "X", document="D", no="1")])
    assert decided_again(database, days=10) == 0
    assert decided_again(database, days=11) == 1
    found = owner.execute(text("SELECT state, defect FROM sell_out_line")).one()
    assert found == ("refused", "never_held")


def test_a_use_that_is_told_before_its_sale_waits_for_it(database, goods):
    use = line(goods.sku, "A", 2, kind=LineKind.USE)
    assert states(reported(database, [use])) == [("waiting", "never_held")]
    reported(database, [line(goods.sku, "A", 2)])
    assert decided_again(database) == 1
    assert held(database, goods) == {"dealer": 98, "used": 2}


def test_a_hospital_is_one_place_however_it_is_written(database, goods):
    lines = [line(goods.sku, "A", 1, hospital="ＲＪ－01"), line(goods.sku, "A", 2, hospital="rj-01")]
    reported(database, lines)
    use = reported(database, [line(goods.sku, "A", 3, kind=LineKind.USE, hospital="RJ 01")])
    assert states(use) == [ACCEPTED]


def test_a_unit_is_in_one_place(database, pump):
    taken = reported(
        database,
        [
            line(pump.sku, "P"),
            line(pump.sku, "P", serial="S2"),
            line(pump.sku, "P", serial="S1"),
            line(pump.sku, "P", serial="S1", hospital="Ruijin"),
        ],
    )
    assert states(taken) == [
        ("refused", "no_serial"),
        ("refused", "never_held"),
        ACCEPTED,
        ("refused", "more_than_received"),
    ]
    with transaction(database.session_for(cast.quality.actor())) as session:
        found = trace_serial(session, actor=cast.quality.actor(), sku=pump.sku, serial="S1")
    assert (found.kind, found.name_zh) == ("hospital", RENJI)
    taken_back(database, taken.number, 3)
    again = reported(database, [line(pump.sku, "P", serial="S1", hospital="Ruijin")])
    assert states(again) == [ACCEPTED]
    reported(database, [line(pump.sku, "P", serial="S1", hospital="Ruijin", kind=LineKind.USE)])
    with pytest.raises(Conflict, match="not there any more"):
        taken_back(database, again.number)


def test_a_reversed_line_gives_the_goods_back_once(database, goods):
    number = reported(database, [line(goods.sku, "A", 40, document="INV-1", no="1")]).number
    taken_back(database, number)
    assert held(database, goods) == {"dealer": 100}
    with pytest.raises(Conflict, match="accepted"):
        taken_back(database, number)
    again = reported(database, [line(goods.sku, "A", 40, document="INV-1", no="1")])
    assert states(again) == [("refused", "repeated")]


def test_what_was_used_since_cannot_be_taken_back(database, goods):
    number = reported(database, [line(goods.sku, "A", 40)]).number
    reported(database, [line(goods.sku, "A", 30, kind=LineKind.USE)])
    with pytest.raises(Conflict, match="not there any more"):
        taken_back(database, number)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"quantity": 0}, "/lines/0/quantity"),
        ({"quantity": 2, "serial": "S"}, "/lines/0/quantity"),
        ({"day": cast.TODAY + timedelta(days=1)}, "/lines/0/day"),
        ({"hospital": ""}, "/lines/0/hospital"),
        ({"lot": " "}, "/lines/0/lot"),
        ({"sku": ""}, "/lines/0/sku"),
    ],
)
def test_a_line_that_says_nothing_is_refused_whole(database, changes, pointer):
    with pytest.raises(Invalid) as refusal:
        reported(database, [line(**{"sku": "SKU", "lot": "A", **changes})])
    assert [one.pointer for one in refusal.value.faults] == [pointer]


def test_only_who_may_reports_and_a_rival_finds_nothing(database, goods):
    number = reported(database, [line(goods.sku, "A", 40)]).number
    with pytest.raises(Forbidden):
        reported(database, [line(goods.sku, "A")], by=cast.huadong.finance)
    assert states(reported(database, [line(goods.sku, "A")], by=RIVAL)) == [("refused", "never_held")]
    use = line(goods.sku, "A", kind=LineKind.USE)
    assert states(reported(database, [use], by=RIVAL)) == [("waiting", "never_held")]
    with transaction(database.session_for(RIVAL.actor())) as session:
        with pytest.raises(NotFound):
            sell_out_report(session, actor=RIVAL.actor(), number=number)
        lines = sell_out_lines(session, actor=RIVAL.actor()).items
        assert {one.number for one in lines}.isdisjoint({number}) and len(lines) == 2
    with pytest.raises(NotFound):
        taken_back(database, number, by=RIVAL)


def test_two_reports_of_the_same_goods_at_once_sell_them_once(database, goods):
    outcomes = together(4, lambda _: reported(database, [line(goods.sku, "A", 60)]))
    told = sorted(states(one)[0] for one in outcomes)
    assert told == [ACCEPTED] + [("refused", "more_than_received")] * 3
    assert held(database, goods) == {"dealer": 40, "hospital": 60}


def test_the_list_is_narrowed_to_a_state_and_to_a_word(database, goods):
    reported(database, [line(goods.sku, "A", 1, document="INV-7"), line(goods.sku, "B")])
    actor = cast.huadong.buyer.actor()
    with transaction(database.session_for(actor)) as session:
        refused = sell_out_lines(session, actor=actor, state=str(LineState.REFUSED)).items
        found = sell_out_lines(session, actor=actor, q="inv7").items
        first = sell_out_lines(session, actor=actor, limit=1)
        second = sell_out_lines(session, actor=actor, limit=1, cursor=first.next_cursor)
    assert [(one.lot, one.defect) for one in refused] == [("B", str(Defect.NEVER_HELD))]
    assert [one.document for one in found] == ["INV-7"]
    assert [one.lot for one in (*first.items, *second.items)] == ["B", "A"]
