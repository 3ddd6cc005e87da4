"""The dealer's own approval above an amount: nothing is placed unseen, by page, API or draft."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.orders.answer import Placed
from portal.orders.terms import SupplyTerms
from portal.purchasing.place_or_ask import Asked
from tests import cast
from tests.builders import net
from tests.identity.custom_role_acts import as_now, composed
from tests.identity.custom_role_acts import given as given_roles
from tests.orders.test_standing import restricted
from tests.purchasing import acts
from tests.races import failures, together

BUYER, BOSS, SYSTEM = cast.huadong.buyer, cast.huadong.boss, cast.huadong.system


def orders(owner) -> int:
    return owner.execute(text("SELECT count(*) FROM sales_order")).scalar_one()


@pytest.fixture
def asked(database) -> str:
    """An order of the buyer above ¥100.00, by its draft."""
    acts.limit(database, BOSS, acts.BUYERS, "100.00")
    answer = acts.order(database, BUYER, (cast.syringe, 100), purchase_order_no="PO-7")
    assert isinstance(answer, Asked) and answer.allowed == 100 < answer.total
    return answer.number


def a_product_at_10(given, owner):
    """Net ¥10.00 for the dealer, 100 in stock."""
    product = given.a_product(price="10.00")
    given.a_policy(net("10.00", product=product, dealer=cast.huadong))
    owner.execute(
        text("INSERT INTO stock_level (warehouse_id, product_id, on_hand) VALUES (:w, :p, 100)"),
        {"w": cast.shanghai_warehouse.id, "p": product.id},
    )
    return product


def test_an_order_up_to_the_amount_is_placed_and_one_above_it_waits(database, owner, given):
    product = a_product_at_10(given, owner)
    acts.limit(database, BOSS, acts.BUYERS, "50.00")
    assert isinstance(acts.order(database, BUYER, (product, 5)), Placed)
    answer = acts.order(database, BUYER, (product, 6))
    assert answer == Asked(answer.number, Decimal("60.00"), Decimal("50.00"))
    assert orders(owner) == 1
    assert owner.execute(text("SELECT sum(reserved) FROM order_line")).scalar() == 5


def test_the_amount_of_systems_stops_the_api(database, owner):
    acts.limit(database, BOSS, "systems", "1.00")
    assert isinstance(acts.order(database, SYSTEM, (cast.gloves, 5)), Asked)
    assert orders(owner) == 0
    assert isinstance(acts.order(database, BUYER, (cast.gloves, 5)), Placed)


def test_the_same_call_again_asks_once(database, owner):
    acts.limit(database, BOSS, "systems", "1.00")
    first = acts.order(database, SYSTEM, (cast.gloves, 5), key="k")
    again = acts.order(database, SYSTEM, (cast.gloves, 5), key="k")
    assert again.number == first.number and again.replayed
    assert owner.execute(text("SELECT count(*) FROM order_draft")).scalar() == 1


def test_a_faulty_order_is_refused_before_anybody_is_asked(database, owner):
    acts.limit(database, BOSS, acts.BUYERS, "1.00")
    with pytest.raises(Invalid, match="order_refused"):
        acts.order(database, BUYER, (cast.gloves, 5), ("NOBODY", 1))
    assert owner.execute(text("SELECT count(*) FROM order_draft")).scalar() == 0


def test_a_colleague_approves_and_it_is_placed(database, owner, asked):
    placed = acts.approve(database, BOSS, asked)
    row = owner.execute(text("SELECT number, placed_by_label, purchase_order_no FROM sales_order")).one()
    assert tuple(row) == (placed.number, BOSS.display_name, "PO-7")
    found = acts.draft(database, BUYER, asked)
    assert (found.state, found.order_number, found.decided_by_label) == (
        "placed",
        placed.number,
        BOSS.display_name,
    )
    with pytest.raises(Conflict, match="draft_moved_on"):
        acts.approve(database, BOSS, asked)
    assert orders(owner) == 1


def test_whoever_asked_does_not_decide(database, owner):
    acts.limit(database, BOSS, f"user:{BOSS.id}", "1.00")
    number = acts.order(database, BOSS, (cast.gloves, 5)).number
    for decide in (acts.approve, acts.reject):
        with pytest.raises(Forbidden, match="same_person"):
            decide(database, BOSS, number)
    assert orders(owner) == 0


def test_a_buyer_does_not_approve_and_sets_no_amount(database, asked):
    for decide in (acts.approve, acts.reject):
        with pytest.raises(Forbidden, match="missing_right"):
            decide(database, BUYER, asked)
    with pytest.raises(Forbidden, match="missing_right"):
        acts.limit(database, BUYER, acts.BUYERS, None)


def test_a_rival_neither_sees_nor_decides(database, asked):
    for decide in (acts.draft, acts.approve, acts.reject, acts.take):
        with pytest.raises(NotFound):
            decide(database, cast.yuegang.boss, asked)


def test_a_price_that_has_changed_since_is_said_first(database, owner, given, asked):
    given.a_policy(net("3.33", product=cast.syringe, dealer=cast.huadong))
    with pytest.raises(Conflict, match="changed_since_seen"):
        acts.approve(database, BOSS, asked)
    assert orders(owner) == 0 and acts.draft(database, BOSS, asked).state == "waiting"


def test_a_rejection_says_why_and_the_buyer_takes_it_back(database, owner, asked):
    with pytest.raises(Invalid):
        acts.reject(database, BOSS, asked, reason="  ")
    acts.reject(database, BOSS, asked, reason="out of budget")
    assert acts.draft(database, BUYER, asked).reason == "out of budget"
    with pytest.raises(Conflict):
        acts.approve(database, BOSS, asked)
    acts.take(database, BUYER, asked)
    told = owner.execute(text("SELECT topic FROM outbox ORDER BY id")).scalars().all()
    assert told == ["order_draft.waiting", "order_draft.rejected"]


def test_the_database_lets_nobody_approve_their_own(owner, asked):
    with pytest.raises(DBAPIError, match="other_person"):
        owner.execute(
            text("UPDATE order_draft SET state = 'placed', order_number = 'X', decided_by = asked_by")
        )


def test_a_draft_of_a_colleague_is_ordered_once_and_within_the_amount(database, owner):
    number = acts.keep_draft(database, BOSS, "for Friday", (cast.syringe, 100))
    acts.limit(database, BOSS, acts.BUYERS, "10.00")
    assert isinstance(acts.order_kept(database, BUYER, number), Asked)
    with pytest.raises(Conflict, match="draft_moved_on"):
        acts.order_kept(database, BUYER, number)
    acts.approve(database, BOSS, number)
    assert orders(owner) == 1


def test_two_colleagues_take_a_draft_over_once(database):
    number = acts.keep_draft(database, BUYER, "shared", (cast.gloves, 5))
    results = together(2, lambda place: acts.take(database, (BUYER, BOSS)[place], number))
    [failure] = failures(results)
    assert failure.code == "draft_moved_on"


def test_approval_and_rejection_at_once_have_one_winner(database, owner, asked):
    results = together(2, lambda place: (acts.approve, acts.reject)[place](database, BOSS, asked))
    [failure] = failures(results)
    assert failure.code == "draft_moved_on"
    state = acts.draft(database, BUYER, asked).state
    assert orders(owner) == (1 if state == "placed" else 0)


def test_an_approver_with_an_amount_of_their_own_keeps_to_it(database, owner, asked):
    acts.limit(database, BOSS, f"user:{BOSS.id}", "1.00")
    with pytest.raises(Forbidden, match="above_own_amount"):
        acts.approve(database, BOSS, asked)
    assert orders(owner) == 0


@pytest.mark.parametrize(("units", "may"), [(5, True), (6, False)])
def test_a_change_above_the_amount_is_refused_and_the_order_stays(database, owner, given, units, may):
    product = a_product_at_10(given, owner)
    number = acts.order(database, BUYER, (product, 1)).number
    acts.limit(database, BOSS, acts.BUYERS, "50.00")
    if may:
        assert acts.change(database, BUYER, number, (product, units)).answer["total"] == "50.00"
    else:
        with pytest.raises(Conflict) as refusal:
            acts.change(database, BUYER, number, (product, units))
        assert refusal.value.code == "above_your_amount"
        assert orders(owner) == 1
        assert isinstance(acts.change(database, BOSS, number, (product, units)), Placed)


def test_a_draft_keeps_that_goods_may_come_later(database, owner, asked):
    number = acts.order(database, BUYER, (cast.gauze, 100 + 7), supply=SupplyTerms(backorder=True)).number
    placed = acts.approve(database, BOSS, number)
    assert owner.execute(
        text("SELECT backorder FROM sales_order WHERE number = :n"), {"n": placed.number}
    ).scalar_one()


@pytest.mark.parametrize("hospital", ["H-RUIJIN", "H-HUASHAN"])
def test_a_draft_keeps_the_hospital_that_the_contract_asks_for(database, owner, asked, hospital):
    restricted(owner, hospitals=["H-RUIJIN", "H-HUASHAN"])
    number = acts.order(database, BUYER, (cast.syringe, 90), hospital=hospital).number
    assert acts.draft(database, BOSS, number).hospital == hospital
    placed = acts.approve(database, BOSS, number)
    ordered = owner.execute(text("SELECT hospital FROM sales_order WHERE number = :n"), {"n": placed.number})
    assert ordered.scalar_one() == hospital


class TestRolesOfTheDealersOwn:
    """A role that the dealer composed is no way around an amount, nor around the colleague who approves."""

    def test_without_an_amount_of_its_own_it_has_the_least_of_the_built_in_ones(
        self, database, issuer_database, owner, given
    ):
        product = a_product_at_10(given, owner)
        acts.limit(database, BOSS, acts.BUYERS, "50.00")
        buyer = ordering_by(issuer_database, database, "orders:write", "prices:read")
        assert isinstance(acts.order(database, buyer, (product, 5)), Placed)
        assert isinstance(acts.order(database, buyer, (product, 6)), Asked)

    def test_an_amount_may_be_set_for_it(self, database, issuer_database, owner, given):
        product = a_product_at_10(given, owner)
        acts.limit(database, BOSS, acts.BUYERS, "50.00")
        buyer = ordering_by(issuer_database, database, "orders:write", "prices:read")
        acts.limit(database, BOSS, f"role:{buyer.roles[0]}", "60.00")
        assert isinstance(acts.order(database, buyer, (product, 6)), Placed)
        assert isinstance(acts.order(database, buyer, (product, 7)), Asked)

    def test_a_role_that_does_not_order_has_none(self, issuer_database, database):
        code = composed(issuer_database, rights=["orders:read"])
        with pytest.raises(Invalid):
            acts.limit(database, BOSS, f"role:{code}", "60.00")

    def test_a_rivals_role_has_none_here(self, issuer_database, database):
        code = composed(issuer_database, by=cast.yuegang.boss)
        with pytest.raises(Invalid):
            acts.limit(database, BOSS, f"role:{code}", "60.00")

    def test_who_may_order_and_approve_by_one_role_does_not_approve_their_own(
        self, database, issuer_database, owner
    ):
        acts.limit(database, BOSS, acts.BUYERS, "1.00")
        rights = ("orders:write", "orders:approve", "prices:read", "orders:read")
        buyer = ordering_by(issuer_database, database, *rights)
        number = acts.order(database, buyer, (cast.gloves, 5)).number
        for decide in (acts.approve, acts.reject):
            with pytest.raises(Forbidden, match="same_person"):
                decide(database, buyer, number)
        assert orders(owner) == 0
        acts.approve(database, BOSS, number)
        assert orders(owner) == 1


def ordering_by(issuer_database, database, *rights):
    """The buyer, who has a role of the dealer's own and no other."""
    code = composed(issuer_database, rights=rights)
    given_roles(issuer_database, BUYER, code)
    return as_now(database, BUYER)
