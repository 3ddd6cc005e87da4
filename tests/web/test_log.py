"""The log and the health of a process."""

from __future__ import annotations

import json
import logging
import socket
import sys
import time

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from portal.app import create_app
from portal.kernel.schema import schema_range
from portal.web.logs import MASK, mask_secrets
from tests import cast
from tests.web.protocol import Flow
from tests.web_clients import Visitor, token_for

BUYER = cast.huadong.buyer


class TestTheLog:
    def lines(self, capsys):
        return [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]

    def test_has_one_line_a_request(self, app, capsys):
        app.test_client().get("/nothing?with=a-query")
        (line,) = self.lines(capsys)
        assert (line["event"], line["method"], line["path"], line["status"]) == (
            "request",
            "GET",
            "/nothing",
            404,
        )
        assert (
            line["ms"] >= 0
            and line["address"] == "127.0.0.1"
            and line["level"] == "info"
            and line["timestamp"]
        )
        assert "a-query" not in str(line)

    def test_says_who_asked(self, sign_in, capsys):
        visitor = sign_in(BUYER)
        capsys.readouterr()
        visitor.get("/account")
        assert self.lines(capsys)[-1]["actor"] == f"user:{BUYER.id}"

    def test_follows_a_request_by_the_id_of_a_proxy(self, settings, capsys):
        app = create_app(settings.model_copy(update={"trusted_proxies": 1}))
        answer = app.test_client().get("/nothing", headers={"X-Request-ID": "from-the-proxy-1"})
        assert answer.headers["X-Request-ID"] == "from-the-proxy-1" == self.lines(capsys)[-1]["request_id"]

    @pytest.mark.parametrize("offered", ["from-anybody-1", "0" * 16, "e906069f75770cb5", "A.b_c-d.e_f"])
    def test_takes_no_id_from_whoever_is_no_proxy(self, app, owner, offered):
        given = app.test_client().post(
            "/oauth/token",
            data={"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"},
            headers={"X-Request-ID": offered},
        )
        assert given.headers["X-Request-ID"] != offered
        assert owner.scalars(text("SELECT request_id FROM audit_event")).all() == [
            given.headers["X-Request-ID"]
        ]

    @pytest.mark.parametrize(
        "offered", ["short", "x" * 65, "with space", 'quote"quote', "日志日志日志日志", "a\tb" * 4]
    )
    def test_takes_no_strange_id(self, settings, offered):
        app = create_app(settings.model_copy(update={"trusted_proxies": 1}))
        given = app.test_client().get(
            "/nothing", headers={"X-Request-ID": offered.encode("utf-8").decode("latin-1")}
        )
        assert given.headers["X-Request-ID"] != offered
        assert len(given.headers["X-Request-ID"]) == 16

    def test_keeps_the_id_of_the_outer_request_while_the_portal_asks_its_issuer(self, visitor, capsys):
        visitor.sign_in(BUYER)
        lines = [
            line
            for line in self.lines(capsys)
            if line["path"] in ("/oauth/token", "/.well-known/jwks.json", "/login/callback")
        ]
        assert len({line["request_id"] for line in lines}) == 1
        assert {line["path"] for line in lines} == {
            "/oauth/token",
            "/.well-known/jwks.json",
            "/login/callback",
        }

    def test_holds_no_secret_of_a_sign_in(self, settings, capfd):
        app = create_app(settings.model_copy(update={"log_level": "DEBUG"}))
        visitor = Visitor(app)
        visitor.sign_in(BUYER)
        token = token_for(app, cast.huadong.system).json["access_token"]
        app.test_client().get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})
        flow = Flow(app)
        code = flow.code_for(BUYER)
        tokens = flow.redeem(code).json
        Flow(app).send_form(visitor, BUYER, password="a-wrong-password")
        written = capfd.readouterr().err
        cookie = visitor._http.get_cookie("session").value
        secrets = [
            cast.PASSWORD,
            cast.SECRET,
            token,
            code,
            tokens["refresh_token"],
            tokens["id_token"],
            flow.verifier,
            cookie,
            "a-wrong-password",
        ]
        assert written.count('"event":"request"') > 8
        assert [secret for secret in secrets if secret in written] == []

    def test_masks_telling_names_at_any_depth(self):
        event = {
            "event": "x",
            "password": "p",
            "a": {"client_secret": "s", "list": [{"Authorization": "b", "sku": "A1"}]},
            "code": "c",
            "status_code": 200,
        }
        masked = mask_secrets(None, "info", event)
        assert masked == {
            "event": "x",
            "password": MASK,
            "a": {"client_secret": MASK, "list": [{"Authorization": MASK, "sku": "A1"}]},
            "code": MASK,
            "status_code": 200,
        }

    def test_is_quiet_about_health(self, app, capsys):
        app.test_client().get("/healthz")
        assert self.lines(capsys) == []


