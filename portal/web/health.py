"""Whether the process lives (/healthz) and whether it should get requests (/readyz).

Answered before anything else looks. No route, session, cookie, form or log line: whatever somebody sends
there stays cheap. What a check asks of a server that hangs is waited for by a thread of its own, so that the
answer comes within a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from threading import Lock, Thread
from typing import Any

import orjson
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError

from portal.kernel import db
from portal.kernel.db import TIME_ZONE_SETTING, USUAL_TIME_ZONE
from portal.kernel.db_errors import DISK_STATES, LOST_STATEMENT_STATES, sqlstate
from portal.kernel.schema import STANDS_AT, schema_range
from portal.web import logs

PATHS = frozenset({"/healthz", "/readyz"})

_PATIENCE_SECONDS = 0.6
_WRITE_SECONDS = 5.0  # between two attempts to write
_LOST_SECONDS = 600.0  # how long it is told that statements were lost
_NO_ANSWER = "does not answer"
_AWAY = "unreachable, or never migrated"

# More than fits the memory it is given: PostgreSQL writes the rest to a temporary file, and says when the
# disk is full.
_SMALL_MEMORY = text("SELECT set_config('work_mem', '64kB', true)")
_SETTINGS = text("SELECT name, current_setting(name, true) FROM unnest(CAST(:names AS text[])) AS name")
_WRITE = text("SELECT count(*) FROM generate_series(1, 6000)")
# What the role of the serving pool may not. Asked without a lock on the tables.
_MAY_SIGN_IN = text(
    "SELECT bool_and(has_column_privilege(t, c, 'SELECT'))"
    " FROM (VALUES ('user_account', 'password_hash'), ('api_client', 'secret_hash'),"
    " ('signing_key', 'private_encrypted')) AS needed (t, c)"
)

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Health:
    """WSGI application around another, which it does not ask. `headers` go with every answer."""

    def __init__(
        self,
        app: Wsgi,
        *,
        database: db.Database,
        issuer_engine: Engine,
        valkey: Redis,
        headers: Mapping[str, str],
    ) -> None:
        self._app = app
        self._headers = [*headers.items(), ("Cache-Control", "no-store, private")]
        self._asked = Database(database)
        self._database = Check(self._asked.fault)
        self._sessions = Check(self._asked.sessions_fault)
        self._issuer = Check(lambda: _issuer_fault(issuer_engine))
        self._valkey = Check(lambda: _valkey_fault(valkey))
        self._log = Check(logs.fault)  # may write, and a write to a pipe that nobody reads does not return

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer for the two addresses; everything else is the portal's."""
        path = environ["PATH_INFO"]
        if path not in PATHS:
            return self._app(environ, start_response)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._answer(
                start_response,
                environ,
                "405 Method Not Allowed",
                {"status": "use GET"},
                [("Allow", "GET, HEAD")],
            )
        if path == "/healthz":
            return self._answer(start_response, environ, "200 OK", {"status": "alive"})
        status, report = self.readiness()
        return self._answer(start_response, environ, status, report)

    def readiness(self) -> tuple[str, dict[str, object]]:
        """Whether the process should get requests: 200 ``ready`` or ``degraded``, else 503.

        503 unless the database answers, takes writes, has a schema this release takes and lets people
        be signed in.

        Pages and orders go on without Valkey or a log. A 503 would make a load balancer take every process
        away at once, for nothing.
        """
        asked = {
            "database": self._database,
            "sessions": self._sessions,
            "issuer": self._issuer,
            "valkey": self._valkey,
            "log": self._log,
        }
        for check in asked.values():
            check.ask()
        checks = {name: check.fault() for name, check in asked.items()}
        status = (
            "unready"
            if checks["database"] or checks["issuer"]
            else "degraded"
            if any(checks.values())
            else "ready"
        )
        told = {name: fault or "ok" for name, fault in checks.items()}
        return "503 Service Unavailable" if status == "unready" else "200 OK", {
            "status": status,
            "checks": told,
            "schema": self._asked.schema,
        }

    def _answer(
        self,
        start_response: Callable[..., Any],
        environ: dict[str, Any],
        status: str,
        report: object,
        more: Iterable[tuple[str, str]] = (),
    ) -> Iterable[bytes]:
        body = orjson.dumps(report)
        start_response(
            status,
            [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *self._headers, *more],
        )
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


