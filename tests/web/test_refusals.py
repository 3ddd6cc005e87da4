"""How a refusal is answered: a page, a part of one, or problem+json; in the reader's language, and with
nothing of the inside.
"""

from __future__ import annotations

import json

import pytest
from flask import jsonify, request
from pydantic import SecretStr
from sqlalchemy import text

from portal.app import create_app
from portal.kernel.errors import (
    Conflict,
    DomainError,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    Unavailable,
    Unreadable,
)
from portal.web.request import anonymous_session
from tests import cast

BUYER = cast.huadong.buyer
REFUSALS = [
    (Unreadable(), 400),
    (Invalid(), 422),
    (Forbidden(), 403),
    (NotFound(), 404),
    (Conflict(), 409),
    (Unavailable(), 503),
    (DomainError(), 409),
]


class TestARefusal:
    @pytest.mark.parametrize(("error", "status"), REFUSALS, ids=lambda value: str(value)[:12])
    def test_is_a_page_for_people_and_a_problem_for_programs(self, page, error, status):
        def view():
            raise error

        client = page(view)
        html, problem = client.get("/test"), client.get("/api/test")
        assert html.status_code == problem.status_code == status
        assert html.mimetype == "text/html" and "<html" in html.get_data(as_text=True)
        assert problem.mimetype == "application/problem+json"
        assert problem.json["status"] == status and problem.json["code"] == error.code

    def test_lists_every_fault_in_the_readers_language(self, page):
        def view():
            raise Invalid(
                faults=[
                    Fault("/lines/0/sku", "unknown_sku", "SKU %(sku)s", "Fix %(sku)s", {"sku": "A1"}),
                    Fault("/lines/1/quantity", "quantity", "100 % wrong"),
                ]
            )

        answer = page(view).get("/api/test", headers={"Accept-Language": "en"})
        assert answer.json["errors"] == [
            {"pointer": "/lines/0/sku", "code": "unknown_sku", "message": "SKU A1", "fix": "Fix A1"},
            {"pointer": "/lines/1/quantity", "code": "quantity", "message": "100 % wrong", "fix": ""},
        ]
        assert answer.json["type"] == "urn:tonglu:problem:invalid"
        assert answer.json["request_id"] == answer.headers["X-Request-ID"]

    def test_says_when_to_come_back(self, page):
        def view():
            raise Unavailable()

        assert int(page(view).get("/test").headers["Retry-After"]) > 0

    def test_of_a_part_of_a_page_is_a_part(self, page):
        def view():
            raise Conflict()

        html = page(view).get("/test", headers={"HX-Request": "true"}).get_data(as_text=True)
        assert "data-error-fragment" in html and "<html" not in html

    def test_escapes_what_the_visitor_sent(self, page):
        def view():
            raise Conflict("x", "No %(what)s", what="<script>alert(1)</script>")

        html = page(view).get("/test").get_data(as_text=True)
        assert "<script>alert" not in html and "&lt;script&gt;" in html

    def test_of_a_character_the_database_cannot_store_is_no_fault_of_ours(self, page):
        def view():
            anonymous_session().execute(text("SELECT :x"), {"x": "a\x00b"})
            return "stored"

        answer = page(view).get("/api/test")
        assert (answer.status_code, answer.json["code"]) == (422, "unreadable_text")

    def test_of_something_unexpected_tells_nothing_and_is_in_the_log(self, page, app, capsys):
        app.testing = False

        def view():
            raise RuntimeError("the inner workings")

        client = page(view)
        for path in ("/test", "/api/test"):
            answer = client.get(path)
            assert answer.status_code == 500
            assert "inner workings" not in answer.get_data(as_text=True)
            assert answer.headers["X-Request-ID"] in answer.get_data(as_text=True)
        logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        exceptions = [line for line in logged if line["event"] == "exception"]
        assert len(exceptions) == 2
        assert exceptions[1]["request_id"] == answer.headers["X-Request-ID"]
        assert exceptions[1]["exception"][0]["exc_value"] == "the inner workings"

    def test_while_the_database_is_away_is_a_503(self, settings):
        nowhere = SecretStr("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
        app = create_app(
            settings.model_copy(update={"database_url": nowhere, "issuer_database_url": nowhere})
        )
        for path in ("/login", "/healthz"):
            assert app.test_client().get(path).status_code in (302, 200)
        answer = app.test_client().post(
            "/oauth/token", data={"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
        )
        assert (answer.status_code, answer.json["code"]) == (503, "unavailable")


class TestTheFrameworksRefusals:
    def test_of_an_unknown_address(self, app):
        client = app.test_client()
        assert client.get("/nothing/here").status_code == 404
        assert client.get("/api/v1/nothing").json["code"] == "not_found"

    def test_of_a_wrong_method_names_the_right_ones(self, app):
        answer = app.test_client().delete("/oauth/token")
        assert answer.status_code == 405
        assert "POST" in answer.headers["Allow"]

    def test_of_a_form_without_token_explains_itself(self, sign_in):
        visitor = sign_in(BUYER)
        answer = visitor.request("POST", "/logout", headers={"Accept-Language": "en"})
        assert answer.status_code == 400
        assert visitor.get("/account").status_code == 200

    @pytest.mark.parametrize("token", ["", "x", "IjEyMyI.x.y"])
    def test_of_a_form_with_a_made_up_token(self, sign_in, token):
        assert sign_in(BUYER).request("POST", "/logout", data={"csrf_token": token}).status_code == 400

    def test_of_more_than_a_megabyte_from_who_has_not_signed_in(self, page):
        client = page(lambda: str(len(request.get_data())))
        assert client.application.config["MAX_CONTENT_LENGTH"] == 32 * 2**20
        assert client.post("/test", data=b"x" * 2**20).status_code == 200
        assert client.post("/test", data=b"x" * (2**20 + 1)).status_code == 413
        answer = client.post("/api/test", data=b"x" * (2**20 + 1))
        assert (answer.status_code, answer.json["code"]) == (413, "request_entity_too_large")

    def test_of_malformed_json(self, page):
        client = page(lambda: jsonify(request.get_json()))
        for body in ("{", "NaN", "[1,]", "\xff"):
            answer = client.post("/api/test", data=body.encode("latin-1"), content_type="application/json")
            assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
        assert client.post("/api/test", data="{}").status_code == 415
