"""Fixtures: a real PostgreSQL with the cast on stage, a fresh copy of it for every test, real Valkey, real
app.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import cache, partial
from pathlib import Path

import pytest
import redis
from flask import Flask
from hypothesis import Phase
from hypothesis import settings as property_settings
from sqlalchemy import Connection, Engine

from config import Settings
from portal.kernel.db import Database
from portal.kernel.opaque import Sealer
from tests import (
    compiled_routes,
    compiled_statements,
    compiled_templates,
    durations,
    garbage,
    kept_sessions,
    servers,
    stage,
)
from tests.builders import Given
from tests.fresh_databases import FreshDatabases
from tests.played import Stages, play_of
from tests.roles import Person, System
from tests.shared_portal import MARK, Scene, SharedPortal, opened
from tests.statement_count import Counted, counted_statements
from tests.web_clients import Caller, Visitor, token_for

# The suite tries the same examples every time, so that a red test says something of the change. To look for
# what nobody thought of: bin/test --hypothesis-profile=explore. A busy machine is no fault, so no example has
# a deadline.
property_settings.register_profile("suite", derandomize=True, deadline=None, print_blob=True)
property_settings.register_profile(
    "noticing",  # whether a test fails, as `bin/mutate` asks, and not on the simplest example
    derandomize=True,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
)
property_settings.register_profile("explore", max_examples=800, deadline=None, print_blob=True)
property_settings.load_profile("suite")

_SECRET_KEY = "only-for-tests-0123456789abcdef0123456789abcdef"
_FILES = tempfile.TemporaryDirectory(prefix="tonglu-files-")

compiled_routes.keep()
compiled_statements.keep()
compiled_templates.keep()
kept_sessions.keep()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`bin/mutate` tries pure rules by their pure tests, hundreds of times."""
    durations.add_options(parser)
    parser.addoption(
        "--without-servers", action="store_true", help="only tests that start neither PostgreSQL nor Valkey"
    )


