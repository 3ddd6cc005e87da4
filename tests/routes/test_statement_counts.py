"""What a page and a call cost in statements: within a budget, and the same however many rows there are to
show.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pytest

from tests import cast, servers
from tests.builders import Given, a_lot
from tests.roles import Person, System
from tests.routes.test_isolation import HOUSE, HOUSE_SYSTEMS, OURS, STAFF, sent_to
from tests.routes.url_map import routes
from tests.statement_count import counted_statements

# Every page is visited before the first of these tests, and again with more rows to show.
pytestmark = pytest.mark.timeout(300)

BUDGET = 12
WIDER = {
    "GET /hq/rebates/claims/<number>": 13,  # by when it is due, by the calendar of working days
    "GET /hq/service-requests/<number>/visits/<int:visit_no>": 13,  # request, repair, check-list and lots
}
_VISITS_MAX = 9
GETS = [route for route in routes() if route.method == "GET" and route.endpoint != "static"]


class Cost(NamedTuple):
    """Statements of a page, and who paid them."""

    statements: int
    who: Person | System


@pytest.fixture(scope="module")
def visited(cluster, client_of, owned_numbers):
    """How many statements one visit of a route costs somebody; None for who is not let in."""

    def by(route, who: Person | System) -> int | None:
        with counted_statements(cluster.app.username, cluster.issuer.username) as counted:
            answer = sent_to(route, who, client_of, owned_numbers[cast.huadong.id])
        return len(counted) if answer.status_code == 200 else None

    return by


@pytest.fixture(scope="module")
def cost(visited):
    """What each route costs its visitor; the first of the house who is let in pays.

    What a process keeps for seconds is asked now and then, and is not what a page costs: that is what two
    visits running did.
    """

    def of(route, house: Sequence[Person | System]) -> Cost | None:
        for who in house:
            before = visited(route, who)
            for _ in range(_VISITS_MAX):
                statements = None if before is None else visited(route, who)
                if statements is None:
                    break
                if statements == before:
                    return Cost(statements, who)
                before = statements
            else:
                pytest.fail(f"{route} never costs {who} the same twice running")
        return None

    return of


def house_of(route) -> Sequence[Person | System]:
    """Who of the house may have business there."""
    if route.is_api:
        return HOUSE_SYSTEMS
    return {"dealers": OURS.people, "staff": STAFF}.get(route.audience, HOUSE)


@pytest.fixture(scope="module")
def few(cost) -> dict[str, Cost | None]:
    """Costs with hardly anything to show."""
    return {str(route): cost(route, house_of(route)) for route in GETS}


@pytest.fixture(scope="module")
def many(few, visited, cost, portal_settings, everything) -> dict[str, Cost | None]:
    """Costs with twenty more of everything, for whoever paid before."""
    database = servers.database(portal_settings.database_url.get_secret_value())
    given = Given(everything, database)
    for _ in range(20):
        product = given.a_product(price="1.00")
        given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 100))
        order = given.an_order({product: 1, cast.gloves: 1}, by=cast.huadong.buyer)
        given.a_delivery_of(order.number)
        given.a_policy()
        given.a_dealer(region=cast.shanghai)
    database.dispose()

    def now(route, paid: Cost | None) -> Cost | None:
        # No visit costs less than the page does: one that costs no more than before is enough.
        if paid and visited(route, paid.who) == paid.statements:
            return paid
        return cost(route, [paid.who] if paid else house_of(route))

    return {str(route): now(route, few[str(route)]) for route in GETS}


@pytest.mark.parametrize("route", GETS, ids=str)
def test_a_page_stays_within_its_budget(route, few):
    assert few[str(route)] is None or few[str(route)].statements <= WIDER.get(str(route), BUDGET)


@pytest.mark.parametrize("route", GETS, ids=str)
def test_more_rows_cost_no_more_statements(route, few, many):
    assert many[str(route)] == few[str(route)]
