"""What a page and a call cost in statements: within a budget, and the same however many rows there are to
show.
"""

from __future__ import annotations

import pytest

from portal.kernel.db import Database
from tests import cast
from tests.builders import Given, a_lot
from tests.routes.test_isolation import HOUSE, HOUSE_SYSTEMS, sent_to
from tests.routes.url_map import places
from tests.statement_count import counted_statements

BUDGET = 12
GETS = [place for place in places() if place.method == "GET" and place.endpoint != "static"]


@pytest.fixture(scope="module")
def cost(cluster, come, possessions):
    """Statements that each place costs its visitor, by place; the first of the house who is let in pays."""

    def of(place) -> int | None:
        for who in HOUSE_SYSTEMS if place.is_api else HOUSE:
            sent_to(
                place, who, come, possessions[cast.huadong.id]
            )  # what a process asks once is not what a page costs
            with counted_statements(cluster.app.username, cluster.issuer.username) as counted:
                answer = sent_to(place, who, come, possessions[cast.huadong.id])
            if answer.status_code == 200:
                return len(counted)
        return None

    return of


@pytest.fixture(scope="module")
def few(cost) -> dict[str, int | None]:
    """Costs with hardly anything to show."""
    return {str(place): cost(place) for place in GETS}


@pytest.fixture(scope="module")
def many(few, cost, house, everything) -> dict[str, int | None]:
    """Costs with twenty more of everything."""
    database = Database(house.database_url.get_secret_value())
    given = Given(everything, database)
    for _ in range(20):
        product = given.a_product(price="1.00")
        given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 100))
        order = given.an_order({product: 1, cast.gloves: 1}, by=cast.huadong.buyer)
        given.a_delivery_of(order.number)
        given.a_policy()
        given.a_dealer(region=cast.shanghai)
    database.dispose()
    return {str(place): cost(place) for place in GETS}


@pytest.mark.parametrize("place", GETS, ids=str)
def test_a_page_stays_within_its_budget(place, few):
    assert few[str(place)] is None or few[str(place)] <= BUDGET


@pytest.mark.parametrize("place", GETS, ids=str)
def test_more_rows_cost_no_more_statements(place, few, many):
    assert many[str(place)] == few[str(place)]
