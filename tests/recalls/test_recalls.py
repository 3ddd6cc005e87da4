"""From the draft to the closing: who may do what, what is blocked, who is asked, and what a rival learns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from portal.recalls.draft_rules import ScopeLine
from portal.recalls.own_queries import own_recalls
from portal.recalls.rules import ScopeKind
from tests import cast
from tests.builders import a_lot
from tests.invariants import broken_promises
from tests.races import failures, together
from tests.recalls import acts
from tests.recalls.acts import (
    answered,
    called,
    closed,
    confirmed,
    decided,
    drafted,
    edited,
    found,
    lots_of,
    own,
    reminded,
    running,
    told,
    widened,
    withdrawn,
)
from tests.sellout.acts import line, reported
from tests.shipping.acts import audited, differences, lots, picked, shipped, status

HUADONG, YUEGANG, SUZHOU = cast.huadong, cast.yuegang, cast.suzhou


@pytest.fixture(autouse=True)
def _everything_adds_up(database, owner):
    yield
    assert differences(database) == []
    assert broken_promises(owner) == {}


@pytest.fixture
def product(given):
    """A product with two lots in stock; its lot BAD is older."""
    made = given.a_product()
    soon = cast.TODAY + timedelta(days=400)
    given.stock_of(made, cast.shanghai_warehouse, a_lot("BAD", 40, expires_on=soon), a_lot("GOOD", 40))
    return made


@pytest.fixture
def sold(given, database, product):
    """Huadong got 6 units of lot BAD."""
    order = given.an_order({product: 6})
    shipped(database, picked(database, order.number).shipment_number)
    return product


def codes(refusal) -> set[str]:
    return {fault.code for fault in refusal.value.faults}


def test_a_recall_goes_from_draft_to_its_closing(database, owner, sold):
    number = drafted(database, lots_of(sold, "bad"))
    assert found(database, number).scope[0].lots == ["BAD"]
    confirmed(database, number)
    done = decided(database, number)
    assert (done.lots, done.units_blocked, done.holders) == (1, 34, 1)
    assert lots(owner, sold) == {"BAD": (0, 0, "blocked"), "GOOD": (40, 0, "saleable")}
    assert own(database, number, by=HUADONG.buyer).held == 6
    acts.read(database, number, by=HUADONG.buyer)
    answered(database, number, by=HUADONG.buyer, found=4, used=2)
    closed(database, number)
    assert found(database, number).state == "closed"
    assert audited(owner, number) == [
        "recall:drafted",
        "recall:confirmed",
        "recall:decided",
        "recall:read",
        "recall:answered",
        "recall:closed",
    ]


def test_a_holder_is_asked_for_what_it_passed_to_a_hospital_too(database, owner, sold):
    [one] = reported(database, [line(sold.sku, "BAD", 4)]).lines
    assert one.is_accepted
    number = running(database, lots_of(sold, "BAD"))
    assert own(database, number, by=HUADONG.buyer).held == 6


def test_many_silent_holders_are_closed_with_one_reason(database, owner, sold):
    number = running(database, lots_of(sold, "BAD"))
    with pytest.raises(Invalid) as refused:
        closed(database, number)
    assert [fault.pointer for fault in refused.value.faults] == [f"/reasons/{HUADONG.code}"]
    closed(database, number, otherwise="nobody answers")
    kept = text("SELECT open_reason FROM recall_response WHERE dealer_id = :dealer")
    assert owner.scalar(kept.bindparams(dealer=HUADONG.id)) == "nobody answers"


def test_nothing_is_blocked_and_nobody_told_before_the_decision(database, owner, sold):
    number = drafted(database, lots_of(sold, "BAD"))
    confirmed(database, number)
    assert lots(owner, sold)["BAD"] == (34, 0, "saleable")
    assert told(owner, "recall.decided") == []
    assert len(told(owner, "recall.to_decide")) == 1
    with pytest.raises(NotFound):
        own(database, number, by=HUADONG.buyer)


def test_neither_who_drafted_nor_who_confirmed_decides(database, sold):
    number = drafted(database, lots_of(sold, "BAD"))
    confirmed(database, number, by=acts.DECIDER)
    for person in (acts.DRAFTER, acts.DECIDER):
        with pytest.raises(Forbidden):
            decided(database, number, by=person)


def test_the_database_refuses_a_decider_who_wrote_it(database, owner, sold):
    number = running(database, lots_of(sold, "BAD"))
    with pytest.raises(DBAPIError, match="other_person"):
        owner.execute(
            text("UPDATE recall SET written_by = ARRAY[decided_by] WHERE number = :n"), {"n": number}
        )


def test_quality_alone_confirms_and_decides_and_the_desk_drafts(database, sold):
    number = drafted(database, lots_of(sold, "BAD"), by=cast.order_desk)
    with pytest.raises(Forbidden):
        confirmed(database, number, by=cast.order_desk)
    confirmed(database, number)
    with pytest.raises(Forbidden):
        decided(database, number, by=cast.order_desk)
    with pytest.raises(Forbidden):
        drafted(database, lots_of(sold, "BAD"), by=cast.hq_finance)


def test_a_change_asks_for_the_confirmation_anew(database, sold):
    number = drafted(database, lots_of(sold, "BAD"))
    confirmed(database, number)
    edited(database, number, acts.a_draft(lots_of(sold, "BAD", "GOOD")))
    with pytest.raises(Conflict, match="recall_state"):
        decided(database, number)


def test_a_scope_is_checked_line_by_line(database, product):
    with pytest.raises(Invalid) as refusal:
        drafted(
            database,
            ScopeLine("NO-SUCH", ScopeKind.ALL),
            ScopeLine(product.sku, ScopeKind.LOTS),
            ScopeLine(product.sku, ScopeKind.SERIALS, serial_from="A9", serial_to="A1"),
            ScopeLine(product.sku, ScopeKind.MADE, made_from=cast.TODAY),
            level=4,
        )
    assert codes(refusal) == {"unknown_sku", "lots", "serial_range", "made_range", "level"}


def test_a_lot_of_one_article_is_not_that_of_another(given, database, owner, product):
    other = given.a_product()
    given.stock_of(other, cast.shanghai_warehouse, a_lot("BAD", 5))
    running(database, lots_of(product, "BAD"))
    assert lots(owner, other) == {"BAD": (5, 0, "saleable")}


def test_a_lot_that_comes_for_the_first_time_is_blocked_where_it_arrives(given, database, owner, product):
    running(database, lots_of(product, "LATE"))
    owner.execute(
        text("INSERT INTO lot (product_id, lot_no) VALUES (:p, 'late'), (:p, 'FINE')"), {"p": product.id}
    )
    owner.execute(
        text(
            "INSERT INTO lot_stock (warehouse_id, lot_id, product_id, on_hand)"
            " SELECT :w, id, product_id, 0 FROM lot WHERE product_id = :p AND lot_no IN ('late', 'FINE')"
        ),
        {"w": cast.shanghai_warehouse.id, "p": product.id},
    )
    assert lots(owner, product)["late"] == (0, 0, "blocked")
    assert lots(owner, product)["FINE"] == (0, 0, "saleable")


def test_a_drill_asks_and_blocks_nothing(database, owner, sold):
    number = running(database, lots_of(sold, "BAD"), is_drill=True)
    assert lots(owner, sold)["BAD"] == (34, 0, "saleable")
    [(dealer_id, facts)] = told(owner, "recall.decided")
    assert (dealer_id, facts["is_drill"], facts["held"]) == (HUADONG.id, True, 6)
    answered(database, number, by=HUADONG.buyer, found=6)
    closed(database, number)


def test_a_rival_learns_nothing(database, sold):
    number = running(database, lots_of(sold, "BAD"))
    for act in (
        lambda: own(database, number, by=YUEGANG.buyer),
        lambda: answered(database, number, by=YUEGANG.buyer, found=1),
        lambda: acts.read(database, number, by=YUEGANG.buyer),
    ):
        with pytest.raises(NotFound):
            act()
    with transaction(database.session_for(YUEGANG.buyer.actor())) as session:
        assert own_recalls(session, actor=YUEGANG.buyer.actor()).items == ()
        for table in ("recall", "recall_scope", "recall_lot", "recall_response"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0, table


def test_a_holder_sees_its_own_response_alone(given, database, sold):
    order = given.an_order({sold: 3}, by=SUZHOU.buyer)
    shipped(database, picked(database, order.number).shipment_number)
    number = running(database, lots_of(sold, "BAD"))
    assert own(database, number, by=SUZHOU.buyer).held == 3
    with transaction(database.session_for(SUZHOU.buyer.actor())) as session:
        held = session.execute(text("SELECT held FROM recall_response")).scalars().all()
    assert held == [3]


def test_an_answer_that_does_not_add_up_is_refused_with_every_fault(database, sold):
    number = running(database, lots_of(sold, "BAD"))
    with pytest.raises(Invalid) as refusal:
        answered(database, number, by=HUADONG.buyer, found=5, destroyed=2, passed_on=1)
    assert codes(refusal) == {"more_than_held", "witness_missing", "photo_missing", "passed_to_missing"}


def test_a_recall_is_closed_with_a_reason_for_all_that_is_open(database, sold):
    number = running(database, lots_of(sold, "BAD"))
    answered(database, number, by=HUADONG.buyer, found=5)
    with pytest.raises(Invalid) as refusal:
        closed(database, number)
    assert [fault.pointer for fault in refusal.value.faults] == [f"/reasons/{HUADONG.code}"]
    closed(database, number, reasons={HUADONG.code: "one unit was thrown away unseen"})
    with pytest.raises(Conflict, match="recall_over"):
        answered(database, number, by=HUADONG.buyer, found=6)


def test_the_database_keeps_what_is_over(database, owner, sold):
    number = running(database, lots_of(sold, "BAD"))
    answered(database, number, by=HUADONG.buyer, found=6)
    closed(database, number)
    for change in (
        "UPDATE recall SET title = 'x'",
        "UPDATE recall_response SET found = 0",
        "UPDATE recall_scope SET kind = 'all', lots = '{}'",
    ):
        with pytest.raises(DBAPIError, match=r"is over|is settled"):
            owner.execute(text(change))


def test_a_draft_is_withdrawn_and_a_decided_recall_is_not(database, sold):
    number = drafted(database, lots_of(sold, "BAD"))
    withdrawn(database, number)
    assert found(database, number).state == "withdrawn"
    with pytest.raises(Conflict):
        withdrawn(database, running(database, lots_of(sold, "BAD")))


def test_a_wider_scope_is_another_version_and_answers_stay(given, database, owner, sold):
    number = running(database, lots_of(sold, "BAD"))
    answered(database, number, by=HUADONG.buyer, found=6)
    order = given.an_order({sold: 4}, by=SUZHOU.buyer)
    shipped(database, picked(database, order.number).shipment_number)
    widened(database, number)
    with pytest.raises(Conflict, match="scope_narrower"):
        edited(database, number, acts.a_draft(lots_of(sold, "GOOD")))
        confirmed(database, number)
    edited(database, number, acts.a_draft(lots_of(sold, "BAD", "GOOD")))
    confirmed(database, number)
    assert decided(database, number).holders == 1
    assert own(database, number, by=HUADONG.buyer).state == "answered"
    assert own(database, number, by=SUZHOU.buyer).held == 4
    assert lots(owner, sold)["GOOD"][2] == "blocked"
    assert found(database, number).version_no == 2


def test_a_wider_scope_that_is_withdrawn_leaves_the_recall_as_it_ran(database, owner, sold):
    number = running(database, lots_of(sold, "BAD"))
    widened(database, number)
    answered(database, number, by=HUADONG.buyer, found=6)
    withdrawn(database, number)
    again = found(database, number)
    assert (again.state, again.version_no, again.scope[0].lots) == ("running", 1, ["BAD"])
    closed(database, number)


def test_a_silent_holder_is_reminded_thrice_and_then_telephoned(database, owner, sold):
    number = running(database, lots_of(sold, "BAD"))
    due = found(database, number).notices_by
    assert due == cast.TODAY + timedelta(days=1)
    assert reminded(database, cast.NOW) == 0
    late = cast.NOW + timedelta(days=3)
    half = cast.NOW + timedelta(hours=24 + 1)
    assert [reminded(database, at) for at in (half, half, late, late)] == [1, 0, 1, 0]
    assert len(told(owner, "recall.silent")) == 1
    called(database, number, HUADONG.code)
    answered(database, number, by=HUADONG.buyer, found=6)
    assert reminded(database, late + timedelta(days=1)) == 0


def test_of_two_deciders_one_decides(database, owner, sold):
    number = drafted(database, lots_of(sold, "BAD"), by=cast.order_desk)
    confirmed(database, number)
    read = found(database, number).revision
    outcomes = together(2, lambda _: decided(database, number, read=read))
    [refused] = failures(outcomes)
    assert isinstance(refused, Conflict)
    assert len(told(owner, "recall.decided")) == 1


def test_a_late_answer_races_the_closing_and_either_counts_or_is_refused(database, owner, sold):
    number = running(database, lots_of(sold, "BAD"))

    def act(place: int) -> None:
        if place == 0:
            return answered(database, number, by=HUADONG.buyer, found=6)
        return closed(database, number, reasons={HUADONG.code: "silent"})

    outcomes = together(2, act)
    assert all(isinstance(one, DomainError) for one in failures(outcomes))
    state, reason = owner.execute(text("SELECT state, open_reason FROM recall_response")).one()
    assert (state, reason) in {("answered", ""), ("notified", "silent")}


def test_a_decision_races_an_order_and_the_order_gets_none_of_the_lot(given, database, owner, product):
    number = drafted(database, lots_of(product, "BAD", "GOOD"))
    confirmed(database, number)
    read = found(database, number).revision

    def act(place: int) -> object:
        return decided(database, number, read=read) if place == 0 else given.an_order({product: 30})

    first, *orders = together(4, act)
    assert not isinstance(first, Exception), first
    placed = [one for one in orders if not isinstance(one, Exception)]
    assert {status(owner, one.number) for one in placed} <= {"on_hold"}
    assert lots(owner, product) == {"BAD": (0, 0, "blocked"), "GOOD": (0, 0, "blocked")}
