"""A portal with demo data: where it is stored, what it is set to, and at which address it answers.

`bin/demo` shows it to people, `bench/run` measures it. Tests put a cast of their own on stage
(`tests/stage.py`): few rows, each for a reason.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from launch.certificate import make_audit_key, make_certificate
from launch.demo_data import prepare_data
from launch.demo_folder import DemoFolder
from launch.refusal import Refusal
from launch.storage import Storage, open_storage
from launch.terminal import Progress

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Stage:
    """Servers, folder, address, and the environment of web, workers and schedule."""

    storage: Storage
    folder: DemoFolder
    port: int
    environment: dict[str, str]

    @property
    def base_url(self) -> str:
        """The address people use."""
        return f"http://{HOST}:{self.port}"


def open_stage(
    stack: ExitStack, folder: DemoFolder, port: int, settings: Mapping[str, str] | None = None
) -> Stage:
    """Start the servers that are not given, and give this process the portal's settings: the loader signs and
    hashes with the same ones.

    `settings` come on top of the demonstration's.
    """
    storage = open_storage(stack, folder.path)
    environment = _environment(storage, folder, f"http://{HOST}:{port}") | dict(settings or {})
    os.environ.update(environment)
    return Stage(storage, folder, port, environment)


def fill(stage: Stage, *, scale: str | None, reset: bool) -> None:
    """Make sure of the data, and of credentials that name this start's address."""
    progress = Progress("demo data")
    try:
        prepare_data(
            stage.storage,
            stage.folder,
            partial(_load, stage.folder),
            _renew,
            scale=scale,
            reset=reset,
            progress=progress,
        )
    finally:
        progress.done()
    stage.folder.set_base_url(stage.base_url)


def free_port(wanted: int) -> int:
    """The port, or a free one for 0. Raises Refusal if somebody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
            probe.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Refusal(
                    f"port {wanted} is taken by another program. Choose one: bin/demo --port 8001"
                ) from error
            raise Refusal(
                f"port {wanted} cannot be used: {error.strerror}. Choose one above 1023."
            ) from error
        return probe.getsockname()[1]


def answers_ready(port: int) -> bool:
    """Whether /readyz says that everything is there.

    Its 200 alone would do with the queue away, and a demo begins with all of it.
    """
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=5) as answer:
            return json.load(answer)["status"] == "ready"
    except OSError:
        return False


def _environment(storage: Storage, folder: DemoFolder, base_url: str) -> dict[str, str]:
    """Settings of web, workers and schedule. The owner's URL is not among them."""
    environment = {name: value for name, value in os.environ.items() if name != "OWNER_DATABASE_URL"}
    return environment | {
        "DATABASE_URL": storage.app_url,
        "ISSUER_DATABASE_URL": storage.issuer_url,
        "REDIS_URL": storage.redis_url,
        "TONGLU_SECRET_KEY": folder.secret_key(),
        "TONGLU_BASE_URL": base_url,
        "TONGLU_COOKIE_SECURE": "false",
        "TONGLU_SECURITY_CONTACTS": '["mailto:security@tonglu.example"]',
        "TONGLU_MAIL_URL": folder.mail_url,
        "TONGLU_FILES_URL": folder.files_url,
        **_signing(environment, folder),
        "TONGLU_AUDIT_KEY": _audit_key(environment, folder),
    }


def _signing(environment: Mapping[str, str], folder: DemoFolder) -> dict[str, str]:
    """What signs statements: what the caller brings, or a certificate of the demonstration's own."""
    if "TONGLU_SIGNING_CERTIFICATE" in environment:
        return {}
    made = make_certificate(folder.signing)
    return {"TONGLU_SIGNING_KEY": str(made.key), "TONGLU_SIGNING_CERTIFICATE": str(made.certificate)}


def _audit_key(environment: Mapping[str, str], folder: DemoFolder) -> str:
    """File of the key that seals the audit: what the caller brings, or the demonstration's own."""
    return environment.get("TONGLU_AUDIT_KEY") or str(make_audit_key(folder.audit_key))


def _load(folder: DemoFolder, owner_url: str, app_url: str, scale: str, progress: Progress) -> dict[str, Any]:
    """Load the demo data, seal their audit, and write files of the bank that fit them into the folder.

    The loader is imported only when it is needed: later starts are faster without it.
    """
    from demo import load as loader
    from portal.audit.signing import load_key

    credentials = loader.load(owner_url, app_url, folder.files_url, scale, progress)
    if key := load_key(_audit_key(os.environ, folder)):
        loader.seal_audit(owner_url, key)
    loader.write_bank_files(owner_url, folder.path / "bank")
    return credentials


def _renew(owner_url: str) -> dict[str, Any]:
    """Give the people and programs of loaded data new passwords and secrets."""
    from demo import renew as renewal

    return renewal.renew(owner_url)
