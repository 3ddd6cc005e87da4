"""Gifts go back with the goods that earned them, or are billed where they stay; once, whoever asks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.ledger.post_credit_note import Returned
from portal.rebates.ledger_reads import LINES
from portal.returns.gift_rules import Kept
from portal.returns.gifts import gifts_not_to_send
from portal.returns.judged import Judged
from portal.returns.queries import return_of
from portal.returns.quote_return import Quote, quote_return
from portal.returns.receive_return import Arrived
from portal.returns.rules import Disposition
from portal.shipping.queries import shipment
from tests import cast
from tests.builders import a_lot
from tests.invariants import broken_promises
from tests.ledger.acts import balance, delivered, returned
from tests.races import failures, together
from tests.returns.acts import (
    approved,
    arrived,
    asked,
    inspected,
    judged,
    rejected,
    requested,
    withdrawn,
)
from tests.shipping.acts import cancelled, differences, picked, shipped

KEEP_ONE = [Kept(2, 1, "/gifts/0")]


@pytest.fixture
def goods(given):
    one = given.a_product(price="125.00")  # 100.00 for the dealer's tier
    given.stock_of(one, cast.shanghai_warehouse, a_lot("A", 60))
    return one


@pytest.fixture
def gift(given, goods):
    one = given.a_product(price="50.00")  # 40.00 for the dealer's tier
    given.stock_of(one, cast.shanghai_warehouse, a_lot("G", 20))
    given.a_promotion("gift", goods=[goods], gift=(one, 1, 10))
    return one


@pytest.fixture
def parcel(given, database, goods, gift) -> str:
    """Twenty units that have left, with two gifts."""
    return delivered(given, database, {goods: 20}).shipment_number


def lines_of(database, number) -> dict[int, int]:
    """Units that a return asks for, by order line."""
    with transaction(database.system_session()) as session:
        return {line.line_no: line.quantity for line in return_of(session, number).lines}


def due_of(database, number) -> list[tuple[int, int, Decimal]]:
    with transaction(database.system_session()) as session:
        return [(one.due, one.kept, one.charge) for one in return_of(session, number).gifts]


def notes(owner) -> list[Decimal]:
    return list(owner.execute(text("SELECT gross FROM adjustment_note ORDER BY id")).scalars())


def units_with_dealer(owner) -> dict[int, int]:
    found = owner.execute(text("SELECT line_no, shipped - returned FROM order_line ORDER BY line_no"))
    return dict(found.all())


def settled(database, number, **how):
    """Everything that came is saleable."""
    with transaction(database.system_session()) as session:
        lines = return_of(session, number).lines
    what = [(line.sku, line.lot_no, line.received, line.line_no) for line in lines if line.received]
    return inspected(database, number, *map(_saleable, range(len(what)), what), **how)


def _saleable(place, line):
    sku, lot, units, line_no = line
    return Judged(sku, lot, Disposition.SALEABLE, units, f"/lines/{place}", line_no=line_no)


def come_back(database, parcel, *lines, **how) -> str:
    number = requested(database, parcel, *lines, **how).number
    approved(database, number)
    arrived(database, number)
    return number


def quoted(database, parcel, *lines, by=cast.huadong.buyer, kept=()) -> Quote:
    with transaction(database.system_session()) as session:
        order = shipment(session, parcel).order_number
    with transaction(database.session_for(by.actor())) as session:
        return quote_return(
            session, actor=by.actor(), order_number=order, shipment_number=parcel, lines=lines, kept=kept
        )


def not_to_send(database, number) -> list[tuple[str, int]]:
    with transaction(database.system_session()) as session:
        found = return_of(session, number)
        return gifts_not_to_send(session, dealer_id=found.dealer_id, order_id=found.order_id)


def sound(database, owner) -> bool:
    return (differences(database), broken_promises(owner)) == ([], {})


def test_a_gift_that_is_no_longer_earned_comes_back_with_the_goods(database, owner, goods, parcel):
    quote = quoted(database, parcel, asked(goods, 3))
    assert [(one.units, one.line.unit_value) for one in quote.gifts] == [(1, Decimal("40.00"))]
    assert (quote.credit, quote.charge) == (Decimal("300.00"), Decimal("0.00"))
    number = come_back(database, parcel, asked(goods, 3))
    assert (lines_of(database, number), due_of(database, number)) == ({1: 3, 2: 1}, [(1, 0, Decimal("0.00"))])
    done = settled(database, number)
    assert (done.credit_note.gross, done.gifts.notes) == (Decimal("-300.00"), ())
    assert units_with_dealer(owner) == {1: 17, 2: 1}
    assert quoted(database, parcel, asked(goods, 7)).gifts == ()
    last = come_back(database, parcel, asked(goods, 17))
    assert settled(database, last).gifts.notes == ()
    assert (units_with_dealer(owner), balance(owner)) == ({1: 0, 2: 0}, 0)
    assert sound(database, owner)


def test_a_gift_that_stays_is_billed_at_the_dealers_price(database, owner, goods, parcel):
    assert quoted(database, parcel, asked(goods, 3), kept=KEEP_ONE).total == Decimal("260.00")
    number = come_back(database, parcel, asked(goods, 3), kept=KEEP_ONE)
    assert lines_of(database, number) == {1: 3}
    done = settled(database, number)
    assert (done.credit_note.gross, done.gifts.gross) == (Decimal("-300.00"), Decimal("40.00"))
    assert balance(owner) == Decimal("1740.00")
    with transaction(database.system_session()) as session:
        found = return_of(session, number)
        assert [(one.number, one.gross) for one in found.notes] == [(done.gifts.notes[0], Decimal("40.00"))]
    assert quoted(database, parcel, asked(goods, 7)).gifts == (), "it is not asked for again"
    last = come_back(database, parcel, asked(goods, 17))
    assert lines_of(database, last) == {1: 17, 2: 1}
    settled(database, last)
    assert (units_with_dealer(owner), balance(owner)) == ({1: 0, 2: 1}, Decimal("40.00"))
    assert sound(database, owner)


@pytest.mark.parametrize("how", ["missing", "refused"])
def test_a_gift_that_does_not_come_or_is_refused_is_billed_and_given_back_later(
    database, owner, goods, gift, parcel, how
):
    number = requested(database, parcel, asked(goods, 3)).number
    approved(database, number)
    came = [Arrived(goods.sku, "A", 3, "/lines/0")]
    findings = [judged(goods, "A", 3)]
    if how == "refused":
        came.append(Arrived(gift.sku, "G", 1, "/lines/1"))
        findings.append(judged(gift, "G", 1, "refused", 1))
    arrived(database, number, came)
    assert inspected(database, number, *findings).gifts.gross == Decimal("40.00")
    later = come_back(database, parcel, asked(gift, 1))
    assert due_of(database, later) == []
    assert settled(database, later).gifts.gross == Decimal("-40.00")
    assert (notes(owner), balance(owner)) == ([Decimal("40.00"), Decimal("-40.00")], Decimal("1700.00"))
    assert sound(database, owner)


def test_a_credit_is_not_taken_below_nothing_without_headquarters(given, database, owner, goods):
    dear = given.a_product(price="1000.00")
    given.stock_of(dear, cast.shanghai_warehouse, a_lot("D", 5))
    given.a_promotion("gift", goods=[goods], gift=(dear, 1, 10))
    parcel = delivered(given, database, {goods: 10}).shipment_number
    for act in (requested, quoted):
        with pytest.raises(Invalid) as refusal:
            act(database, parcel, asked(goods, 1), kept=KEEP_ONE)
        assert [(one.pointer, one.code) for one in refusal.value.faults] == [
            ("/gifts", "gifts_exceed_credit")
        ]
    number = requested(database, parcel, asked(goods, 1), kept=KEEP_ONE, by=cast.order_desk).number
    approved(database, number, by=cast.desk_colleague)
    arrived(database, number)
    with pytest.raises(Conflict) as refused:
        settled(database, number)
    assert refused.value.code == "gifts_exceed_credit"
    assert balance(owner) == Decimal("1000.00"), "nothing is posted"
    assert settled(database, number, bill_gifts=True).gifts.gross == Decimal("800.00")
    assert balance(owner) == Decimal("1700.00")
    assert sound(database, owner)


def test_of_two_who_ask_at_once_one_is_asked_for_the_gift(database, owner, goods, parcel):
    outcomes = together(2, lambda _: requested(database, parcel, asked(goods, 4)))
    assert failures(outcomes) == []
    asked_for = [line.get(2, 0) for line in (lines_of(database, one.number) for one in outcomes)]
    assert sorted(asked_for) == [0, 1]


def test_returns_that_are_settled_at_once_bill_a_gift_once(database, owner, goods, parcel):
    numbers = [come_back(database, parcel, asked(goods, units), kept=kept) for units, kept in _TWO]
    assert failures(together(2, lambda place: settled(database, numbers[place]))) == []
    assert notes(owner) == [Decimal("40.00")]
    assert sound(database, owner)


_TWO = [(1, KEEP_ONE), (2, ())]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_order_in_which_returns_are_settled_makes_no_difference(database, owner, goods, parcel, order):
    """20 → 19 → 14 → 9: the first and the last ask for a gift; the last one stays and is billed."""
    numbers = [
        come_back(database, parcel, asked(goods, units), kept=kept)
        for units, kept in ((1, ()), (5, ()), (5, KEEP_ONE))
    ]
    for place in order:
        settled(database, numbers[place])
    assert (units_with_dealer(owner), balance(owner)) == ({1: 9, 2: 1}, Decimal("940.00"))
    assert sound(database, owner)


def test_a_gift_that_left_with_another_shipment_comes_by_a_return_of_its_own(
    given, database, owner, goods, gift
):
    order = given.an_order({goods: 20}).number
    first = picked(database, order, quantities={1: 20}).shipment_number
    shipped(database, first)
    second = picked(database, order).shipment_number
    assert quoted(database, first, asked(goods, 5)).gifts == (), "it has not left yet"
    early = requested(database, first, asked(goods, 5)).number
    assert not_to_send(database, early) == [(gift.sku, 1)]
    withdrawn(database, early)
    assert not_to_send(database, early) == []
    shipped(database, second)
    done = requested(database, first, asked(goods, 5))
    [other] = done.also
    assert (lines_of(database, done.number), lines_of(database, other)) == ({1: 5}, {2: 1})
    with transaction(database.system_session()) as session:
        assert return_of(session, other).gifts_of == done.number
        assert return_of(session, done.number).gifts_by == (other,)
    for number in (done.number, other):
        approved(database, number)
    arrived(database, done.number)
    assert settled(database, done.number).gifts.notes == (), "it is on its way"
    with pytest.raises(Conflict) as refusal:
        withdrawn(database, other)
    assert refusal.value.code == "gifts_owed"
    arrived(database, other)
    assert settled(database, other).gifts.notes == ()
    assert units_with_dealer(owner) == {1: 15, 2: 1}
    assert sound(database, owner)


@pytest.mark.parametrize("end", [rejected, withdrawn])
def test_a_return_that_comes_to_nothing_asks_for_no_gift(database, owner, goods, parcel, end):
    number = requested(database, parcel, asked(goods, 3), kept=KEEP_ONE).number
    assert quoted(database, parcel, asked(goods, 1)).gifts == (), "promised by the first"
    end(database, number)
    assert [one.units for one in quoted(database, parcel, asked(goods, 1)).gifts] == [1]


def test_what_is_exchanged_keeps_its_gifts(database, goods, parcel):
    number = come_back(database, parcel, asked(goods, 3, remedy="exchange"))
    assert lines_of(database, number) == {1: 3}
    assert settled(database, number).gifts.notes == ()
    assert [one.units for one in quoted(database, parcel, asked(goods, 1)).gifts] == [1]


def test_units_that_were_cancelled_earn_nothing_either(given, database, goods, gift):
    order = given.an_order({goods: 20}).number
    parcel = picked(database, order, quantities={1: 12, 2: 2}).shipment_number
    shipped(database, parcel)
    cancelled(database, order, by=cast.order_desk)
    [one] = quoted(database, parcel, asked(goods, 1)).gifts
    assert one.units == 1


def test_goods_that_were_credited_by_hand_count(database, owner, goods, parcel):
    invoice = owner.execute(text("SELECT number FROM invoice")).scalar_one()
    returned(database, invoice, Returned(1, 5))
    assert notes(owner) == [], "finance says itself what it credits"
    assert [one.units for one in quoted(database, parcel, asked(goods, 1)).gifts] == [1]


def test_an_amount_that_the_gift_asks_for_has_to_stay(given, database, goods):
    once = given.a_product(price="50.00")
    given.stock_of(once, cast.shanghai_warehouse, a_lot("G", 5))
    given.a_promotion("gift", goods=[goods], gift=(once, 1, None), min_amount=Decimal("1500.00"))
    parcel = delivered(given, database, {goods: 20}).shipment_number
    assert quoted(database, parcel, asked(goods, 5)).gifts == ()
    assert [one.units for one in quoted(database, parcel, asked(goods, 6)).gifts] == [1]


def test_serial_numbers_of_gifts_are_named_when_they_come(given, database, goods):
    device = given.a_product(price="50.00", serial_controlled=True)
    given.stock_of(device, cast.shanghai_warehouse, a_lot("S", 5))
    given.a_promotion("gift", goods=[goods], gift=(device, 1, 10))
    parcel = picked(database, given.an_order({goods: 20}).number).shipment_number
    shipped(database, parcel, serials={(2, "S"): ["S1", "S2"]})
    number = requested(database, parcel, asked(goods, 3)).number
    approved(database, number)
    came = [Arrived(goods.sku, "A", 3, "/lines/0"), Arrived(device.sku, "S", 1, "/lines/1", ("S2",))]
    arrived(database, number, came)
    assert settled(database, number).gifts.notes == ()
    named = requested(database, parcel, asked(goods, 17), asked(device, 1, "S", 1, "surplus", "S1")).number
    assert lines_of(database, named) == {1: 17, 2: 1}


def test_a_gift_of_the_same_product_and_lot_comes_by_its_own_line(given, database, owner, goods):
    given.a_promotion("gift", goods=[goods], gift=(goods, 1, 10))
    parcel = delivered(given, database, {goods: 20}).shipment_number
    number = come_back(database, parcel, asked(goods, 20))
    assert lines_of(database, number) == {1: 20, 2: 2}
    settled(database, number)
    assert (units_with_dealer(owner), balance(owner)) == ({1: 0, 2: 0}, 0)


def test_gifts_that_were_not_shown_are_shown_first(database, goods, parcel):
    with pytest.raises(Invalid) as refusal:
        requested(database, parcel, asked(goods, 3), seen={})
    assert [(one.pointer, one.code) for one in refusal.value.faults] == [("/gifts", "gifts_changed")]
    requested(database, parcel, asked(goods, 3), seen={2: 1})
    with pytest.raises(Invalid):
        requested(database, parcel, asked(goods, 3), seen={2: 1})


def test_a_rival_is_told_nothing(database, goods, parcel):
    with pytest.raises(NotFound):
        quoted(database, parcel, asked(goods, 3), by=cast.yuegang.buyer)


def test_rebates_measure_the_goods_and_no_gift(database, owner, goods, parcel):
    settled(database, come_back(database, parcel, asked(goods, 3), kept=KEEP_ONE))
    settled(database, come_back(database, parcel, asked(goods, 10)))
    days = {"dealers": [cast.huadong.id], "since": cast.TODAY, "until": cast.TODAY}
    measured = [(row.order_line_no, row.amount) for row in owner.execute(LINES, days)]
    assert sorted(measured) == [(1, Decimal(-1000)), (1, Decimal(-300)), (1, Decimal(2000))]


def test_a_return_says_what_is_still_due_when_another_is_withdrawn(given, database, goods, gift):
    """25 → 21 → 19 asks for a gift; without the first return 23 stay and earn both."""
    parcel = delivered(given, database, {goods: 25}).shipment_number
    first, second = (requested(database, parcel, asked(goods, units)).number for units in (4, 2))
    assert (now_due(database, first), now_due(database, second)) == ([], [1])
    withdrawn(database, first)
    assert now_due(database, second) == [0]


def now_due(database, number) -> list[int]:
    with transaction(database.system_session()) as session:
        return [one.now for one in return_of(session, number).gifts]
