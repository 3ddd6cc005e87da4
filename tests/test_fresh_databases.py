"""A database that serves a second test is as the first one found it, or it serves no second."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests import cast, servers
from tests.builders import Given
from tests.conftest import owner_engine
from tests.fresh_databases import Contents, FreshDatabases, contents_of


@pytest.fixture
def fresh(cluster, template, counter):
    databases = FreshDatabases(cluster, template, counter)
    yield databases
    databases.drop()


@pytest.fixture
def serves_again(cluster, fresh):
    """Has a test act on a database; whether a later one is given it again, which then finds nothing of it."""

    def acted(act) -> bool:
        with fresh.one() as name:
            engine = owner_engine(cluster, name)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
                act(owner, name)
            engine.dispose()
        for _ in range(2):
            with fresh.one() as other:
                assert other != name
        with fresh.one() as later:
            assert content(fresh, later) == content(fresh, other)
            return later == name

    return acted


def content(fresh: FreshDatabases, name: str) -> Contents:
    with fresh.session(name) as session:
        return contents_of(session)


def does(statement: str):
    return lambda owner, name: owner.execute(text(statement.format(name=name)))


def test_what_a_test_has_done_is_taken_out_again(serves_again, cluster):
    def month(owner, name) -> None:
        database = servers.database(cluster.app_url(name))
        given = Given(owner, database)
        given.a_delivery_of(given.an_order({cast.gauze: 3}).number)
        owner.execute(text("DELETE FROM lot_stock"))
        database.dispose()

    assert serves_again(month)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dealer SET name_en = 'Somebody' WHERE code = 'huadong'",
        "INSERT INTO region_node (id, code, name_zh, name_en, level)"
        " VALUES (99, 'else', '别处', 'Elsewhere', 1)",
        "DELETE FROM lot_stock",
        "SELECT nextval('sales_order_id_seq')",
        "SELECT 1",
    ],
)
def test_one_statement_is_taken_out_again(serves_again, statement):
    assert serves_again(does(statement))


def test_what_was_rolled_back_takes_its_numbers_back_too(serves_again):
    def half(owner, name) -> None:
        with owner.engine.connect() as connection:
            connection.execute(text("SELECT nextval('sales_order_id_seq')"))
            connection.execute(text("DELETE FROM lot_stock"))
            connection.rollback()

    assert serves_again(half)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE dealer ADD COLUMN nobody_knows integer",
        "ALTER TABLE dealer DISABLE TRIGGER USER",
        "REVOKE SELECT ON dealer FROM portal_app",
        "CREATE TABLE of_a_test (id integer)",
        "CREATE OR REPLACE FUNCTION of_a_test() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "TRUNCATE lot_stock",
        "ANALYZE dealer",
        'ALTER DATABASE "{name}" SET enable_seqscan = off',
        "INSERT INTO outbox (topic, payload) SELECT 'many', '{{}}' FROM generate_series(1, 5000)",
    ],
)
def test_whatever_is_more_than_some_rows_ends_the_use_of_a_database(serves_again, statement):
    assert not serves_again(does(statement))


def test_a_database_in_which_a_session_was_left_open_serves_nobody(serves_again, cluster):
    left = []

    def forgets(owner, name) -> None:
        left.append(owner_engine(cluster, name).connect())

    assert not serves_again(forgets)
    assert left
