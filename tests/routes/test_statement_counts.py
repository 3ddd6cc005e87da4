"""What a page and a call cost in statements: within a budget, and the same however many rows there are to
show.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pytest

from portal.kernel.db import Database
from tests import cast
from tests.builders import Given, a_lot
from tests.roles import Person, System
from tests.routes.test_isolation import HOUSE, HOUSE_SYSTEMS, sent_to
from tests.routes.url_map import routes
from tests.statement_count import counted_statements

BUDGET = 12
WIDER = {
    "GET /": 14,  # the overviews ask each capability once what waits
    "GET /hq/": 16,
    "GET /hq/finance": 20,  # an overview too, of all that concerns money, with its figures
    "GET /hq/rebates/claims/<number>": 13,  # by when it is due, by the calendar of working days
    "GET /hq/service-requests/<number>/visits/<int:visit_no>": 13,  # request, repair, check-list and lots
}
GETS = [route for route in routes() if route.method == "GET" and route.endpoint != "static"]


class Cost(NamedTuple):
    """Statements of a page, and who paid them."""

    statements: int
    who: Person | System


@pytest.fixture(scope="module")
def cost(cluster, client_of, owned_numbers):
    """What each route costs its visitor; the first of the house who is let in pays."""

    def of(route, house: Sequence[Person | System]) -> Cost | None:
        for who in house:
            # What a process asks once is not what a page costs; and who is not let in does not come again.
            if sent_to(route, who, client_of, owned_numbers[cast.huadong.id]).status_code != 200:
                continue
            with counted_statements(cluster.app.username, cluster.issuer.username) as counted:
                answer = sent_to(route, who, client_of, owned_numbers[cast.huadong.id])
            if answer.status_code == 200:
                return Cost(len(counted), who)
        return None

    return of


def house_of(route) -> Sequence[Person | System]:
    """Who of the house may have business there."""
    return HOUSE_SYSTEMS if route.is_api else HOUSE


@pytest.fixture(scope="module")
def few(cost) -> dict[str, Cost | None]:
    """Costs with hardly anything to show."""
    return {str(route): cost(route, house_of(route)) for route in GETS}


@pytest.fixture(scope="module")
def many(few, cost, portal_settings, everything) -> dict[str, Cost | None]:
    """Costs with twenty more of everything, for whoever paid before."""
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
    before = {route: few[str(route)] for route in GETS}
    return {
        str(route): cost(route, [paid.who] if paid else house_of(route)) for route, paid in before.items()
    }


@pytest.mark.parametrize("route", GETS, ids=str)
def test_a_page_stays_within_its_budget(route, few):
    assert few[str(route)] is None or few[str(route)].statements <= WIDER.get(str(route), BUDGET)


@pytest.mark.parametrize("route", GETS, ids=str)
def test_more_rows_cost_no_more_statements(route, few, many):
    assert many[str(route)] == few[str(route)]
