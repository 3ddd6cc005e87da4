"""What a process of tests makes once is what each would have made for itself."""

from __future__ import annotations

import orjson
import pytest
from flask import Flask
from jinja2 import DictLoader, Environment
from sqlalchemy import Connection, create_engine, event, literal, select, text

import portal.app
from tests import (
    cast,
    compiled_routes,
    compiled_statements,
    compiled_templates,
    kept_sessions,
    registered_blueprints,
)
from tests.builders import Given, a_lot
from tests.played import played


def app_with(*rules: str, methods: tuple[str, ...] = ("GET",)) -> Flask:
    app = Flask(__name__)
    for rule in rules:
        app.add_url_rule(rule, rule, lambda **parts: f"{sorted(parts.items())}", methods=methods)
    return app


def test_an_application_of_the_same_routes_finds_them_and_one_of_others_has_others():
    for app in (app_with("/a", "/b/<int:n>"), app_with("/a", "/b/<int:n>")):
        assert app.test_client().get("/b/7").text == "[('n', 7)]"
        assert app.test_client().get("/b/x").status_code == app.test_client().post("/c").status_code == 404
    assert app_with("/a", "/b/<n>").test_client().get("/b/x").text == "[('n', 'x')]"
    assert app_with("/a", methods=("POST",)).test_client().get("/a").status_code == 405


def test_a_route_that_is_added_later_is_of_that_application_only():
    ours, theirs = app_with("/a", "/b"), app_with("/a", "/b")
    assert ours.test_client().get("/a").status_code == theirs.test_client().get("/a").status_code == 200
    ours._got_first_request = False
    ours.add_url_rule("/later", "later", lambda: "there")
    assert (
        ours.test_client().get("/later").text == "there" and ours.test_client().get("/b").status_code == 200
    )
    assert theirs.test_client().get("/later").status_code == 404
    assert {rule.rule for rule in ours.url_map.iter_rules()} > {r.rule for r in theirs.url_map.iter_rules()}


@pytest.mark.only_asks
def test_a_statement_is_compiled_once_for_engines_that_were_told_the_same(cluster, database_name):
    url = cluster.app_url(database_name)
    alike = [create_engine(url, json_deserializer=orjson.loads) for _ in range(2)]
    other = create_engine(url, json_deserializer=lambda _: "otherwise")
    asked = select(text("'[1]'::jsonb"), literal(1).label("only in this test"))
    compiled = []
    for engine in (*alike, other):
        event.listen(engine, "before_cursor_execute", lambda *said: compiled.append(said[4].compiled))
        with engine.connect() as connection:
            assert connection.execute(asked).one()[1] == 1
            assert connection.dialect.server_version_info
        engine.dispose()
    assert compiled[0] is compiled[1] is not compiled[2]
    assert len(alike[0]._compiled_cache) < compiled_statements._STATEMENTS_MAX


times_played = []


@played
def an_order(given: Given, database, owner) -> str:
    given.stock_of(given.a_product(), cast.shanghai_warehouse, a_lot("A", 1))
    times_played.append(1)
    return given.an_order({cast.gloves: 1}).number


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_begins_where_the_play_has_ended_and_it_is_played_once(an_order, given, owner, turn):
    numbers = text("SELECT number FROM sales_order")
    assert owner.execute(numbers).scalars().all() == [an_order] and times_played == [1]
    given.stock_of(given.a_product(), cast.shanghai_warehouse, a_lot("A", 1))  # whose numbers are free
    given.an_order({cast.gloves: 1})
    assert len(owner.execute(numbers).all()) == 2


def test_who_asks_for_no_play_begins_with_the_cast(owner):
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar_one() == 0


def test_an_application_holds_of_its_blueprints_what_each_would_have_registered(settings, monkeypatch):
    replayed = [registered_blueprints.create_app(settings) for _ in range(2)][1]
    monkeypatch.setattr("portal.app._register_blueprints", registered_blueprints._plainly[0])
    registered = portal.app.create_app(settings)
    ours, plain = map(held_of_blueprints, (replayed, registered))
    assert ours == plain and len(ours["rules"]) > 1000


def held_of_blueprints(app: Flask) -> dict[str, object]:
    """What registering left in an application, but for functions of its own."""
    around = {name: getattr(app, name) for name in registered_blueprints._AROUND}
    return {
        "rules": [compiled_routes._told_by(rule) for rule in app.url_map.iter_rules()],
        "views": [(name, view.__module__, view.__qualname__) for name, view in app.view_functions.items()],
        "blueprints": [(name, blueprint.import_name) for name, blueprint in app.blueprints.items()],
        "around": {
            kind: {name: what for name, what in by_blueprint.items() if name}
            for kind, by_blueprint in around.items()
        },
        "of all": {kind: len(by_blueprint.get(None, ())) for kind, by_blueprint in around.items()},
        "exempt": [
            sorted(map(str, getattr(app.extensions["csrf"], name))) for name in registered_blueprints._EXEMPT
        ],
        "audiences": app.extensions["audiences"],
    }


def pid_of(connection: Connection) -> int:
    return connection.execute(text("SELECT pg_backend_pid()")).scalar_one()


def test_a_session_serves_the_next_engine_as_good_as_new(cluster, database_name):
    def visited(act: str = "SELECT 1", role=cluster.owner_url) -> tuple[int, tuple]:
        engine = create_engine(role(database_name))
        with engine.connect() as connection:
            left = text(
                "SELECT current_setting('app.left', true), to_regclass('pg_temp.of_a_test'),"
                " (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'),"
                " (SELECT count(*) FROM pg_prepared_statements), current_setting('statement_timeout')"
            )
            found = pid_of(connection), tuple(connection.execute(left).one())
            for _ in range(7):  # the driver prepares what is asked often
                connection.execute(text(act))
            connection.commit()
        engine.dispose()
        return found

    first, new = visited(
        "SELECT set_config('app.left', 'x', false), set_config('statement_timeout', '9s', false)"
    )
    second, found = visited("CREATE TEMP TABLE IF NOT EXISTS of_a_test (id integer)")
    assert second == first and found in (new, ("", *new[1:]))
    third, found = visited("SELECT pg_advisory_lock(7)")
    assert third == first and found == ("", *new[1:])
    fourth, found = visited()
    assert fourth == first and found == ("", *new[1:])
    assert visited(role=cluster.app_url)[0] != first


def test_a_session_that_the_server_has_ended_serves_nobody(cluster, database_name):
    engine = create_engine(cluster.owner_url(database_name))
    with engine.connect() as connection:
        ended = pid_of(connection)
    engine.dispose()
    assert ended in kept_sessions.waiting(database_name)
    with kept_sessions.session(cluster.superuser_url("postgres").replace("+psycopg", "")) as session:
        session.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    with engine.connect() as connection:
        assert pid_of(connection) != ended
    engine.dispose()


def test_a_template_is_compiled_once_for_all_processes_and_again_when_it_has_changed(tmp_path):
    def shown(source: str) -> tuple[str, int]:
        """By a process that has compiled nothing yet: what is shown, and how often that was compiled."""
        environment = Environment(
            loader=DictLoader({"a.html": source}), bytecode_cache=compiled_templates._Kept(str(tmp_path))
        )
        compiled = []
        environment._generate = lambda *told, **terms: (
            compiled.append(told) or Environment._generate(environment, *told, **terms)
        )
        return environment.get_template("a.html").render(), len(compiled)

    assert shown("one") == ("one", 1) and shown("one") == ("one", 0)
    assert shown("two") == ("two", 1) and shown("two") == ("two", 0)
