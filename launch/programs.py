"""The portal's own programs, as demo, benchmarks and production run them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from launch.bootstrap import ROOT
from launch.process import Child

WEB_WORKERS = 2
WEB_THREADS = 2
SIGNING_SECRETS = ("TONGLU_SIGNING_KEY", "TONGLU_SIGNING_PASSPHRASE", "TONGLU_AUDIT_KEY")
"""Settings that only workers know."""


def web_command(host: str, port: int, workers: int = WEB_WORKERS, threads: int = WEB_THREADS) -> list[str]:
    """The web server with wsgi:app; a process of it that dies is replaced."""
    command = [sys.executable, "-m", "launch.web", "--host", host, "--port", str(port)]
    return [*command, "--workers", str(workers), "--threads", str(threads)]


def worker_command() -> list[str]:
    """One RQ worker: one job at a time."""
    return [sys.executable, "-m", "jobs.worker"]


def schedule_command() -> list[str]:
    """The clock that queues recurring jobs; one is enough."""
    return [sys.executable, "-m", "jobs.schedule"]


def metrics_command(host: str, port: int, *, processes_only: bool) -> list[str]:
    """What Prometheus reads."""
    command = [sys.executable, "-m", "jobs.metrics", "--host", host, "--port", str(port)]
    return [*command, "--processes-only"] if processes_only else command


def check_command() -> list[str]:
    """Whether the stock adds up."""
    return [sys.executable, "-m", "jobs.check"]


def bounce_command() -> list[str]:
    """Reads one message that came back from standard input."""
    return [sys.executable, "-m", "jobs.bounce"]


def program(name: str, command: list[str], logs: Path, environment: Mapping[str, str]) -> Child:
    """A child in the repository's folder with its own log."""
    return Child(name, command, log=logs / f"{name}.log", environment=environment, folder=ROOT)