def pytest_configure(config: pytest.Config) -> None:
    """How long each part takes is printed in the end; little of it goes into looking for garbage."""
    config.pluginmanager.register(durations)
    config.pluginmanager.register(garbage)
    config.addinivalue_line(
        "markers", f"{MARK}(scene=None): writes nothing, so it shares a portal with others"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what would start a server, where that is asked for."""
    if config.getoption("--without-servers"):
        pure = [item for item in items if not {"cluster", "_valkey"} & set(getattr(item, "fixturenames", ()))]
        config.hook.pytest_deselected(items=[item for item in items if item not in pure])
        items[:] = pure


@pytest.fixture(scope="session")
def cluster() -> Iterator[servers.Cluster]:
    """The PostgreSQL server of this run."""
    with servers.postgres() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def template(cluster: servers.Cluster) -> Iterator[str]:
    """Name of a migrated database in which the cast stands. Never connect to it: it is copied.

    That of ``TONGLU_TEST_TEMPLATE``, for many short runs on one server, or one of our own.
    """
    if name := os.environ.get("TONGLU_TEST_TEMPLATE"):
        yield name
        return
    name = cluster.create("template")
    servers.migrate(
        cluster.owner_url(name), app_role=cluster.app.username, issuer_role=cluster.issuer.username
    )
    engine = owner_engine(cluster, name)
    with engine.begin() as connection:
        stage.enter(connection)
    engine.dispose()
    yield name
    cluster.drop(name)


@pytest.fixture(scope="session")
def shared_portals(
    cluster: servers.Cluster, template: str, _valkey: str, counter: Iterator[int]
) -> Iterator[Callable[[Scene | None], SharedPortal]]:
    """The portals of tests that only ask, by scene."""
    with ExitStack() as closing:

        @cache
        def portal_of(scene: Scene | None) -> SharedPortal:
            name = cluster.create(f"shared_{next(counter)}", template=template)
            closing.callback(cluster.drop, name)
            engine = owner_engine(cluster, name)
            closing.callback(engine.dispose)
            if scene:
                with engine.begin() as connection:
                    scene(connection)
            owner = closing.enter_context(engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
            app = closing.enter_context(opened(for_the_whole_run(settings_for(cluster, name, _valkey))))
            return SharedPortal(name, app, owner)

        yield portal_of


@pytest.fixture
def shared(request: pytest.FixtureRequest) -> Iterator[SharedPortal | None]:
    """The portal that this test shares, if it only asks."""
    mark = request.node.get_closest_marker(MARK)
    if mark is None:
        yield None
        return
    portal = request.getfixturevalue("shared_portals")(mark.kwargs.get("scene"))
    yield portal
    portal.require_unchanged()


@pytest.fixture(scope="session")
def stages(cluster: servers.Cluster, template: str) -> Iterator[Stages]:
    """What tests begin from that have a play before them."""
    stages = Stages(cluster, template, _SECRET_KEY)
    yield stages
    stages.drop()


@pytest.fixture(scope="session")
def fresh_databases(
    cluster: servers.Cluster, template: str, counter: Iterator[int]
) -> Iterator[FreshDatabases]:
    """Those in which the cast has just come on stage."""
    databases = FreshDatabases(cluster, template, counter)
    yield databases
    databases.drop()


@pytest.fixture
def database_name(
    request: pytest.FixtureRequest,
    cluster: servers.Cluster,
    counter: Iterator[int],
    shared: SharedPortal | None,
) -> Iterator[str]:
    """Name of this test's own database: the cast on stage, or where its play has ended; commits are real."""
    if shared:
        yield shared.name
        return
    if play := play_of(request):
        stages: Stages = request.getfixturevalue("stages")
        name = cluster.create(f"copy_{next(counter)}", template=stages.after(play).name)
        yield name
        cluster.drop(name)
        return
    fresh: FreshDatabases = request.getfixturevalue("fresh_databases")
    with fresh.one() as name:
        yield name
    shutil.rmtree(Path(_FILES.name) / name, ignore_errors=True)


@pytest.fixture(scope="session")
def counter() -> Iterator[int]:
    return iter(range(1, 1_000_000))


@pytest.fixture
def settings(cluster: servers.Cluster, database_name: str, valkey_url: str) -> Settings:
    """Settings of a portal on this test's database and an empty Valkey."""
    return settings_for(cluster, database_name, valkey_url)


@pytest.fixture(scope="session")
def _valkey() -> Iterator[str]:
    with servers.valkey() as url:
        yield url


@pytest.fixture(scope="session")
def _valkey_client(_valkey: str) -> Iterator[redis.Redis]:
    with redis.from_url(_valkey) as client:
        yield client


@pytest.fixture
def valkey_url(_valkey: str, _valkey_client: redis.Redis) -> Iterator[str]:
    """URL of an empty Valkey database."""
    yield _valkey
    _valkey_client.flushdb()


@pytest.fixture
def database(cluster: servers.Cluster, database_name: str) -> Iterator[Database]:
    """This test's database as the role that serves (`portal_app`): row-level security applies."""
    database = servers.database(cluster.app_url(database_name), sealer=Sealer(_SECRET_KEY))
    yield database
    database.dispose()


@pytest.fixture
def issuer_database(cluster: servers.Cluster, database_name: str) -> Iterator[Database]:
    """This test's database as the role that signs people in (`portal_issuer`)."""
    database = servers.database(cluster.issuer_url(database_name))
    yield database
    database.dispose()


@pytest.fixture
def owner(cluster: servers.Cluster, database_name: str, shared: SharedPortal | None) -> Iterator[Connection]:
    """A connection that sees every row and commits every statement at once, to set the scene and to look
    behind it.

    For several statements in one transaction: ``with owner.engine.begin() as connection``.
    """
    if shared:
        yield shared.owner
        return
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
    """``with count_statements() as counted: …; assert len(counted) <= 3, counted``: what the roles that
    serve asked.
    """
    return partial(counted_statements, cluster.app.username, cluster.issuer.username)


@pytest.fixture
def app(settings: Settings, shared: SharedPortal | None) -> Iterator[Flask]:
    """The web application on this test's database."""
    if shared:
        yield shared.app
        return
    with opened(settings) as app:
        yield app


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody in front of the portal who is not signed in."""
    return Visitor(app)


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., Visitor]:
    """``sign_in(cast.huadong.buyer)``: a visitor in a browser of their own who is signed in."""

    def signed_in(person: Person, *, locale: str = "zh") -> Visitor:
        visitor = Visitor(app, locale=locale)
        visitor.come_in(person)
        return visitor

    return signed_in


@pytest.fixture
def api(app: Flask, shared: SharedPortal | None) -> Callable[..., Caller]:
    """``api(cast.huadong.system)``: a program that calls the API with a token of its own."""

    def token(system: System) -> str:
        answer = token_for(app, system)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.json["access_token"]

    def caller(system: System) -> Caller:
        return Caller(app, shared.once(system, lambda: token(system)) if shared else token(system))

    return caller


@pytest.fixture
def live_server(settings: Settings) -> Iterator[str]:
    """Address of the portal on a free port, served by threads of this process."""
    with servers.web(settings) as address:
        yield address


def settings_for(cluster: servers.Cluster, name: str, valkey_url: str) -> Settings:
    """Settings of a portal on a database of this run."""
    return Settings(
        database_url=cluster.app_url(name),
        issuer_database_url=cluster.issuer_url(name),
        redis_url=valkey_url,
        secret_key=_SECRET_KEY,
        base_url="http://localhost",
        files_url=(Path(_FILES.name) / name).as_uri(),
        cookie_secure=False,
        login_attempts="1000 per minute",
        anonymous_rate="1000000 per minute",
        page_rate="1000000 per minute",
        delivery_link_rate="1000000 per minute",
        export_rate="1000000 per minute",
        search_rate="1000000 per minute",
        rebate_rate="1000000 per minute",
        account_link_rate="1000000 per minute",
        invitation_rate="1000000 per minute",
        password_reset_rate="1000000 per minute",
        password_reset_rate_address="1000000 per minute",
    )


def for_the_whole_run(settings: Settings) -> Settings:
    """The same where a token of the first test is used by the last, however slow the machine."""
    return settings.model_copy(update={"access_token_seconds": 12 * 60 * 60})


def owner_engine(cluster: servers.Cluster, name: str) -> Engine:
    """Engine of the owner role on a database of this run; its sessions see every row."""
    return servers.owner_engine(cluster.owner_url(name))
