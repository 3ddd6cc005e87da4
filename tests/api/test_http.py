"""The manners of HTTP: conditional reads, HEAD, methods, forms of answer, languages, limits."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.web.rate_limits import Limits, TooManyRequests
from tests import cast
from tests.api.contract import OPERATIONS, kept, refused
from tests.api.test_access import path_of
from tests.web_clients import Caller, token_for

READS = [
    "/me",
    "/products",
    "/products/GLOVES",
    "/stock?sku=GLOVES",
    "/orders",
    "/ledger",
    "/invoices",
    "/statements",
]


@pytest.mark.only_asks
@pytest.mark.parametrize("path", READS)
def test_an_unchanged_answer_is_not_sent_twice(huadong, path):
    first = huadong.get(path)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"') and first.headers["Cache-Control"] == "private, no-cache"
    for known in (tag, f'"other", {tag}', "*"):
        again = huadong.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert huadong.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_changed_answer_has_another_tag(huadong):
    before = huadong.get("/stock?sku=GLOVES").headers["ETag"]
    kept(huadong.post("/orders", {"lines": [{"sku": "GLOVES", "quantity": 1}]}))
    after = huadong.get("/stock?sku=GLOVES", headers={"If-None-Match": before})
    assert (after.status_code, after.json["items"][0]["warehouses"][0]["available"]) == (200, 499)


@pytest.mark.only_asks
def test_two_dealers_and_two_languages_have_tags_of_their_own(huadong, rival):
    tags = {
        caller.get("/products", headers={"Accept-Language": language}).headers["ETag"]
        for caller in (huadong, rival)
        for language in ("zh", "en")
    }
    assert len(tags) == 4
    assert {"Authorization", "Accept-Language"} <= set(huadong.get("/products").vary)


@pytest.mark.only_asks
@pytest.mark.parametrize("path", READS)
def test_head_says_what_get_would(huadong, path):
    got, head = huadong.get(path), huadong.request("HEAD", path)
    assert (head.status_code, head.data) == (200, b"")
    assert (
        head.headers["ETag"] == got.headers["ETag"]
        and head.headers["Content-Length"] == got.headers["Content-Length"]
    )


@pytest.mark.only_asks
@pytest.mark.parametrize(
    "entry", [pytest.param(entry, id=f"{entry.method} {entry.path}") for entry in OPERATIONS]
)
def test_what_is_written_or_refused_is_kept_by_nobody(system, entry):
    answer = system().request(entry.method, path_of(entry), json={} if entry.method == "POST" else None)
    assert "no-store" in answer.headers["Cache-Control"] or answer.status_code == 200


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/orders"),
        ("PUT", "/orders/SO1"),
        ("PATCH", "/me"),
        ("GET", "/price-quotes"),
        ("POST", "/products"),
    ],
)
def test_a_method_that_is_not_offered_is_told_which_are(huadong, method, path):
    answer = huadong.request(method, path)
    refused(answer, 405)
    assert answer.headers["Allow"]


@pytest.mark.only_asks
@pytest.mark.parametrize("accept", ["application/xml", "text/html", "application/json;q=0"])
def test_a_form_that_is_not_offered_is_not_acceptable(huadong, accept):
    refused(huadong.get("/me", headers={"Accept": accept}), 406)


@pytest.mark.only_asks
@pytest.mark.parametrize(
    "accept",
    ["application/json", "*/*", "application/*", "text/html, */*;q=0.1", "application/json; charset=utf-8"],
)
def test_json_is_acceptable_under_many_names(huadong, accept):
    assert huadong.get("/me", headers={"Accept": accept}).status_code == 200


@pytest.mark.only_asks
def test_answers_speak_the_language_that_is_asked_for(huadong):
    names = {
        tag: huadong.get("/products/GLOVES", headers={"Accept-Language": tag}).json["name"]
        for tag in ("zh-CN", "en-GB", "de")
    }
    assert names == {"zh-CN": cast.gloves.name_zh, "en-GB": cast.gloves.name_en, "de": cast.gloves.name_zh}


@pytest.mark.only_asks
def test_refusals_speak_the_language_that_is_asked_for(huadong):
    body = {"lines": [{"sku": "GLOVES", "quantity": 0}]}
    english = refused(huadong.post("/orders", body, headers={"Accept-Language": "en"}), 422)
    assert english["errors"][0]["message"] == "A quantity is at least 1."


def test_over_the_limit_one_waits(settings, database):
    from portal.app import create_app

    app = create_app(settings.model_copy(update={"api_rate": "3 per minute"}))
    huadong, rival = (
        Caller(app, token_for(app, dealer.system).json["access_token"])
        for dealer in (cast.huadong, cast.yuegang)
    )
    assert [huadong.get("/me").status_code for _ in range(3)] == [200] * 3
    answer = huadong.get("/me")
    refused(answer, 429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert rival.get("/me").status_code == 200, "one client's limit is no other's"
    app.database.dispose()
    app.issuer_database.dispose()


def test_a_limit_that_is_taken_in_parts_is_still_the_limit(valkey_url):
    here, elsewhere = Limits(valkey_url), Limits(valkey_url)
    for limits in (here, elsewhere):
        limits.init_app(Flask("limited"))
    granted = 0
    with pytest.raises(TooManyRequests):
        while True:
            (here, elsewhere)[granted % 2].spend("1000 per minute", "api", "client:1")
            granted += 1
    assert 990 <= granted <= 1000


@pytest.mark.only_asks
def test_an_unknown_address_below_the_api_is_a_problem_too(huadong):
    refused(huadong.get("/nothing/here"), 404)


@pytest.mark.only_asks
def test_every_answer_can_be_found_in_the_log(huadong):
    answer = huadong.get("/orders/NOPE", headers={"X-Request-ID": "my-request-4711"})
    assert answer.headers["X-Request-ID"] == answer.json["request_id"] != "my-request-4711"
