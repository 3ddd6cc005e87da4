"""A capability joins the demonstration by one line of the list: a throw-away one, found everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from demo.load import load_scenario
from demo.loading.keys import key
from demo.loading.rows import connect, put
from demo.parts import PARTS
from demo.past.orders import Order
from demo.scenario import Part, Scenario, build_scenario
from demo.world.element import Element, World
from demo.world.policies import POLICIES
from tests import servers
from tests.demo.conftest import NOW

PLEDGES = Element("pledges", lambda world: {d.index: len(world[POLICIES]) + d.index for d in world.dealers})


def _kept(world: World, orders: Sequence[Order]) -> Counter[int]:
    """Orders of each dealer, as far as it pledged any."""
    return Counter(order.dealer for order in orders if order.dealer in world[PLEDGES])


KEPT = Element("kept", _kept)

_TABLE = """
CREATE TABLE pledge (dealer_id bigint PRIMARY KEY REFERENCES dealer, orders integer NOT NULL, kept integer);
CREATE INDEX ix_pledge_orders ON pledge (orders)
"""
_SUSPENDED = "SELECT to_regclass('ix_pledge_orders') IS NULL AND count(*) = 0 FROM pg_constraint WHERE {}"
_FOREIGN = "contype = 'f' AND conrelid = 'pledge'::regclass"


def _load(connection: psycopg.Connection, scenario: Scenario) -> dict[str, Any]:
    assert connection.execute(_SUSPENDED.format(_FOREIGN)).fetchone() == (True,)
    rows = ((key(dealer), orders) for dealer, orders in scenario[PLEDGES].items())
    put(connection, "pledge", ("dealer_id", "orders"), rows)
    return {"pledges": len(scenario[PLEDGES])}


_KEEP = """
UPDATE pledge p SET kept = o.orders
  FROM (SELECT dealer_id, count(*) AS orders FROM sales_order JOIN journal_entry USING (dealer_id)
         GROUP BY dealer_id) o
 WHERE o.dealer_id = p.dealer_id
"""


def _write(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Needs the documents and books of the past, and comes before months are closed."""
    assert connection.execute("SELECT count(*) FROM accounting_period WHERE state = 'closed'").fetchone() == (
        0,
    )
    connection.execute(_KEEP)


PLEDGING = Part("pledges", world=PLEDGES, past=KEPT, load=_load, write=_write, in_bulk=("pledge",))


@pytest.fixture(scope="module")
def pledged() -> Scenario:
    """A small channel with a part more."""
    whole = build_scenario(NOW, [*PARTS, PLEDGING], devices=300, dealers=31, progress=lambda step: None)
    return replace(whole, orders=whole.orders[::50])


@pytest.fixture(scope="module")
def loaded(
    cluster: servers.Cluster, pledged: Scenario
) -> Iterator[tuple[psycopg.Connection, dict[str, Any]]]:
    """The same in a database of its own, with the credentials."""
    name = cluster.create("parts")
    servers.migrate(
        cluster.owner_url(name), app_role=cluster.app.username, issuer_role=cluster.issuer.username
    )
    with connect(cluster.owner_url(name)) as connection:
        connection.execute(_TABLE)
        credentials = load_scenario(connection, pledged, [*PARTS, PLEDGING], lambda step: None)
        yield connection, credentials
    cluster.drop(name)


def test_a_part_adds_values_to_the_world_and_to_the_past(pledged: Scenario):
    assert pledged[PLEDGES] == {index: len(pledged[POLICIES]) + index for index in range(31)}
    assert set(pledged[KEPT]) <= set(range(31)) and pledged[KEPT].total() > len(pledged.orders)


def test_a_part_enters_its_rows_before_the_past_and_after_it(
    pledged: Scenario, loaded: tuple[psycopg.Connection, dict[str, Any]]
):
    connection, credentials = loaded
    assert credentials["pledges"] == 31 and credentials["users"]
    assert dict(connection.execute("SELECT dealer_id - 1, orders FROM pledge").fetchall()) == pledged[PLEDGES]
    assert connection.execute("SELECT count(*) > 5 FROM pledge WHERE kept > 0").fetchone() == (True,)


def test_what_was_taken_away_to_load_in_bulk_comes_back(loaded: tuple[psycopg.Connection, dict[str, Any]]):
    connection, _ = loaded
    assert connection.execute(_SUSPENDED.format(_FOREIGN)).fetchone() == (False,)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        connection.execute("INSERT INTO pledge (dealer_id, orders) VALUES (9999, 1)")


def test_two_parts_do_not_share_the_name_of_an_element():
    other = Part("others", world=Element("pledges", lambda world: ()))
    with pytest.raises(ValueError, match="rename one"):
        build_scenario(NOW, [*PARTS, PLEDGING, other], devices=50, dealers=31, progress=lambda step: None)
