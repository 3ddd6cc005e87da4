"""What the cart says an order earns is what the engine pays once it is shipped: to the fen, of every kind."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.orders.request import OrderRequest
from portal.orders.rules import Wanted
from portal.orders.validate_order import validate_order
from portal.rebates.order_rebate import OrderRebate, order_rebate
from portal.rebates.rules import Basis, GrowthBy, GrowthPays, LateReturns, Measure, Method, OnTimeMode
from portal.rebates.terms import GradeTerms, GrowthTerms, MixTerms, OnTimeTerms, PayoutTerms, TierTerms
from tests import cast
from tests.builders import TERMS
from tests.ledger.acts import delivered, paid
from tests.rebates.acts import MONTH_BEGINS, percents, published, reckoned

ORDER = {cast.gloves: 13, cast.gauze: 7}
TIERS = percents(("0", "1.37"), ("700", "2.9"), ("1100", "4.41"))
PER_PIECE = (TierTerms(D(0), amount_per_unit=D("0.33")), TierTerms(D(30), amount_per_unit=D("1.07")))
INCREMENTAL = {"method": Method.INCREMENTAL, "tiers_of": TIERS}
GRADES = OnTimeTerms(OnTimeMode.GRADED, grades=(GradeTerms(10, D("81.5")),))
COMBINED = {
    "all units, a tier reached": {"tiers_of": TIERS},
    "incremental, across a boundary": INCREMENTAL,
    "shipped, without tax": {"measure": Measure.SHIPPED, "basis": Basis.AMOUNT_NET, "tiers_of": TIERS},
    "pieces": {"basis": Basis.QUANTITY, "tiers_of": PER_PIECE},
    "a fixed amount": {"tiers_of": (TierTerms(D(0), D(1)), TierTerms(D(600), fixed=D("77.77")))},
    "a cap": {"tiers_of": TIERS, "cap": D("20.00")},
    "money on other goods": {"payout": PayoutTerms(Basis.AMOUNT_NET, skus=("GAUZE",)), "tiers_of": TIERS},
    "growth": {
        "growth": GrowthTerms(GrowthBy.AMOUNT, GrowthPays.INCREASE, base_at_least=D("555.00")),
        "tiers_of": percents(("0", "3"), ("300", "7")),
    },
    "a mix that is missed and then met": {"mix": MixTerms(D(5), skus=("GAUZE",)), "tiers_of": TIERS},
}
WHEN_PAID = {
    "money received": {"measure": Measure.PAID, "tiers_of": TIERS},
    "on time or nothing": {"on_time": OnTimeTerms(OnTimeMode.ALL), "tiers_of": TIERS},
    "late earns nothing": {"on_time": OnTimeTerms(OnTimeMode.LATE_EXCLUDED), **INCREMENTAL},
    "by the days": {"on_time": GRADES, "tiers_of": TIERS},
}
EXCLUSIVE = {
    "one that closes its goods": [
        {"tiers_of": percents(("900", "5")), "combinable": False, "method": Method.INCREMENTAL},
        {"priority": 2, "tiers_of": TIERS},
        {"priority": 3, "combinable": False, "tiers_of": percents(("0", "9"))},
    ],
    "one that takes what others left": [
        {"skus": ("GLOVES",), **INCREMENTAL, "late_returns": LateReturns.ORIGIN_PERIOD},
        {"priority": 2, "combinable": False, "tiers_of": percents(("0", "6"))},
    ],
}


def said_of_the_order(database) -> OrderRebate:
    """What the cart would say."""
    actor = cast.huadong.buyer.actor()
    with transaction(database.session_for(actor)) as session:
        lines = [
            Wanted(product.sku, units, f"/lines/{place}")
            for place, (product, units) in enumerate(ORDER.items())
        ]
        assessment = validate_order(
            session,
            actor=actor,
            dealer_id=actor.dealer_id,
            request=OrderRequest(lines),
            terms=TERMS,
        )
        bought = [line for line in assessment.lines if not line.is_gift]
        return order_rebate(session, dealer_id=actor.dealer_id, lines=bought, today=cast.TODAY)


def accrued(owner) -> dict[str, D]:
    """What each programme has earned so far, by its number."""
    rows = owner.execute(
        text(
            "SELECT p.number, a.accrued FROM rebate_accrual a"
            " JOIN rebate_programme p ON p.id = a.programme_id WHERE a.dealer_id = :id"
        ),
        {"id": cast.huadong.id},
    )
    return {row.number: row.accrued for row in rows}


def growth(before: dict[str, D], after: dict[str, D]) -> dict[str, D]:
    return {number: after[number] - before[number] for number in after}


def of_the_last_invoice(owner) -> list[D]:
    """What its lines earned, in their order."""
    return list(
        owner.execute(
            text(
                "SELECT sum(l.amount) FROM rebate_accrual_line l WHERE l.dealer_id = :id AND l.document IN"
                " (SELECT unnest(ARRAY[i.number, s.number]) FROM invoice i"
                "    JOIN shipment s ON s.id = i.shipment_id ORDER BY i.id DESC LIMIT 2)"
                " GROUP BY l.line_no ORDER BY l.line_no"
            ),
            {"id": cast.huadong.id},
        ).scalars()
    )


@pytest.fixture
def bought_before(given, database):
    yesterday = max(cast.TODAY - timedelta(days=1), MONTH_BEGINS)
    delivered(given, database, {cast.gloves: 11, cast.gauze: 1}, on=yesterday)
    return delivered(given, database, {cast.gloves: 5}, on=yesterday)


def gains(told: OrderRebate) -> dict[str, D]:
    return {one.number: one.amount for one in told.gains}


@pytest.mark.usefixtures("bought_before")
@pytest.mark.parametrize("together", [COMBINED.values(), *EXCLUSIVE.values()], ids=["combined", *EXCLUSIVE])
def test_what_is_said_is_what_is_paid(given, database, owner, together):
    for said in together:
        published(database, **said)
    reckoned(database)
    before = accrued(owner)
    told = said_of_the_order(database)
    delivered(given, database, ORDER)
    reckoned(database)
    grown = growth(before, accrued(owner))
    assert gains(told) == grown and told.total == sum(grown.values())
    assert all(grown.values()) or len(grown) < len(COMBINED)
    assert not any(gain.when_paid for gain in told.gains)
    assert list(told.lines) == of_the_last_invoice(owner)


@pytest.mark.usefixtures("bought_before")
def test_what_waits_for_money_is_said_and_paid_then(given, database, owner):
    for said in WHEN_PAID.values():
        published(database, **said)
    paid(database, owner.execute(text("SELECT sum(gross)::text FROM invoice")).scalar_one())
    reckoned(database)
    before = accrued(owner)
    told = said_of_the_order(database)
    assert [gain.when_paid for gain in told.gains] == [True] * len(WHEN_PAID)
    delivered(given, database, ORDER)
    owed = owner.execute(text("SELECT gross::text FROM invoice ORDER BY id DESC LIMIT 1")).scalar_one()
    paid(database, owed)
    reckoned(database)
    grown = growth(before, accrued(owner))
    assert gains(told) == grown and all(grown.values())
