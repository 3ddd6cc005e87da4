"""A transaction takes its locks upwards only, whatever verbs it is made of."""

from __future__ import annotations

import pytest

from portal.kernel import locks
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.locks import OutOfOrder, Rank
from portal.ledger.record_payment import record_payment
from portal.orders.cancel_order import cancel_order
from portal.shipping.pick_order import pick_order
from portal.shipping.ship import ship
from portal.stock.reservations import lock_levels
from tests import cast
from tests.ledger.acts import CAUTION

FIRST, SECOND = (51, 301), (51, 302)


@pytest.fixture
def session(database):
    with transaction(database.system_session()) as session:
        session.connection()
        yield session


def test_upwards_by_rank_and_by_key(session):
    for rank in Rank:
        locks.take(session, rank, [FIRST, SECOND])


@pytest.mark.parametrize("later", [rank for rank in Rank if rank > Rank.PRICES])
def test_nothing_earlier_follows(session, later):
    locks.take(session, later, [FIRST])
    with pytest.raises(OutOfOrder, match=later.name):
        locks.take(session, Rank(later - 1), [SECOND])


def test_within_a_rank_by_key(session):
    locks.take(session, Rank.LEVEL, [SECOND])
    with pytest.raises(OutOfOrder):
        locks.take(session, Rank.LEVEL, [FIRST])


def test_what_is_held_may_be_taken_again_and_what_was_made_here_too(session):
    locks.take(session, Rank.ACCOUNT, [(101,)])
    locks.take(session, Rank.LEVEL, [FIRST, SECOND])
    locks.made(session, Rank.ORDER, (101, 7))
    locks.take(session, Rank.ACCOUNT, [(101,)])
    locks.take(session, Rank.ORDER, [(101, 7)])
    locks.take(session, Rank.LEVEL, [FIRST])
    with pytest.raises(OutOfOrder):
        locks.take(session, Rank.ORDER, [(101, 8)])


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_the_next_transaction_begins_with_nothing(session, end):
    locks.take(session, Rank.BOOKS)
    getattr(session, end)()
    session.connection()
    locks.take(session, Rank.PRICES)


def test_verbs_composed_against_the_order_are_refused_before_they_can_deadlock(given, session):
    """Shipping takes levels, which picking's lots come after; the second dealer's account comes after the
    first one's books.
    """
    number = given.an_order({cast.gauze: 5}).number
    how = {"actor": SYSTEM, "today": cast.TODAY, "at": cast.NOW}
    parcel = pick_order(session, number=number, **how).shipment_number
    with pytest.raises(OutOfOrder, match=r"LEVEL .* after LOT"):
        ship(session, shipment_number=parcel, carrier="SF", tracking_no="SF1", **how)


def test_what_is_taken_before_the_first_statement_is_held_in_its_transaction(database):
    with transaction(database.system_session()) as session:
        locks.take(session, Rank.LEVEL, [FIRST])
        session.connection()
        with pytest.raises(OutOfOrder):
            locks.take(session, Rank.ACCOUNT, [(101,)])


def test_verbs_composed_in_the_order_go_through(given, session):
    number = given.an_order({cast.gauze: 5}).number
    how = {"actor": SYSTEM, "today": cast.TODAY, "at": cast.NOW}
    cancel_order(session, actor=how["actor"], number=number, reason="twice", at=cast.NOW)
    lock_levels(session, warehouse_id=cast.shanghai_warehouse.id, products=[cast.gauze.id])
    paid = {
        "amount": cast.gauze.price,
        "received_on": cast.TODAY,
        "method": "bank",
        "today": cast.TODAY,
        "at": cast.NOW,
        "caution": CAUTION,
    }
    record_payment(session, actor=SYSTEM, dealer_id=cast.huadong.id, **paid)
    with pytest.raises(OutOfOrder, match=r"ACCOUNT .* after BOOKS"):
        record_payment(session, actor=SYSTEM, dealer_id=cast.suzhou.id, **paid)
