"""Orders under promotions: what is charged, reserved, given, counted, and given back by a cancellation."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Invalid
from portal.pricing.receipts import replay, replay_amount
from tests import cast
from tests.builders import a_lot, net
from tests.orders.test_cancel_order import cancelled
from tests.orders.test_change_order import change
from tests.orders.test_place_order import level
from tests.promotions import acts
from tests.races import failures, together

DAY = "2026-01-01"


@pytest.fixture
def goods(given):
    """A product that costs everybody ¥100.00; plenty in Shanghai."""
    product = given.a_product(price="128.00")
    given.a_policy(*[net("100.00", product=product, tier=tier) for tier in "SABC"])
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 100_000))
    return product


def lines_of(owner, number: str):
    return owner.execute(
        text(
            "SELECT l.* FROM order_line l"
            " JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)"
            " WHERE o.number = :number ORDER BY l.line_no"
        ),
        {"number": number},
    ).all()


def budget_spent(owner, number: str) -> Decimal:
    return owner.execute(
        text(
            "SELECT b.spent FROM promotion_budget b JOIN promotion p ON p.id = b.promotion_id"
            " WHERE p.number = :number"
        ),
        {"number": number},
    ).scalar_one()


def test_a_discount_is_charged_proven_and_told(given, owner, goods):
    promotion = given.a_promotion(reward_percent=7, goods=[goods])
    placed = given.an_order({goods: 30})
    [line] = placed.answer["lines"]
    assert line["discounts"] == [{"promotion": promotion, "amount": "210.00"}]
    assert (line["unit_price"], line["amount"]) == ("100.00", "2790.00")
    assert (placed.answer["discount_total"], placed.answer["total"]) == ("210.00", "2790.00")
    [stored] = lines_of(owner, placed.number)
    assert (stored.discount, stored.amount) == (210, 2790)
    assert replay(stored.receipt) == stored.unit_price
    assert replay_amount(stored.receipt, stored.quantity) == stored.amount


def test_a_gift_is_a_line_of_its_own_that_reserves_stock(given, owner, goods):
    gift = given.a_product(price="58.00")
    given.stock_of(gift, cast.shanghai_warehouse, a_lot("G", 10))
    promotion = given.a_promotion("gift", goods=[goods], gift=(gift, 2, 24))
    placed = given.an_order({goods: 60})
    [bought, given_away] = placed.answer["lines"]
    assert not bought["gift"] and bought["amount"] == "6000.00"
    assert given_away == {
        "sku": gift.sku,
        "quantity": 4,
        "reserved": 4,
        "elsewhere": [],
        "backordered": 0,
        "promised_on": None,
        "unit_price": "0.00",
        "discounts": [],
        "gift": True,
        "amount": "0.00",
    }
    assert level(owner, cast.shanghai_warehouse, gift) == (10, 4)
    stored = lines_of(owner, placed.number)[1]
    assert stored.gift and stored.receipt[1]["policy"] == promotion
    assert stored.receipt[1]["effect"]["earned_by"] == [1]


def test_a_gift_of_what_is_bought_reserves_both(given, owner, goods):
    given.a_promotion("gift", goods=[goods], gift=(goods, 1, 10))
    before = level(owner, cast.shanghai_warehouse, goods)
    placed = given.an_order({goods: 35})
    assert [line["quantity"] for line in placed.answer["lines"]] == [35, 3]
    assert level(owner, cast.shanghai_warehouse, goods) == (before[0], before[1] + 38)


@pytest.mark.parametrize(("there", "given_away"), [(7, 6), (1, 0), (0, 0)])
def test_a_gift_the_warehouse_lacks_is_cut_to_whole_sets_and_told(given, goods, there, given_away):
    gift = given.a_product(price="58.00")
    given.stock_of(gift, cast.shanghai_warehouse, a_lot("G", there))
    promotion = given.a_promotion("gift", goods=[goods], gift=(gift, 2, 10))
    answer = given.an_order({goods: 50}).answer
    assert [line["quantity"] for line in answer["lines"] if line["gift"]] == (
        [given_away] if given_away else []
    )
    assert answer["missing_gifts"] == [
        {
            "promotion": promotion,
            "sku": gift.sku,
            "earned": 10,
            "given": given_away,
            "because": "stock_short",
        }
    ]


def test_a_gift_the_dealer_may_not_hold_is_left_out(given, goods):
    given.stock_of(cast.stent, cast.shanghai_warehouse, a_lot("G", 10))
    given.a_promotion("gift", goods=[goods], gift=(cast.stent, 1, 10))
    dealer = given.a_dealer()
    given.licences_of(dealer, *[one for one in dealer.licences if one.device_class < 3])
    answer = given.an_order({goods: 10}, by=dealer.buyer).answer
    assert [line["gift"] for line in answer["lines"]] == [False]
    assert [missing["because"] for missing in answer["missing_gifts"]] == ["not_allowed"]


def test_the_budget_cuts_the_discount_and_counts_it(given, owner, goods):
    promotion = given.a_promotion(reward_percent=10, goods=[goods], budget="150.00")
    first, second, third = (given.an_order({goods: 10}).answer for _ in range(3))
    assert [answer["discount_total"] for answer in (first, second, third)] == ["100.00", "50.00", "0.00"]
    assert budget_spent(owner, promotion) == 150


def test_fifty_orders_at_once_never_overspend(given, owner, goods):
    promotion = given.a_promotion(reward_percent=10, goods=[goods], budget="1000.00")
    buyers = (cast.huadong.buyer, cast.suzhou.buyer)
    outcomes = together(10, lambda i: [given.an_order({goods: 7}, by=buyers[i % 2]) for _ in range(5)])
    assert not failures(outcomes)
    given_away = sum(Decimal(one.answer["discount_total"]) for many in outcomes for one in many)
    assert given_away == budget_spent(owner, promotion) == 1000


@contextmanager
def budgets_held(database):
    """Another order, of somebody else, that has drawn on every budget and is not yet committed."""
    with transaction(database.system_session()) as session:
        session.execute(text("SELECT FROM promotion_budget ORDER BY promotion_id FOR NO KEY UPDATE"))
        yield


@pytest.mark.parametrize(
    "asks",
    [
        {"reward_percent": 10, "min_quantity": 50},
        {"reward_percent": 10, "min_amount": 5000},
        {"kind": "order_amount_off", "reward_amount": 30, "min_amount": 5000},
        {"reward_percent": 10, "registration_required": True},
    ],
)
def test_an_order_waits_for_no_budget_that_it_takes_nothing_of(given, database, goods, asks):
    given.a_promotion(**asks, goods=() if "kind" in asks else [goods], budget="150.00")
    with budgets_held(database):
        assert given.an_order({goods: 10}).answer["discount_total"] == "0.00"


def test_an_order_that_a_clearance_asks_more_of_waits_for_no_lot(given, database, goods):
    [lot] = given.stock_of(goods, cast.shanghai_warehouse, a_lot("OLD", 12))
    given.a_promotion(reward_percent=40, goods=[goods], lots={lot: 12}, min_quantity=11)
    with budgets_held(database):
        assert given.an_order({goods: 10}).answer["discount_total"] == "0.00"


def test_what_runs_costs_an_order_no_statement_unless_it_takes_of_a_limit(given, goods, count_statements):
    given.a_promotion(reward_percent=7, goods=[goods])
    limited = given.a_product(price="10.00")
    given.stock_of(limited, cast.shanghai_warehouse, a_lot("L", 100))
    given.a_promotion(reward_percent=10, goods=[limited], min_quantity=5, budget="150.00")
    with count_statements() as without:
        given.an_order({goods: 1, limited: 1})
    with count_statements() as drawn:
        given.an_order({limited: 5})
    assert len(without) == 4, without  # standing, offers with what runs, write, what it has of the promotion
    assert len(drawn) == 5, drawn  # and the budget, held


def test_the_limit_of_a_dealer_is_its_own(given, goods):
    given.a_promotion(reward_percent=10, goods=[goods], per_dealer_cap=Decimal(120))
    own = [given.an_order({goods: 10}).answer["discount_total"] for _ in range(2)]
    assert own == ["100.00", "20.00"]
    assert given.an_order({goods: 10}, by=cast.suzhou.buyer).answer["discount_total"] == "100.00"


def test_a_cumulative_promotion_counts_what_was_ordered_before(given, goods):
    given.a_promotion("cumulative", goods=[goods], reward_percent=3, period_amount=Decimal(10_000))
    assert given.an_order({goods: 96}).answer["discount_total"] == "0.00"
    assert given.an_order({goods: 3}).answer["discount_total"] == "0.00"
    assert given.an_order({goods: 1}).answer["discount_total"] == "3.00"  # exactly 10,000.00
    assert given.an_order({goods: 10}).answer["discount_total"] == "30.00"


def test_an_amount_for_what_was_reached_is_given_once(given, goods):
    given.a_promotion("cumulative", goods=[goods], reward_amount=Decimal(50), period_amount=Decimal(1_000))
    assert [given.an_order({goods: 10}).answer["discount_total"] for _ in range(2)] == ["50.00", "0.00"]


def test_the_first_order_is_the_first_that_stands(given, database, goods):
    given.a_promotion(reward_percent=5, first_order=True)
    dealer = given.a_dealer()
    first = given.an_order({goods: 10}, by=dealer.buyer)
    assert first.answer["discount_total"] == "50.00"
    assert given.an_order({goods: 10}, by=dealer.buyer).answer["discount_total"] == "0.00"


def test_a_clearance_ends_with_its_lots(given, owner, goods):
    [lot] = given.stock_of(goods, cast.shanghai_warehouse, a_lot("OLD", 12))
    given.a_promotion(reward_percent=40, goods=[goods], lots={lot: 12})
    first, second = (given.an_order({goods: 8}).answer["discount_total"] for _ in range(2))
    assert (first, second) == ("320.00", "160.00")
    assert given.an_order({goods: 8}).answer["discount_total"] == "0.00"


def test_an_order_changed_to_what_a_clearance_offers_takes_of_its_lots(given, database, goods):
    other = given.a_product(price="10.00")
    given.stock_of(other, cast.shanghai_warehouse, a_lot("B", 100))
    [lot] = given.stock_of(goods, cast.shanghai_warehouse, a_lot("OLD", 12))
    given.a_promotion(reward_percent=40, goods=[goods], lots={lot: 12})
    placed = given.an_order({other: 1})
    assert change(database, placed.number, {goods: 8}).answer["discount_total"] == "320.00"


def test_cancelling_gives_everything_back(given, database, owner, goods):
    [lot] = given.stock_of(goods, cast.shanghai_warehouse, a_lot("OLD", 12))
    budgeted = given.a_promotion(reward_percent=10, goods=[goods], budget="150.00")
    given.a_promotion("cumulative", reward_percent=1, period_amount=Decimal(900))
    cleared = given.a_promotion(reward_percent=40, goods=[goods], lots={lot: 12}, priority=2)
    order = given.an_order({goods: 30})
    assert budget_spent(owner, budgeted) == 150
    cancelled(database, order.number)
    assert budget_spent(owner, budgeted) == budget_spent(owner, cleared) == 0
    left = owner.execute(text("SELECT spent, reached FROM promotion_dealer WHERE spent <> 0 OR reached <> 0"))
    assert left.all() == []
    assert owner.execute(text("SELECT sum(used) FROM promotion_lot")).scalar_one() == 0
    assert given.an_order({goods: 30}).answer["discount_total"] == order.answer["discount_total"]


def test_another_dealers_promotion_is_none_of_mine(given, goods):
    given.a_promotion(reward_percent=50, goods=[goods], for_dealers=[cast.suzhou])
    given.a_promotion(reward_percent=50, goods=[goods], tiers=["C"])
    given.a_promotion(reward_percent=50, goods=[goods], region_ids=[cast.guangdong.id])
    assert given.an_order({goods: 10}).answer["discount_total"] == "0.00"


def test_what_a_buyer_has_seen_includes_the_promotion(given, goods):
    with pytest.raises(Conflict) as refusal:
        given.an_order({goods: 10}, seen="another")
    assert refusal.value.code == "changed_since_seen"
    given.a_promotion(reward_percent=10, goods=[goods])
    with pytest.raises(Conflict):
        given.an_order({goods: 10}, expected_total=Decimal("1000.00"))
    assert given.an_order({goods: 10}, expected_total=Decimal("900.00")).answer["total"] == "900.00"


def test_an_order_that_is_refused_takes_nothing(given, owner, goods):
    promotion = given.a_promotion(reward_percent=10, goods=[goods], budget="150.00")
    with pytest.raises(Invalid):
        given.an_order({goods: 10_000_000})
    assert budget_spent(owner, promotion) == 0


def test_no_promotion_takes_a_unit_below_its_floor_unless_it_may(given, owner, goods):
    owner.execute(
        text(
            "INSERT INTO floor_price (product_id, valid_from, unit_price, set_by, set_by_label)"
            " VALUES (:product, :since, 95, 'system', 'system')"
        ),
        {"product": goods.id, "since": cast.PRICES_SINCE},
    )
    given.a_promotion(reward_percent=10, goods=[goods], for_dealers=[cast.huadong])
    given.a_promotion(reward_percent=10, goods=[goods], for_dealers=[cast.suzhou], may_pass_floor=True)
    assert given.an_order({goods: 10}).answer["discount_total"] == "50.00"
    assert given.an_order({goods: 10}, by=cast.suzhou.buyer).answer["discount_total"] == "100.00"


def test_an_order_is_wholly_before_or_wholly_after_a_promotion(given, database, owner, goods):
    draft, _ = acts.draft(database, percent=Decimal(10), skus=(goods.sku,))
    acts.submit(database, draft)
    acts.approve(database, draft)
    buyers = (cast.huadong.buyer, cast.suzhou.buyer)
    outcomes = together(
        7,
        lambda i: acts.publish(database, draft) if i == 3 else given.an_order({goods: 10}, by=buyers[i % 2]),
    )
    assert not failures(outcomes)
    since = owner.execute(
        text("SELECT published_at FROM promotion WHERE id = :id"), {"id": draft}
    ).scalar_one()
    orders = owner.execute(text("SELECT placed_at, total FROM sales_order")).all()
    assert len(orders) == 6
    assert {(row.placed_at >= since, row.total) for row in orders} <= {(True, 900), (False, 1000)}
