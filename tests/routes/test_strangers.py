"""Whoever comes without credentials is counted by network, whatever is sent, and fills no table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import text

from portal.app import create_app
from portal.capabilities import metadata
from portal.identity import refusals
from tests import cast
from tests.routes.test_isolation import chosen
from tests.routes.url_map import NOBODYS, Route, routes
from tests.shared_portal import writers_of
from tests.web_clients import Caller, Visitor, token_for

FREE = {"static"}  # files that proxies keep
COUNTED = [route for route in routes() if route.endpoint not in FREE]
PREFLIGHTS = {
    route.rule: replace(route, method="OPTIONS") for route in COUNTED
}.values()  # every address answers them
DISGUISES = (
    {},
    {"Authorization": 'Digest username="a", realm="b"', "X-Forwarded-For": "203.0.113.9"},
    {"Authorization": "Basic /////w==", "Forwarded": "for=203.0.113.9"},
    {"Authorization": "Negotiate YII=", "Cookie": "session=abc"},
    {"Authorization": "Bearer a.b.c"},
)
_networks = count(1)


@pytest.fixture(scope="module")
def strict(portal_settings, owned_numbers) -> Iterator[Flask]:
    """A portal that hears five requests a minute from a network, and three pages from a session."""
    app = create_app(
        portal_settings.model_copy(update={"anonymous_rate": "5 per minute", "page_rate": "3 per minute"})
    )
    yield app
    app.database.dispose()
    app.valkey.close()


def knock(app: Flask, route: Route, *, network: int, host: int = 1, **options):
    """Call a route as nobody, from somewhere in a network of its own."""
    address = {"REMOTE_ADDR": f"2001:db8:0:{network:x}::{host:x}"}
    return app.test_client().open(
        route.address(NOBODYS), method=route.method, environ_base=address, **options
    )


@pytest.mark.parametrize("route", [*COUNTED, *PREFLIGHTS], ids=str)
def test_a_stranger_is_counted_at_every_place_whatever_is_in_the_headers(route, strict):
    network = next(_networks)
    heard = [
        knock(strict, route, network=network, host=host, headers=headers)
        for host, headers in enumerate(DISGUISES, start=1)
    ]
    assert 429 not in [answer.status_code for answer in heard]
    refused = knock(strict, route, network=network, host=99)
    assert refused.status_code == 429 and 1 <= int(refused.headers["Retry-After"]) <= 60
    program = (
        route.is_api
        or route.rule in ("/oauth/token", "/oauth/revoke", "/oauth/introspect")
        or ".well-known" in route.rule
        or "userinfo" in route.rule
    )
    assert refused.mimetype == ("application/problem+json" if program else "text/html")


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/nothing", "/%00", "/orders/../.."])
def test_a_stranger_is_counted_where_nothing_is(strict, path):
    where = {"REMOTE_ADDR": f"198.51.100.{next(_networks) % 250}"}
    statuses = [strict.test_client().get(path, environ_base=where).status_code for _ in range(6)]
    assert statuses[-1] == 429 and set(statuses[:-1]) == {404}


@pytest.mark.parametrize("path", ["/healthz", "/static/favicon.svg"])
def test_what_keeps_the_portal_going_is_not_counted(strict, path):
    assert {strict.test_client().get(path).status_code for _ in range(12)} == {200}


def test_a_stranger_does_not_hold_up_a_neighbour_with_a_token(strict):
    network = {"REMOTE_ADDR": "203.0.113.77"}
    caller = Caller(strict, token_for(strict, cast.huadong.system).json["access_token"])
    bad = [Caller(strict, "a.b.c").get("/me", environ_base=network).status_code for _ in range(7)]
    assert bad == [401] * 5 + [429] * 2
    assert {caller.get("/me", environ_base=network).status_code for _ in range(5)} == {200}


def test_another_network_is_another_stranger(strict):
    route = next(route for route in COUNTED if route.endpoint == "account.login")
    first, second = next(_networks), next(_networks)
    assert [knock(strict, route, network=first).status_code for _ in range(6)][-1] == 429
    assert knock(strict, route, network=second).status_code == 302


def test_a_session_has_a_limit_of_pages_of_its_own(strict):
    hasty, calm = (Visitor(strict) for _ in range(2))
    assert hasty.sign_in(cast.huadong.buyer).status_code == 200  # one page
    answers = [hasty.get("/orders"), hasty.fragment("/catalogue"), hasty.get("/statements")]
    assert [answer.status_code for answer in answers[:2]] == [200, 200]
    refused = answers[-1]
    assert (
        refused.status_code == 429
        and refused.mimetype == "text/html"
        and 1 <= int(refused.headers["Retry-After"]) <= 60
    )
    calm._http.environ_base["REMOTE_ADDR"] = "203.0.113.78"
    assert calm.sign_in(cast.huadong.buyer).status_code == 200 and calm.get("/orders").status_code == 200


OPEN = sorted(
    {
        route.rule
        for route in COUNTED
        if route.audience == "everybody" and route.method == "GET" and route.endpoint != "issuer.userinfo"
    }
)


@pytest.mark.parametrize("path", [*OPEN, "/account", "/nothing"])
def test_who_is_signed_in_is_counted_by_session_on_pages_for_everybody_too(strict, path):
    """However many of the same office come to them."""
    office = {"REMOTE_ADDR": f"2001:db8:0:{next(_networks):x}::1"}
    hasty, calm = (Visitor(strict) for _ in range(2))
    for visitor in (hasty, calm):
        visitor._http.environ_base["REMOTE_ADDR"] = f"2001:db8:0:{next(_networks):x}::1"  # at home
        assert visitor.sign_in(cast.huadong.buyer).status_code == 200  # one page
    assert [hasty.get(path, environ_base=office).status_code == 429 for _ in range(9)] == [False] * 2 + [
        True
    ] * 7
    assert [calm.get(path, environ_base=office).status_code == 429 for _ in range(2)] == [False] * 2
    stranger = [strict.test_client().get(path, environ_base=office).status_code == 429 for _ in range(6)]
    assert stranger == [False] * 5 + [True]


@pytest.fixture(scope="module")
def rows(everything):
    """Number of rows, table by table."""
    names = [table.name for table in metadata.sorted_tables]
    query = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in names)

    @lru_cache(maxsize=1)
    def counted(_writers: int) -> dict[str, int]:
        return dict(everything.execute(text(query)).all())

    return lambda: counted(writers_of(everything))  # where nobody has written, none has grown


def bother(app: Flask, form_of: Visitor, route: Route, turn: int) -> None:
    """Come as nobody with names and secrets that nobody has sent before.

    What is posted goes with the token of a page that `form_of` has opened, or it would be refused unread.
    """
    made_up = f"made-up-{turn}"
    form = {
        "email": f"{made_up}@nowhere.example",
        "password": made_up,
        "client_id": made_up,
        "client_secret": made_up,
        "code": made_up,
        "grant_type": ("client_credentials", "authorization_code", "refresh_token")[turn % 3],
        "refresh_token": made_up,
    }
    headers = {"Idempotency-Key": made_up, "X-Request-ID": f"{made_up}-{made_up}"}
    if route.method == "GET":
        Visitor(app).get(
            route.address(NOBODYS),
            query_string={"state": made_up, "code": made_up, "q": made_up},
            headers=headers,
        )
    else:
        form_of.post(route.address(NOBODYS), form, headers=headers)


@chosen()
def test_no_table_grows_with_a_strangers_requests(route, portal, rows, owned_numbers):
    form_of = Visitor(portal)
    for turn in range(3):
        bother(portal, form_of, route, turn)
    before = rows()
    for turn in range(3, 12):
        bother(portal, form_of, route, turn)
    grown = {table: (number, before[table]) for table, number in rows().items() if number > before[table]}
    assert set(grown) <= {"refused_attempt", "audit_event"}, grown  # a new hour begins new rows
    assert all(now - then <= 3 for now, then in grown.values()), grown


def test_wrong_passwords_and_secrets_are_counted_in_one_row(portal, everything, owned_numbers):
    def attempts() -> dict[str, int]:
        return dict(
            everything.execute(
                text("SELECT reason, sum(attempts)::int FROM refused_attempt GROUP BY reason")
            ).all()
        )

    before = attempts()
    for turn in range(5):
        token_for(portal, cast.erp, client_id=f"nobody-{turn}")
    token_for(portal, cast.erp, client_secret="wrong")
    after = attempts()
    assert after["unknown_client"] - before.get("unknown_client", 0) == 5
    assert after["wrong_secret"] - before.get("wrong_secret", 0) == 1


def test_networks_beyond_a_number_are_counted_together(portal, everything, owned_numbers, monkeypatch):
    this_hour = text("SELECT count(*) FROM refused_attempt WHERE hour = date_trunc('hour', now())")
    known = everything.scalar(this_hour)
    monkeypatch.setattr(refusals, "NETWORKS_MAX", known + 2)
    form = {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "wrong"}
    for host in range(1, 9):
        portal.test_client().post("/oauth/token", data=form, environ_base={"REMOTE_ADDR": f"192.0.2.{host}"})
    assert everything.scalar(this_hour) <= known + 3
    assert everything.scalar(text("SELECT sum(attempts) FROM refused_attempt WHERE network = ''")) == 6
