"""What buying more would earn: by the engine, and what is missing to a tier gives what that tier promises."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from portal.dealers.queries import load_dealer
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.rebates.rules import Basis, Measure, Method
from portal.rebates.source_lines import LineKind
from portal.rebates.supposed import amount_of, in_proportion, lines_bought
from portal.rebates.terms import MixTerms, TierTerms
from portal.rebates.what_if import WhatIf, supposed, what_if
from tests import cast
from tests.ledger.acts import delivered, paid
from tests.rebates.acts import earned_by, percents, published, reckoned
from tests.rebates.test_engine import sold

TIERS = percents(("0", "1.37"), ("700", "2.9"), ("1100", "4.41"))


def asked(
    database, number: str, amount="", quantity="", sku="", *, by=cast.huadong, today=cast.TODAY
) -> WhatIf:
    with transaction(database.session_for(by.buyer.actor())) as session:
        dealer = load_dealer(session, by.id, day=today)
        more = supposed(amount, quantity, sku)
        return what_if(session, dealer=dealer, number=number, more=more, today=today, at=cast.NOW)


@pytest.fixture
def bought(given, database):
    delivered(given, database, {cast.gloves: 11, cast.gauze: 3})


@pytest.mark.usefixtures("bought")
def test_what_is_missing_gives_what_the_next_tier_promises(database):
    paid(database, "100.00")
    numbers = [
        published(database, tiers_of=TIERS, method=method, measure=measure)[1]
        for method in Method
        for measure in Measure
    ]
    reckoned(database)
    for number in numbers:
        now = earned_by(database, number)
        found = asked(database, number, f"{now.next_tier.missing:.2f}")
        assert found.now.accrued == now.accrued
        assert found.gain == now.next_tier.gain
        assert found.then.qualified == now.qualified + now.next_tier.missing
        assert found.then.reached_tier == now.reached_tier + 1


@pytest.mark.usefixtures("bought")
def test_pieces_of_a_product_cost_what_they_cost(database):
    _, number = published(database, tiers_of=percents(("0", "2")))
    reckoned(database)
    found = asked(database, number, quantity="１０", sku="GLOVES")
    [goods] = found.goods
    assert (goods.quantity, goods.gross, found.gain) == (10, D("200.00"), D("4.00"))
    by_money = asked(database, number, "¥1,000.00", sku="GLOVES")
    assert (by_money.goods[0].quantity, by_money.gain) == (50, D("20.00"))


@pytest.mark.usefixtures("bought")
def test_a_tier_by_pieces_is_reached_by_money_too(database):
    tiers = (TierTerms(D(0), amount_per_unit=D(1)), TierTerms(D(20), amount_per_unit=D(2)))
    _, number = published(database, basis=Basis.QUANTITY, tiers_of=tiers, skus=("GLOVES",))
    reckoned(database)
    assert asked(database, number, quantity="9").gain == 2 * 20 - 11
    assert asked(database, number, "180.00").gain == 2 * 20 - 11


@pytest.mark.usefixtures("bought")
def test_goods_that_another_programme_keeps_earn_nothing_more(database):
    published(database, tiers_of=percents(("0", "5")), combinable=False)
    _, second = published(database, priority=2, tiers_of=percents(("0", "3")))
    reckoned(database)
    assert earned_by(database, second).accrued == 0
    assert asked(database, second, "1000").gain == 0


def test_without_purchases_an_amount_is_enough_where_nothing_else_is_asked(database):
    _, plain = published(database, tiers_of=TIERS)
    _, mixed = published(database, tiers_of=TIERS, mix=MixTerms(D(20), skus=("GAUZE",)))
    reckoned(database)
    assert asked(database, plain, "1100").gain == D("48.51")
    for number, how in ((mixed, {"amount": "1100"}), (plain, {"quantity": "5"})):
        with pytest.raises(Invalid) as refused:
            asked(database, number, **how)
        assert [one.code for one in refused.value.faults] == ["choose_product"]


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        (("", "", ""), {"/amount": "one_of_them"}),
        (("5", "5", ""), {"/quantity": "one_of_them"}),
        (("-5", "", ""), {"/amount": "amount"}),
        (("1000000000.01", "", ""), {"/amount": "amount"}),
        (("", "1000000001", ""), {"/quantity": "quantity"}),
        (("much", "1.5", ""), {"/amount": "not_money", "/quantity": "quantity_not_whole"}),
    ],
)
def test_what_is_no_amount_is_refused_at_its_field(typed, faults):
    with pytest.raises(Invalid) as refused:
        supposed(*typed)
    assert {one.pointer: one.code for one in refused.value.faults} == faults


def test_what_does_not_count_is_refused(database):
    _, number = published(database, skus=("GAUZE",))
    ended = published(database, valid_from=cast.TODAY, valid_to=cast.TODAY)[1]
    reckoned(database)
    for sku, code in (
        ("NOPE", "unknown_sku"),
        ("GLOVES", "not_in_programme"),
        ("é" * 99, "unknown_sku"),
    ):
        with pytest.raises(Invalid) as refused:
            asked(database, number, "5", sku=sku)
        assert [one.code for one in refused.value.faults] == [code]
    with pytest.raises(NotFound):
        asked(database, number, "5", by=cast.yuegang)
    with pytest.raises(NotFound):
        asked(database, "FL-NONE", "5")
    with pytest.raises(Conflict):
        asked(database, ended, "5", today=cast.TODAY + timedelta(days=1))


@pytest.mark.usefixtures("bought")
def test_one_programme_of_one_dealer_is_read(database, count_statements):
    _, number = published(database)
    counts = []
    for _ in range(2):
        with count_statements() as counted:
            asked(database, number, "5")
        counts.append(len(counted))
        for place in range(3):
            published(database, title_en=f"Another {place}")
    assert counts[0] == counts[1] <= 9


BOUGHT = st.lists(
    st.tuples(st.sampled_from(["GC-6F", "ST-1", "ST-2"]), st.integers(1, 50), st.integers(1, 10**6)),
    min_size=1,
    max_size=8,
)


@examples(BOUGHT, st.integers(1, 10**9), st.sampled_from(list(Basis)))
def test_the_proportions_add_up_to_what_is_supposed(lines, more, basis):
    known = [
        sold(place, units, D(fen) * units / 100, sku=sku) for place, (sku, units, fen) in enumerate(lines)
    ]
    asked_for = D(more) if basis is Basis.QUANTITY else D(more) / 100
    goods = in_proportion(known, lambda line: True, basis, asked_for)
    if goods:
        assert sum(amount_of(one, basis) for one in goods) == asked_for
        assert {one.sku for one in goods} <= {line.sku for line in known}
        assert all(line.kind is LineKind.SALE for line in lines_bought(goods, cast.TODAY))