class FullDisk:
    """A stream on a disk that is full until somebody makes room."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error
        self.text = ""

    def write(self, text: str) -> None:
        if self.error:
            raise self.error
        self.text += text

    def flush(self) -> None:
        if self.error:
            raise self.error


class TestALogThatCannotBeWritten:
    @pytest.mark.parametrize(
        "error",
        [
            OSError(28, "No space left on device"),
            BrokenPipeError(),
            ValueError("I/O operation on closed file"),
        ],
    )
    def test_breaks_no_request_and_says_later_what_is_missing(self, app, monkeypatch, error):
        disk = FullDisk(error)
        monkeypatch.setattr(sys, "stderr", disk)
        assert app.test_client().get("/.well-known/jwks.json").status_code == 200
        logging.getLogger("elsewhere").warning("so is what libraries say")
        ready = app.test_client().get("/readyz")
        assert (ready.status_code, ready.json["checks"]["log"]) == (
            200,
            "cannot be written; lines missing: 2",
        )
        disk.error = None
        assert app.test_client().get("/readyz").json["status"] == "ready"
        assert json.loads(disk.text)["lines_missing"] == 2
        app.test_client().get("/.well-known/jwks.json")
        assert json.loads(disk.text.splitlines()[2])["event"] == "request"


CHECKS = ("database", "sessions", "issuer", "valkey", "log")
NEWEST = schema_range().newest
SCHEMA = {"found": NEWEST, "oldest": schema_range().oldest, "newest": NEWEST}
AWAY = "unreachable, or never migrated"


class TestHealth:
    def test_of_a_good_portal(self, app):
        client = app.test_client()
        assert client.get("/healthz").json == {"status": "alive"}
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json) == (
            200,
            {"status": "ready", "checks": dict.fromkeys(CHECKS, "ok"), "schema": SCHEMA},
        )

    def test_without_its_database(self, settings):
        app = create_app(
            settings.model_copy(
                update={"database_url": SecretStr("postgresql+psycopg://nobody@127.0.0.1:1/nothing")}
            )
        )
        ready = app.test_client().get("/readyz")
        assert (ready.status_code, ready.json["checks"]) == (
            503,
            dict.fromkeys(CHECKS, "ok") | dict.fromkeys(("database", "sessions"), AWAY),
        )
        assert app.test_client().get("/healthz").status_code == 200

    def test_where_nobody_can_be_signed_in(self, settings):
        def ready(issuer):
            return (
                create_app(settings.model_copy(update={"issuer_database_url": issuer}))
                .test_client()
                .get("/readyz")
            )

        with socket.create_server(("127.0.0.1", 0)) as silent:
            for issuer, said in (
                (SecretStr("postgresql+psycopg://nobody@127.0.0.1:1/nothing"), "unreachable"),
                (settings.database_url, "its role may not sign anybody in"),
                (
                    SecretStr(f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing"),
                    "does not answer",
                ),
            ):
                began = time.monotonic()
                answer = ready(issuer)
                assert (answer.status_code, answer.json["status"]) == (
                    503,
                    "unready",
                ) and time.monotonic() - began < 5
                assert answer.json["checks"]["issuer"].startswith(said)
                assert {name: told for name, told in answer.json["checks"].items() if name != "issuer"} == {
                    name: "ok" for name in CHECKS if name != "issuer"
                }

    def test_without_valkey_is_degraded_but_good_enough_for_requests(self, settings):
        app = create_app(settings.model_copy(update={"redis_url": SecretStr("redis://127.0.0.1:1/0")}))
        ready = app.test_client().get("/readyz")
        assert (ready.status_code, ready.json) == (
            200,
            {
                "status": "degraded",
                "checks": dict.fromkeys(CHECKS, "ok") | {"valkey": "unreachable"},
                "schema": SCHEMA,
            },
        )

    def test_without_anything(self, settings):
        away = {
            "database_url": SecretStr("postgresql+psycopg://nobody@127.0.0.1:1/nothing"),
            "redis_url": SecretStr("redis://127.0.0.1:1/0"),
        }
        ready = create_app(settings.model_copy(update=away)).test_client().get("/readyz")
        assert (ready.status_code, ready.json["status"]) == (503, "unready")
        assert ready.json["checks"] == {
            "database": AWAY,
            "sessions": AWAY,
            "issuer": "ok",
            "valkey": "unreachable",
            "log": "ok",
        }

    def test_before_the_migration(self, app, owner):
        owner.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        ready = app.test_client().get("/readyz")
        assert ready.status_code == 503
        assert "0001" in ready.json["checks"]["database"]
