"""/healthz and /readyz: cheap whatever is sent, truthful about the disk, soon even when a server hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from config import Settings
from portal.web import health, logs
from portal.web.health import Check
from tests.shared_portal import opened

ODD = [
    {"query_string": "a=" + "x" * 50_000},
    {"headers": {"X-Request-ID": "é\x01"}},
    {"headers": {"Accept": "image/webp;q=" + "9" * 5000}},
    {"headers": {"Cookie": "session=" + "x" * 8000}},
    {"headers": {"Authorization": "Bearer x"}},
    {"headers": {"HX-Request": "true"}},
    {"headers": {"Host": "evil.example"}},
    {"headers": {"Content-Type": "multipart/form-data; boundary=x"}, "data": b"--x\r\n" * 1000},
    {"headers": {"Content-Length": "900000000"}},
    {"headers": {"Accept-Language": "zh;q=x," * 900}},
    {"headers": {"Range": "bytes=5-"}},
]


def test_nothing_that_is_sent_reaches_the_portal(app, monkeypatch: pytest.MonkeyPatch):
    def asked(*_: object) -> None:
        raise AssertionError("the portal was asked")

    monkeypatch.setattr(app, "full_dispatch_request", asked)
    for options in ODD:
        answer = app.test_client().get("/healthz", **options)
        assert (answer.status_code, answer.json) == (200, {"status": "alive"}), options
        assert "Set-Cookie" not in answer.headers
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"):
        for path in ("/healthz", "/readyz"):
            answer = app.test_client().open(path, method=method, data=b"x" * 10)
            assert (answer.status_code, answer.headers["Allow"], len(answer.data) < 100) == (
                405,
                "GET, HEAD",
                True,
            )
    assert app.test_client().head("/readyz").data == b""


@pytest.mark.parametrize("path", ["/healthz/", "/HEALTHZ", "/healthz/x", "/readyz;x"])
def test_other_addresses_are_the_portals(app, path: str):
    assert app.test_client().get(path).status_code in (302, 308, 404)


@pytest.fixture
def disk_full(app, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What the database says as soon as it has to write to its disk, however long a busy machine takes."""
    monkeypatch.setattr(health, "_PATIENCE_SECONDS", 30.0)
    said = {"state": "53100"}

    def refuse(_connection, _cursor, statement: str, *_: object) -> None:
        if "generate_series" in statement:
            with app.database.engine.connect() as other:
                other.execute(text("SELECT set_config('a.b', 'c', true)"))
                other.execute(
                    text(
                        "DO $$ BEGIN RAISE EXCEPTION 'no space left on device'"
                        f" USING ERRCODE = '{said['state']}'; END $$"
                    )
                )

    event.listen(app.database.engine, "before_cursor_execute", refuse)
    yield said
    event.remove(app.database.engine, "before_cursor_execute", refuse)


@pytest.mark.parametrize("state", ["53100", "58030"])
def test_a_database_that_cannot_write_is_not_ready_and_is_again_afterwards(
    app, disk_full, state: str, monkeypatch: pytest.MonkeyPatch
):
    disk_full["state"] = state
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["checks"]["database"]) == (
        503,
        "cannot write: its disk is full or broken",
    )
    disk_full["state"] = "00000"
    monkeypatch.setattr(health, "_WRITE", text("SELECT 1"))
    assert app.test_client().get("/readyz").status_code == 200


def test_the_attempt_to_write_writes(app, owner):
    def written() -> int:
        return owner.execute(
            text("SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()")
        ).scalar_one()

    before = written()
    assert app.test_client().get("/readyz").status_code == 200
    app.database.dispose()  # a session tells what it did when it ends
    deadline = time.monotonic() + 10
    while written() == before:
        assert time.monotonic() < deadline


def test_the_schema_is_told_with_those_that_this_release_was_made_for(app):
    schema = app.test_client().get("/readyz").json["schema"]
    assert schema["oldest"] <= schema["found"] == schema["newest"]


@pytest.fixture
def own_app(settings: Settings) -> Iterator[Flask]:
    """An application with an engine of its own, which a test may spoil."""
    with opened(settings) as app:
        yield app


def dropped_by_a_pooler(app: Flask, **settings: str) -> None:
    """Have the next connections begin with the settings of the server, as behind a pooler."""
    app.database.dispose()

    @event.listens_for(app.database.engine, "connect")
    def drop(connection, _record) -> None:
        for name, value in settings.items():
            connection.execute(f"SET {name.replace('__', '.')} = '{value}'")


def test_settings_that_a_pooler_drops_are_told(own_app):
    app = own_app
    dropped_by_a_pooler(app, plan_cache_mode="auto", lock_timeout="0")
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200 and answer.json["status"] == "degraded"
    told = answer.json["checks"]["sessions"]
    assert "plan_cache_mode = force_generic_plan" in told and "lock_timeout = 10s" in told


def test_a_day_that_begins_elsewhere_is_not_ready(own_app):
    app = own_app
    dropped_by_a_pooler(app, app__time_zone="Europe/Berlin")
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "app.time_zone = Asia/Shanghai" in answer.json["checks"]["database"]


def test_a_database_that_was_told_no_zone_has_the_usual_day(own_app):
    dropped_by_a_pooler(own_app, app__time_zone="")
    assert own_app.test_client().get("/readyz").json["status"] == "ready"


def test_statements_that_a_pooler_lost_are_told(own_app):
    app = own_app
    with pytest.raises(DBAPIError), app.database.engine.connect() as connection:
        connection.execute(text("EXECUTE nothing_of_this_name"))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert "TONGLU_DATABASE_PREPARES=false" in answer.json["checks"]["sessions"]


def test_a_log_that_cannot_be_written_is_told(app, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logs._lines, "fault", lambda: "cannot be written; lines missing: 3")
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["status"], answer.json["checks"]["log"]) == (
        200,
        "degraded",
        "cannot be written; lines missing: 3",
    )


def test_a_question_that_is_not_answered_is_asked_once_and_waited_for_shortly():
    asked, answered = [], threading.Event()

    def question() -> None:
        asked.append(1)
        answered.wait(20)

    check = Check(question)
    for _ in range(3):
        began = time.monotonic()
        check.ask()
        assert check.fault() == "does not answer" and time.monotonic() - began < 1
    assert len(asked) == 1
    answered.set()
    check._thread.join(10)
    check.ask()
    assert check.fault() is None and len(asked) == 2


def test_an_error_nobody_thought_of_is_a_fault():
    check = Check(lambda: {}["x"])
    check.ask()
    assert check.fault() == "KeyError"
