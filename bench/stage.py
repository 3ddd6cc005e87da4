"""The portal as production runs it, on the demo data of one scale, with everything a workload needs to ask
it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import psycopg

from launch.bootstrap import ROOT
from launch.demo_folder import DemoFolder
from launch.precompress import precompress
from launch.process import Child, wait_until
from launch.programs import program, web_command
from launch.stage import HOST, fill, free_port, open_stage
from launch.storage import Storage, libpq_url

_READY_SECONDS = 60
# One client and one address do here what thousands do in earnest.
MEASURED = dict.fromkeys(
    ("TONGLU_API_RATE", "TONGLU_ANONYMOUS_RATE", "TONGLU_PAGE_RATE"), "100000000 per minute"
) | {"TONGLU_LOG_LEVEL": "WARNING"}


@dataclass
class Stage:
    """Servers, addresses and people of a benchmark run."""

    storage: Storage
    folder: DemoFolder
    environment: dict[str, str]
    port: int
    credentials: dict
    scale: str
    seconds: float
    clients: int = 8
    tokens: dict[str, str] = field(default_factory=dict)

    def connect(self) -> psycopg.Connection:
        """A connection of the owner that sees every row; commits by itself."""
        connection = psycopg.connect(libpq_url(self.storage.owner_url), autocommit=True)
        connection.execute("SELECT set_config('app.region_ids', '*', false)")
        return connection

    def dealer_clients(self) -> list[dict]:
        """API clients of dealers, as credentials.json lists them."""
        return [client for client in self.credentials["clients"] if client["dealer"]]

    def token(self, client: dict) -> str:
        """Access token of an API client, asked for once."""
        if client["client_id"] not in self.tokens:
            pair = f"{client['client_id']}:{client['client_secret']}".encode()
            body = urllib.parse.urlencode(
                {"grant_type": "client_credentials", "scope": " ".join(client["scopes"])}
            ).encode()
            message = urllib.request.Request(
                f"http://{HOST}:{self.port}/oauth/token",
                body,
                {"Authorization": f"Basic {base64.b64encode(pair).decode()}"},
            )
            with urllib.request.urlopen(message, timeout=30) as answer:
                self.tokens[client["client_id"]] = orjson.loads(answer.read())["access_token"]
        return self.tokens[client["client_id"]]


@contextlib.contextmanager
def set_up(scale: str, data: Path, seconds: float) -> Iterator[Stage]:
    """Storage with the demo data of `scale` (loaded once, kept in `data`) and the portal's web server."""
    with ExitStack() as stack:
        folder = stack.enter_context(DemoFolder(data))
        portal = open_stage(stack, folder, free_port(0), MEASURED)
        fill(portal, scale=scale, reset=False)
        credentials = json.loads(folder.credentials_path.read_text())
        precompress()
        web = web_command(HOST, portal.port)
        stack.enter_context(serving("portal", web, portal.port, folder.logs, portal.environment, "/readyz"))
        yield Stage(portal.storage, folder, portal.environment, portal.port, credentials, scale, seconds)


@contextlib.contextmanager
def serving(
    name: str, command: list[str], port: int, logs: Path, environment: dict[str, str], ready: str
) -> Iterator[Child]:
    """A web server as a child, from the moment it answers `ready`."""
    child = program(f"bench-{name}", command, logs, environment)
    child.start()
    try:
        if not wait_until(lambda: _answers(port, ready), _READY_SECONDS, pause=0.05):
            raise SystemExit(f"{name} does not answer; its log: {child.last_words()}")
        yield child
    finally:
        child.stop()


def pgbench(stage: Stage, script: str, *, seconds: float, scratch: Path) -> float:
    """Transactions a second of a hand-written script on the same server, by as many clients, as the owner."""
    from launch.places import client_programs

    path = scratch / "limit.sql"
    path.write_text(script)
    command = [
        str(client_programs() / "pgbench"),
        "-n",
        "-M",
        "prepared",
        "-c",
        str(stage.clients),
        "-j",
        "2",
        "-T",
        str(int(seconds)),
    ]
    options = {"PGOPTIONS": "-c app.region_ids=*"}
    result = subprocess.run(
        [*command, "-f", str(path), libpq_url(stage.storage.owner_url)],
        capture_output=True,
        text=True,
        env=os.environ | options,
    )
    if result.returncode:
        raise SystemExit(f"pgbench: {result.stderr}")
    return next(float(line.split()[2]) for line in result.stdout.splitlines() if line.startswith("tps ="))


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


__all__ = ["HOST", "ROOT", "Stage", "pgbench", "serving", "set_up"]
