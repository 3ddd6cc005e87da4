"""Fixtures: a real PostgreSQL with the cast on stage, a fresh copy of it for every test, real Valkey, real app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest
import redis
from sqlalchemy import Connection, create_engine, event

from config import Settings
from portal.db import Database
from tests import servers, stage
from tests.builders import Given
from tests.statement_count import Counted, counted_statements


@pytest.fixture(scope="session")
def cluster() -> Iterator[servers.Cluster]:
    """The PostgreSQL server of this run."""
    with servers.postgres() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def template(cluster: servers.Cluster) -> Iterator[str]:
    """Name of a migrated database in which the cast stands. Never connect to it: it is copied."""
    name = cluster.create("template")
    servers.migrate(cluster.owner_url(name), app_role=cluster.app.username or "")
    engine = owner_engine(cluster, name)
    with engine.begin() as connection:
        stage.enter(connection)
    engine.dispose()
    yield name
    cluster.drop(name)


@pytest.fixture
def database_name(cluster: servers.Cluster, template: str, _counter: Iterator[int]) -> Iterator[str]:
    """Name of this test's own copy, dropped afterwards; commits are real."""
    name = cluster.create(f"copy_{next(_counter)}", template=template)
    yield name
    cluster.drop(name)


@pytest.fixture(scope="session")
def _counter() -> Iterator[int]:
    return iter(range(1, 1_000_000))


@pytest.fixture
def settings(cluster: servers.Cluster, database_name: str, valkey_url: str) -> Settings:
    """Settings of a portal on this test's database and an empty Valkey."""
    return Settings(
        database_url=cluster.app_url(database_name),
        owner_database_url=cluster.owner_url(database_name),
        redis_url=valkey_url,
        secret_key="only-for-tests-0123456789abcdef0123456789abcdef",
        base_url="http://localhost",
        cookie_secure=False,
        login_attempts="1000 per minute",
    )


@pytest.fixture(scope="session")
def _valkey() -> Iterator[str]:
    with servers.valkey() as url:
        yield url


@pytest.fixture
def valkey_url(_valkey: str) -> Iterator[str]:
    """URL of an empty Valkey database."""
    yield _valkey
    with redis.from_url(_valkey) as client:
        client.flushdb()


@pytest.fixture
def database(cluster: servers.Cluster, database_name: str) -> Iterator[Database]:
    """This test's database as the role that serves (`portal_app`): row-level security applies."""
    database = Database(cluster.app_url(database_name))
    yield database
    database.dispose()


@pytest.fixture
def owner(cluster: servers.Cluster, database_name: str) -> Iterator[Connection]:
    """A connection that sees every row and commits every statement at once, to set the scene and to look behind it.

    For several statements in one transaction: ``with owner.engine.begin() as connection``.
    """
    engine = owner_engine(cluster, database_name)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def given(owner: Connection, database: Database) -> Given:
    """Sets the scene: ``given.stock_of(…)``, ``given.an_order(…)``."""
    return Given(owner, database)


@pytest.fixture
def count_statements(cluster: servers.Cluster) -> Callable[[], AbstractContextManager[Counted]]:
    """``with count_statements() as counted: …; assert len(counted) <= 3, counted``: what the serving role asked."""
    return partial(counted_statements, cluster.app.username or "")


def owner_engine(cluster: servers.Cluster, name: str):
    """Engine of the owner role whose sessions see every row (row-level security binds the owner too)."""
    engine = create_engine(cluster.owner_url(name))

    @event.listens_for(engine, "connect")
    def see_everything(connection, _record) -> None:
        connection.execute("SELECT set_config('app.region_ids', '*', false)")
        connection.commit()

    return engine