class Check:
    """One question, asked aside: a fault in words, or None.

    Whoever wants to know waits `_PATIENCE_SECONDS` at most.

    While an earlier question is not answered no other is asked, however many want to know.
    """

    def __init__(self, question: Callable[[], str | None]) -> None:
        self._question = question
        self._lock = Lock()
        self._thread: Thread | None = None
        self._asked = 0.0
        self._answer: str | None = _NO_ANSWER

    def ask(self) -> None:
        """Begin to ask, unless that is going on."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._asked = time.monotonic()
                self._thread = Thread(target=self._work, name="health", daemon=True)
                self._thread.start()

    def fault(self) -> str | None:
        """What the question asked last turned up."""
        thread = self._thread
        assert thread is not None, "ask first"
        thread.join(max(0.0, self._asked + _PATIENCE_SECONDS - time.monotonic()))
        return _NO_ANSWER if thread.is_alive() else self._answer

    def _work(self) -> None:
        try:
            self._answer = self._question()
        except Exception as error:  # whatever it is, the portal is not well
            self._answer = type(error).__name__


class Database:
    """Whether the database answers, has a schema this release takes, its day and room to write, and whether
    its sessions are what was asked for, which a pooler between may change.
    """

    def __init__(self, database: db.Database) -> None:
        self._engine = database.engine
        self._settings = database.settings
        self._wrote_at = 0.0
        self._lost_at: float | None = None
        self.schema: dict[str, str] | None = None
        """Where it stood when it answered last, and what this release takes."""
        event.listen(self._engine, "handle_error", self._note)

    def fault(self) -> str | None:
        """What is wrong with it."""
        taken = schema_range()
        try:
            with self._engine.connect() as connection:
                stands = connection.execute(STANDS_AT).one()
                self.schema = {"found": stands.version, **asdict(taken)}
                if out := taken.fault(stands.version, stands.oldest_release):
                    return out
                day = {TIME_ZONE_SETTING: self._settings[TIME_ZONE_SETTING]}
                if lacking := _lacking(connection, day):
                    return lacking
                if time.monotonic() - self._wrote_at > _WRITE_SECONDS:
                    connection.execute(_SMALL_MEMORY)
                    connection.execute(_WRITE)
                    self._wrote_at = time.monotonic()
        except SQLAlchemyError as error:
            return "cannot write: its disk is full or broken" if sqlstate(error) in DISK_STATES else _AWAY
        return None

    def sessions_fault(self) -> str | None:
        """What a pooler took from its sessions: it is slower then, or waits for ever, but not wrong."""
        if self._lost_at is not None and time.monotonic() - self._lost_at < _LOST_SECONDS:
            return "prepared statements do not hold: set TONGLU_DATABASE_PREPARES=false"
        try:
            with self._engine.connect() as connection:
                return _lacking(connection, self._settings)
        except SQLAlchemyError:
            return _AWAY

    def _note(self, context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", None) in LOST_STATEMENT_STATES:
            self._lost_at = time.monotonic()


def _lacking(connection: Connection, wanted: Mapping[str, str]) -> str | None:
    found = connection.execute(_SETTINGS, {"names": list(wanted)}).all()
    usual = {TIME_ZONE_SETTING: USUAL_TIME_ZONE}
    other = [
        f"{name} = {wanted[name]}" for name, value in found if (value or usual.get(name)) != wanted[name]
    ]
    return f"connections lack {', '.join(other)}: set them on the role" if other else None


def _issuer_fault(engine: Engine) -> str | None:
    """Whether the role that signs people in does get in, and may read what a password is checked against."""
    try:
        with engine.connect() as connection:
            may = connection.scalar(_MAY_SIGN_IN)
    except SQLAlchemyError:
        return _AWAY
    return (
        None if may else "its role may not sign anybody in: set ISSUER_DATABASE_URL to that of portal_issuer"
    )


def _valkey_fault(valkey: Redis) -> str | None:
    try:
        valkey.ping()
    except RedisError:
        return "unreachable"
    return None
