"""``bin/portal metrics``: what Prometheus reads, on a port of its own.

`/metrics` adds up what the processes of this machine have counted (`portal.web.meters`), and says how the
portal stands: one look at the database and one at Valkey, made anew every few seconds at most, however many
ask. It answers this machine only, unless there is a token.
"""

from __future__ import annotations

import argparse
import hmac
import sys
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import structlog

from jobs import resources
from jobs.exposition import Exposition
from portal.web.logs import configure_logs

HOST, PORT = "127.0.0.1", 9464
_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PATIENCE_SECONDS = 10

_log = structlog.get_logger("jobs.metrics")


class Answer(BaseHTTPRequestHandler):
    """One request: only `/metrics`, only by GET, only with the token where there is one."""

    timeout = _PATIENCE_SECONDS
    server_version, sys_version = "tonglu", ""

    def __init__(self, exposition: Exposition, token: str, *given: object) -> None:
        self._exposition, self._token = exposition, token
        super().__init__(*given)  # type: ignore[arg-type]  # what a server hands on

    def do_GET(self) -> None:
        """Answer a reader."""
        if self.path != "/metrics":
            self._say(404, b"")
        elif not self._is_welcome():
            self._say(401, b"", ("WWW-Authenticate", "Bearer"))
        else:
            self._say(200, self._exposition.text())

    def log_message(self, format: str, *args: object) -> None:
        """Readers come every few seconds: no event."""

    def _is_welcome(self) -> bool:
        shown = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return not self._token or hmac.compare_digest(shown.encode(), self._token.encode())

    def _say(self, status: int, content: bytes, *more: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*more, ("Content-Type", _TYPE), ("Content-Length", str(len(content)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class Server(ThreadingHTTPServer):
    """A thread a reader; a few at once, as each waits for the same answer."""

    daemon_threads = True
    request_queue_size = 16


def server(host: str, port: int, exposition: Exposition, token: str) -> Server:
    """The server, listening. Raises ValueError for an address beyond this machine without a token."""
    if not token and not ip_address(host).is_loopback:
        raise ValueError("set TONGLU_METRICS_TOKEN to answer beyond this machine")
    return Server((host, port), partial(Answer, exposition, token))


def main() -> int:
    """Answer until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m jobs.metrics")
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--processes-only", action="store_true")
    options = parser.parse_args()
    settings = resources.settings()
    configure_logs(settings.log_level)
    exposition = Exposition(settings.metrics_folder, processes_only=options.processes_only)
    try:
        listening = server(options.host, options.port, exposition, settings.metrics_token.get_secret_value())
    except (OSError, ValueError) as error:
        print(f"bin/portal metrics: {error}", file=sys.stderr)
        return 1
    listening.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
