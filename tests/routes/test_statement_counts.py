"""What a page and a call cost in statements: within a budget, and the same however many rows there are to
show.
"""

from __future__ import annotations

import pytest

from portal.kernel.db import Database
from tests import cast
from tests.builders import Given, a_lot
from tests.routes.test_isolation import HOUSE, HOUSE_SYSTEMS, sent_to
from tests.routes.url_map import routes
from tests.statement_count import counted_statements

BUDGET = 12
WIDER = {
    "GET /": 13,  # the overviews ask each capability once what waits
    "GET /hq/": 16,
    "GET /hq/rebates/claims/<number>": 13,  # by when it is due, by the calendar of working days
    "GET /hq/service-requests/<number>/visits/<int:visit_no>": 13,  # request, repair, check-list and lots
}
GETS = [route for route in routes() if route.method == "GET" and route.endpoint != "static"]


@pytest.fixture(scope="module")
def cost(cluster, client_of, owned_numbers):
    """Statements that each route costs its visitor, by route; the first of the house who is let in pays."""

    def of(route) -> int | None:
        for who in HOUSE_SYSTEMS if route.is_api else HOUSE:
            sent_to(
                route, who, client_of, owned_numbers[cast.huadong.id]
            )  # what a process asks once is not what a page costs
            with counted_statements(cluster.app.username, cluster.issuer.username) as counted:
                answer = sent_to(route, who, client_of, owned_numbers[cast.huadong.id])
            if answer.status_code == 200:
                return len(counted)
        return None

    return of


@pytest.fixture(scope="module")
def few(cost) -> dict[str, int | None]:
    """Costs with hardly anything to show."""
    return {str(route): cost(route) for route in GETS}


@pytest.fixture(scope="module")
def many(few, cost, portal_settings, everything) -> dict[str, int | None]:
    """Costs with twenty more of everything."""
    database = Database(portal_settings.database_url.get_secret_value())
    given = Given(everything, database)
    for _ in range(20):
        product = given.a_product(price="1.00")
        given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 100))
        order = given.an_order({product: 1, cast.gloves: 1}, by=cast.huadong.buyer)
        given.a_delivery_of(order.number)
        given.a_policy()
        given.a_dealer(region=cast.shanghai)
    database.dispose()
    return {str(route): cost(route) for route in GETS}


@pytest.mark.parametrize("route", GETS, ids=str)
def test_a_page_stays_within_its_budget(route, few):
    assert few[str(route)] is None or few[str(route)] <= WIDER.get(str(route), BUDGET)


@pytest.mark.parametrize("route", GETS, ids=str)
def test_more_rows_cost_no_more_statements(route, few, many):
    assert many[str(route)] == few[str(route)]
