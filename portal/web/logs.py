"""The log: one JSON object a line on stderr, each with the id of its request, none with a secret.

A request id that a trusted proxy sends is kept if it looks like one, so that a request can be followed
through both logs. From anybody else it is replaced: the audit is kept under it, and nobody writes under
another's.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from functools import partial
from threading import Lock
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict, Processor, WrappedLogger

from portal.audit.record import address, request_id

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SECRET = re.compile(
    r"password|passwd|secret|token|authorization|cookie|credential|api_?key|private|verifier", re.IGNORECASE
)
_SECRET_NAMES = frozenset({"code", "state", "nonce"})
MASK = "***"
WITHIN = "tonglu.request_id"
"""Where the WSGI environment holds the id of the request within which another is made.

Nobody outside can set it.
"""

_PATIENCE_SECONDS = 0.3  # for what another thread writes; less than health waits for an answer

# These tell tokens, codes or statements with their values at DEBUG.
_DISCREET = ("authlib", "sqlalchemy.engine", "httpx", "httpcore", "urllib3", "fontTools")


def configure_logs(level: str = "INFO") -> None:
    """Send structlog and the standard library's log to stderr as JSON.

    For every process: web, worker, schedule.
    """
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[Processor] = [
        _identify,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        ),
        mask_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(_json)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=_LineLogger,
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(_json),
        ],
    )
    _use_for_standard_library(formatter, threshold)


def init_app(app: Flask, *, behind_proxy: bool) -> None:
    """Give every request an id and a line."""
    app.before_request(partial(_begin, behind_proxy=behind_proxy))
    app.after_request(_end)
    app.teardown_request(_forget)


def mask_secrets(_logger: WrappedLogger | None, _method: str, event: EventDict) -> EventDict:
    """Replace the values of telling names, at any depth."""
    return {name: _masked(name, value) for name, value in event.items()}


def _masked(name: str, value: Any) -> Any:
    if _SECRET.search(name) or name.lower() in _SECRET_NAMES:
        return MASK
    if isinstance(value, dict):
        return {str(key): _masked(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked("", inner) for inner in value]
    return value


def _identify(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if (current := request_id.get()) is not None:
        event.setdefault("request_id", current)
    return event


def _begin(*, behind_proxy: bool) -> None:
    offered = request.headers.get("X-Request-ID", "") if behind_proxy else ""
    g.request_id = request.environ.get(WITHIN) or (
        offered if _SANE_ID.fullmatch(offered) else secrets.token_hex(8)
    )
    g.began = time.perf_counter()
    # Tokens, not plain sets: the portal asks its own issuer within a request, and the outer id must come
    # back.
    g.log_context = (request_id, request_id.set(g.request_id)), (address, address.set(request.remote_addr))


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    quiet = request.endpoint == "static"
    log = structlog.get_logger("portal")
    (log.debug if quiet and response.status_code < 400 else log.info)(
        "request",
        method=request.method,
        path=_path(),
        status=response.status_code,
        ms=round((time.perf_counter() - g.began) * 1000, 1),
        actor=g.actor.key if "actor" in g else None,
        address=request.remote_addr,
    )
    return response


def _path() -> str:
    """Never the query: it may hold a code or what somebody searched for. Nor a secret within the path."""
    rule = request.url_rule
    return rule.rule if rule is not None and any(map(_SECRET.search, rule.arguments)) else request.path


def _forget(_error: BaseException | None) -> None:
    for variable, token in g.pop("log_context", ()):
        variable.reset(token)


def _use_for_standard_library(formatter: logging.Formatter, threshold: int) -> None:
    handler = _StandardErrorHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for former in [known for known in root.handlers if isinstance(known, _StandardErrorHandler)]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(threshold)
    for name in _DISCREET:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))


class _Lines:
    """Lines on stderr.

    What is logged goes on when the log cannot be written; once it can be again, it says that lines are
    missing.

    A write to a pipe that nobody reads does not return, and its thread is lost until somebody does. The
    others wait for it shortly, once.
    """

    def __init__(self) -> None:
        self._lock = Lock()  # held while something is written
        self._counting = Lock()
        self._failed = 0
        self._stalled = False

    def write(self, line: str) -> None:
        """Write a line, or count it."""
        if not self._take():
            self._count(1)
            return
        try:
            self._resume()
            print(line, file=sys.stderr, flush=True)
        except (OSError, ValueError):  # no space, a broken pipe, a closed file
            self._count(1)
        finally:
            self._lock.release()

    def fault(self) -> str | None:
        """How many lines could not be written, unless they can be by now."""
        if not self._take():
            return f"stalled, nobody reads it; lines missing: {self._failed}"
        try:
            self._resume()
        except (OSError, ValueError):
            return f"cannot be written; lines missing: {self._failed}"
        finally:
            self._lock.release()
        return None

    def _take(self) -> bool:
        """Take the lock, unless a write is stalled. Whoever knows of that already does not wait for it."""
        self._stalled = not self._lock.acquire(timeout=0 if self._stalled else _PATIENCE_SECONDS)
        return not self._stalled

    def _resume(self) -> None:
        """After failures: write what the stream has kept of them, and how many there were."""
        if missing := self._failed:
            sys.stderr.flush()
            note = _json({"event": "log_resumed", "level": "error", "lines_missing": missing})
            print(f"\n{note}", file=sys.stderr, flush=True)  # the last line may have been cut in the middle
            self._count(-missing)

    def _count(self, lines: int) -> None:
        with self._counting:
            self._failed += lines


_lines = _Lines()


def fault() -> str | None:
    """Why the log of this process cannot be written, if so."""
    return _lines.fault()


class _LineLogger:
    """What structlog writes to."""

    def __init__(self, *_names: object) -> None:
        pass

    def msg(self, message: str) -> None:
        """Write an event, whatever its level."""
        _lines.write(message)

    log = debug = info = warning = error = critical = exception = msg


class _StandardErrorHandler(logging.Handler):
    """What the standard library's log is written by. Ours, so that configuring twice does not write twice."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        try:
            line = self.format(record)
        except Exception:  # as every handler does: a record that cannot be formatted breaks nothing
            self.handleError(record)
        else:
            _lines.write(line)


def _json(event: EventDict, **_options: object) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
