"""The portal answers under its own names only, and repeats none in a redirect."""

from __future__ import annotations

import itertools

from portal.app import create_app
from portal.web.hosts import known_names, name_of
from tests import cast

INVENTED = [
    "evil.example",
    "evil.example:80",
    "localhost.evil.example",
    "evil.example#localhost",
    "localhost@evil.example",
    "evil.example@localhost",
    "localhost:80@evil.example",
    "localhost:x",
    "localhost\\evil.example",
    "localhost/evil.example",
    "localhost,evil.example",
    "localhost evil.example",
    "10.0.0.1",
    "[::2]",
    "[::1",
    "",
    ":80",
    "locаlhost",
]
PATHS = ["/", "/login", "/static/favicon.svg", "/api/v1/products", "/oauth/token", "/nothing"]
PUBLIC = "/.well-known/jwks.json"
OWN = ["localhost", "localhost:80", "LOCALHOST", "127.0.0.1:5000", "[::1]:5000"]


def test_a_name_that_is_not_the_portals_is_answered_with_421(app):
    for host, path in itertools.product(INVENTED, PATHS):
        answer = app.test_client().get(path, headers={"Host": host})
        assert answer.status_code == 421, (host, path)
        assert "http://localhost" in answer.get_data(as_text=True)
        assert "evil" not in answer.get_data(as_text=True) + str(answer.headers)
        assert "Set-Cookie" not in answer.headers


def test_its_own_names_are_answered(app):
    for host in OWN:
        assert app.test_client().get(PUBLIC, headers={"Host": host}).status_code == 200, host


def test_health_is_told_to_whoever_asks_under_whatever_name(app):
    for path in ("/healthz", "/readyz"):
        assert app.test_client().get(path, headers={"Host": "10.1.2.3:8000"}).status_code == 200


def test_more_names_may_be_configured(settings):
    app = create_app(
        settings.model_copy(
            update={"base_url": "https://portal.example.com/tonglu", "hosts": ("Dealers.Example.cn",)}
        )
    )
    found = {
        host: app.test_client().get(PUBLIC, headers={"Host": host}).status_code
        for host in ("portal.example.com:8443", "dealers.example.cn", "localhost")
    }
    assert found == {"portal.example.com:8443": 200, "dealers.example.cn": 200, "localhost": 421}


def test_a_name_that_a_proxy_passes_on_is_checked_too(settings):
    app = create_app(settings.model_copy(update={"trusted_proxies": 1}))
    ask = app.test_client().get
    assert ask(PUBLIC, headers={"Host": "inner", "X-Forwarded-Host": "localhost"}).status_code == 200
    assert ask(PUBLIC, headers={"Host": "localhost", "X-Forwarded-Host": "evil.example"}).status_code == 421


def test_a_header_of_no_proxy_is_not_believed(app):
    assert app.test_client().get(PUBLIC, headers={"X-Forwarded-Host": "evil.example"}).status_code == 200


def test_a_redirect_never_repeats_the_name(sign_in):
    for person, path in itertools.product(
        (cast.huadong.boss, cast.order_desk),
        ("/orders/", "//orders", "/hq", "/cart/", "/account/", "/login", "/"),
    ):
        answer = sign_in(person).get(path, headers={"Host": "LocalHost:4711"})
        assert "4711" not in answer.headers.get("Location", "") + answer.get_data(as_text=True), path


def test_names_are_taken_apart_and_put_together():
    assert [name_of(host) for host in ("A.b:1", "[2001:DB8::1]:443", "a:123456", "a b")] == [
        "a.b",
        "2001:db8::1",
        "",
        "",
    ]


def test_only_a_portal_of_this_machine_is_known_under_all_its_names(settings):
    assert {"localhost", "127.0.0.1", "::1"} <= known_names(settings)
    assert known_names(settings.model_copy(update={"base_url": "https://a.example"})) == {"a.example"}
