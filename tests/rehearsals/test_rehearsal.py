"""A draft over the past: every line as it would be priced alone, the whole as it was paid."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from jobs import rehearsals as job
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.kernel.outbox import Effect
from portal.pricing.rules import RuleInForce
from portal.pricing.stages import price
from portal.rehearsals.ask_rehearsal import ask_rehearsal
from portal.rehearsals.perform import Asked, perform
from portal.rehearsals.queries import rehearsal, rehearsals
from portal.rehearsals.rules import DatedRule, PastLine, Repricer, distribution, rehearse
from tests import cast
from tests.builders import a_lot, net, percent_off
from tests.jobs.conftest import at_work  # noqa: F401 - a fixture

LONG_AGO = cast.PRICES_SINCE - timedelta(days=1)


@pytest.fixture
def goods(given):
    """Two products that cost everybody ¥100.00 and ¥40.00."""
    found = []
    for list_price, net_price in (("128.00", "100.00"), ("50.00", "40.00")):
        product = given.a_product(price=list_price)
        given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 100_000))
        given.a_policy(*[net(net_price, product=product, tier=tier) for tier in "SABC"])
        found.append(product)
    return found


def asked_for(database, policy_id, months="12", person=cast.national_manager):
    with transaction(database.staff_session(person.actor())) as session:
        return ask_rehearsal(session, actor=person.actor(), policy_id=policy_id, months=months, at=cast.NOW)


def performed(database, policy_id):
    told = []
    with transaction(database.system_session()) as session:
        result = perform(
            session,
            asked=Asked(policy_id, 1, LONG_AGO),
            progress=lambda done, total: told.append((done, total)),
        )
    return result, told


def test_a_rehearsal_is_what_pricing_line_by_line_gives(given, database, owner, goods):
    first, second = goods
    for quantity in (1, 40, 60, 40):
        given.an_order({first: quantity, second: 10})
    given.an_order({first: 60}, by=cast.suzhou.buyer)
    draft = given.a_policy(
        percent_off({1: "10", 50: "25"}, product=first, dealer=cast.huadong),
        net("39.00", product=second, tier=cast.huadong.tier),
        published_at=None,
    )
    result, told = performed(database, draft)
    expected = Decimal(0)
    rows = owner.execute(
        text(
            "SELECT l.*, o.dealer_id AS buyer FROM order_line l JOIN sales_order o USING (dealer_id)"
            " WHERE o.id = l.order_id"
        )
    ).all()
    for row in rows:
        unit_price = row.unit_price
        if row.product_id == first.id and row.buyer == cast.huadong.id:
            unit_price = Decimal("115.20") if row.quantity < 50 else Decimal("96.00")
        if row.product_id == second.id and row.buyer == cast.huadong.id:
            unit_price = Decimal("39.00")
        expected += unit_price * row.quantity
    then = owner.execute(text("SELECT sum(total) FROM sales_order")).scalar_one()
    assert Decimal(result["revenue_then"]) == then
    assert Decimal(result["revenue_under_draft"]) == expected
    assert result["order_lines"] == len(rows) == told[-1][0] == told[-1][1]
    for part in ("dealers", "regions", "tiers", "products"):
        assert sum(Decimal(one["then"]) for one in result[part]) == then
        assert sum(Decimal(one["under_draft"]) for one in result[part]) == expected


def test_a_draft_that_takes_a_rule_away_brings_the_next_one(given, database, owner, goods):
    """The new version of a number stands in the place of the one in force, which it no longer repeats."""
    [product, _] = goods
    policy = given.a_policy(net("77.00", product=product, dealer=cast.huadong))
    given.an_order({product: 10})
    number = owner.execute(
        text("SELECT number FROM price_policy WHERE id = :id"), {"id": policy}
    ).scalar_one()
    draft = given.a_policy(net("1.00", product=cast.gauze), published_at=None)
    owner.execute(
        text("UPDATE price_policy SET number = :number, version = 2 WHERE id = :id"),
        {"number": number, "id": draft},
    )
    result, _ = performed(database, draft)
    assert (result["revenue_then"], result["revenue_under_draft"]) == ("770.00", "1000.00")


def test_what_promotions_took_off_stays_taken_off(given, database, goods):
    [product, _] = goods
    given.a_promotion(reward_percent=10, goods=[product])
    given.an_order({product: 10})
    draft = given.a_policy(net("90.00", product=product, dealer=cast.huadong), published_at=None)
    result, _ = performed(database, draft)
    assert (result["revenue_then"], result["revenue_under_draft"]) == ("900.00", "800.00")


def test_a_regions_policy_is_rehearsed_over_its_region(given, database, goods):
    [product, _] = goods
    given.an_order({product: 10})
    elsewhere = given.a_policy(net("90.00", product=product), region=cast.guangdong, published_at=None)
    here = given.a_policy(net("90.00", product=product), region=cast.shanghai, published_at=None)
    assert performed(database, elsewhere)[0]["order_lines"] == 0
    assert performed(database, here)[0]["order_lines"] == 1


def test_the_job_tells_how_far_it_is_and_keeps_the_result(given, database, goods, at_work):  # noqa: F811
    [product, _] = goods
    given.an_order({product: 10})
    draft = given.a_policy(net("90.00", product=product, dealer=cast.huadong), published_at=None)
    asked = asked_for(database, draft)
    effect = Effect(1, "policy.rehearsal", None, {"rehearsal": asked}, 0)
    job.rehearse(effect)
    job.rehearse(effect)  # a second time finds it done
    with transaction(database.staff_session(cast.national_manager.actor())) as session:
        found = rehearsal(session, actor=cast.national_manager.actor(), policy_id=draft, place=1)
    assert (found.state, found.done, found.total) == ("done", 1, 1)
    assert found.result["revenue_under_draft"] == "900.00"


def test_only_one_at_a_time_and_only_of_a_draft(given, database, goods):
    [product, _] = goods
    draft = given.a_policy(net("90.00", product=product), published_at=None)
    asked_for(database, draft)
    with pytest.raises(Conflict) as refusal:
        asked_for(database, draft)
    assert refusal.value.code == "rehearsal_under_way"
    with pytest.raises(Conflict):
        asked_for(database, given.a_policy(net("90.00", product=product)))


@pytest.mark.parametrize("months", ["0", "25", "zwölf", "-1", "1.5", ""])
def test_months_that_are_none_are_refused_beside_the_field(given, database, goods, months):
    draft = given.a_policy(net("90.00", product=goods[0]), published_at=None)
    with pytest.raises(Invalid) as refusal:
        asked_for(database, draft, months)
    assert refusal.value.faults[0].pointer == "/months"


def test_another_regions_manager_neither_asks_nor_reads(given, database, goods):
    draft = given.a_policy(net("90.00", product=goods[0]), region=cast.guangdong, published_at=None)
    asked_for(database, draft)
    stranger = cast.east_manager
    with pytest.raises(NotFound):
        asked_for(database, draft, person=stranger)
    with pytest.raises(NotFound), transaction(database.staff_session(stranger.actor())) as session:
        rehearsals(session, actor=stranger.actor(), policy_id=draft)


def test_whoever_had_nothing_counts_in_no_step():
    pairs = [(Decimal(100), Decimal(100)), (Decimal(100), Decimal(69)), (Decimal(0), Decimal(5))]
    counts = distribution(pairs)
    assert sum(counts) == 2 and counts[0] == 1


def test_lines_of_one_kind_are_priced_once():
    rule = RuleInForce(1, "P", 1, cast.NOW, None, None, None, None, 7, None, "net", (1,), (Decimal("9.00"),))
    repricer = Repricer(
        [DatedRule(rule, None, True)], categories={7: "01"}, parents={1: None}, floors={7: Decimal("9.00")}
    )
    line = PastLine(1, "A", 1, 7, 10, cast.NOW, Decimal(12), Decimal("0.13"), Decimal(360), Decimal(0), 3)
    effect = rehearse([line], repricer)
    alone = price(Decimal(12), [rule], 10, (1,), Decimal("0.13")).amount
    assert effect.whole.under_draft == 3 * alone == 270
    assert effect.floor_hits == 3
