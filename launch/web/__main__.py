"""``python -m launch.web``: serves wsgi:app with some processes of some threads each."""

from __future__ import annotations

import argparse
import socket
import sys

import uvicorn

from launch.web.bridge import Bridge
from launch.web.connection import BoundedConnection
from launch.web.processes import Processes

# Connections of one process. Each waits for its deadlines; more than a shell's usual limit of 1,024 files
# would not open.
CONNECTIONS_MAX = 800
_BACKLOG = 1024
_IDLE_SECONDS = 30  # between two requests of one connection
_STOP_SECONDS = 5  # for requests at work when the server is told to stop


def main() -> None:
    """Serve until told to stop.

    While the portal is being loaded the address is ours and refuses, so that a proxy asks another machine
    instead of waiting with its client.
    """
    options = parse(sys.argv[1:])
    try:
        listener = bound(options.host, options.port)
    except OSError as error:
        sys.exit(f"cannot listen on {options.host}:{options.port}: {error.strerror}")
    from jobs.nodes import beat  # after the socket, which needs no two seconds
    from portal.web.api.large import LARGE
    from portal.web.health import PATHS
    from portal.web.meters import meters_in
    from wsgi import app

    counted = meters_in(app.settings.metrics_folder)

    def work() -> None:
        bridge = Bridge(
            app,
            threads=options.threads,
            body_max=app.config["MAX_CONTENT_LENGTH"],
            aside=PATHS,
            large=LARGE,
            on_crowded=counted.turned_away if counted else None,
        )
        beat("web", app.valkey)
        uvicorn.Server(config_for(bridge)).run(sockets=[listener])

    listener.listen(_BACKLOG)
    Processes(options.workers, work, patience=_STOP_SECONDS + 1).keep()


def bound(host: str, port: int) -> socket.socket:
    """A socket at the address, which does not listen yet."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if listener.family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m launch.web")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    return parser.parse_args(arguments)


def config_for(bridge: Bridge) -> uvicorn.Config:
    """uvicorn, told to leave to the portal what is the portal's."""
    return uvicorn.Config(
        bridge,
        interface="asgi3",
        http=BoundedConnection,
        loop="uvloop",
        ws="none",
        lifespan="off",
        proxy_headers=False,  # TONGLU_TRUSTED_PROXIES says whom to believe, and the portal heeds it
        server_header=False,
        access_log=False,  # the portal's own log has a line for each request
        log_config=None,
        log_level="error",  # a stranger's broken request is no event
        backlog=_BACKLOG,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


if __name__ == "__main__":
    main()
