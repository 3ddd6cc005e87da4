"""What a process of tests makes once is what each would have made for itself."""

from __future__ import annotations

import orjson
import pytest
from flask import Flask
from sqlalchemy import create_engine, event, literal, select, text

from tests import cast, compiled_statements
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
