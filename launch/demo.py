"""`bin/demo`: the whole portal with demo data, from nothing to a page that answers, in the foreground."""

from __future__ import annotations

import argparse
import contextlib
import errno
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg

from launch import provider_stand_in, stripe_stand_in
from launch.bootstrap import ROOT
from launch.demo_folder import DemoFolder
from launch.interruption import Stop, stop_on_signals
from launch.precompress import precompress
from launch.process import wait_until
from launch.programs import SIGNING_SECRETS, program, schedule_command, web_command, worker_command
from launch.refusal import Refusal
from launch.stage import HOST, Stage, answers_ready, fill, free_port, open_stage
from launch.storage import libpq_url
from launch.supervisor import Supervisor
from launch.terminal import say

_READY_SECONDS = 60
_JOB_SECONDS = 20  # a running job may finish; a longer one is taken up again at the next start
_FREE_BYTES_MIN = {"small": 2_000_000_000, "large": 20_000_000_000}


def main() -> int:
    """Run until a signal; 0 after an orderly end, 1 with a message when the demo cannot start."""
    options = parse(sys.argv[1:])
    os.chdir(ROOT)
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # it warns of connections that a signal cut off
    stop_on_signals()
    try:
        with friendly():
            run(options)
    except Refusal as refusal:
        say(f"bin/demo: {refusal}")
        return 1
    except Stop as stop:
        say("stopped before the portal was ready")
        return stop.exit_status
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="bin/demo", description="Run the portal with demo data until Ctrl-C."
    )
    parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (8000; 0 picks a free one)")
    parser.add_argument(
        "--data", type=Path, default=ROOT / "var" / "demo", help="folder to keep data in (var/demo)"
    )
    parser.add_argument(
        "--scale", choices=("small", "large"), help="amount of data when they are loaded (small)"
    )
    parser.add_argument("--reset", action="store_true", help="delete the data and load them afresh")
    options = parser.parse_args(arguments)
    options.data = options.data.absolute()
    if not 0 <= options.port <= 65535:
        parser.error("--port must lie between 0 and 65535")
    return options


@contextlib.contextmanager
def friendly() -> Iterator[None]:
    """Turn what the machine refuses (disk, permission, database) into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Refusal("the disk is full. Free some space and start again.") from error
        raise Refusal(f"{error.filename or 'a file'} cannot be used: {error.strerror or error}") from error
    except Exception as error:
        if isinstance(getattr(error, "orig", error), psycopg.errors.DiskFull):
            raise Refusal("the disk is full. Free some space and start again.") from error
        raise


def run(options: argparse.Namespace) -> None:
    """Check, prepare, start, tell, and watch until a signal."""
    with ExitStack() as stack:
        folder = stack.enter_context(DemoFolder(options.data))
        port = free_port(options.port)
        if options.reset and not os.environ.get("DATABASE_URL"):  # a foreign server is looked at first
            folder.erase()
        if folder.empty:
            require_space(folder.path, options.scale or "small")
        stands_in = free_port(0) if stripe_stand_in.localstripe() else None
        company = free_port(0)
        settings = provider_stand_in.settings()
        settings |= stripe_stand_in.settings(stands_in) if stands_in else {}
        stage = open_stage(stack, folder, port, settings)
        fill(stage, scale=options.scale, reset=options.reset)
        provider_stand_in.move(libpq_url(stage.storage.owner_url), company)
        supervisor = stack.enter_context(Supervisor(say))
        for server in stage.storage.servers:
            supervisor.keep(server)
        start_programs(supervisor, stage)
        signs_in = provider_stand_in.command(company)
        supervisor.start(
            [program("company-sign-in", signs_in, folder.logs, stage.environment)], stop_last=True
        )
        if stands_in:
            pay = stripe_stand_in.command(stands_in, stage.base_url)
            supervisor.start([program("stripe", pay, folder.logs, stage.environment)], stop_last=True)
            say("localstripe is installed: dealers pay online, by the card 4242 4242 4242 4242")
        say(f"users and passwords: {folder.credentials_path}    logs: {folder.logs}    Ctrl-C stops")
        with contextlib.suppress(OSError):
            print(f"ready {stage.base_url}", flush=True)
        with contextlib.suppress(Stop):
            supervisor.watch()
        say("stopping")


def require_space(path: Path, scale: str) -> None:
    """Refuse early rather than fill the disk."""
    free = shutil.disk_usage(path).free
    if free < _FREE_BYTES_MIN[scale]:
        raise Refusal(
            f"too little disk space for the {scale} data: {free / 1e9:.1f} GB free at {path}, "
            f"{_FREE_BYTES_MIN[scale] / 1e9:.0f} GB needed."
        )


def start_programs(supervisor: Supervisor, stage: Stage) -> None:
    """Start the web, wait until it says that it is ready, then start workers and schedule.

    They end after it.
    """
    precompress()
    port, logs = free_port(stage.port), stage.folder.logs
    served = {name: value for name, value in stage.environment.items() if name not in SIGNING_SECRETS}
    web = program("web", web_command(HOST, port), logs, served)
    supervisor.start([web])
    if (
        not wait_until(lambda: not web.alive() or answers_ready(port), _READY_SECONDS, pause=0.05)
        or not web.alive()
    ):
        raise Refusal(
            f"the portal did not become ready (web {web.ending()}). "
            f"Its log, {web.log}, ends:\n{web.last_words()}"
        )
    behind = {name: value for name, value in stage.environment.items() if name != "ISSUER_DATABASE_URL"}
    background = [program(f"worker-{number}", worker_command(), logs, behind) for number in (1, 2)]
    background.append(program("schedule", schedule_command(), logs, behind))
    for child in background:
        child.patience = _JOB_SECONDS
    supervisor.start(background, stop_last=True)


if __name__ == "__main__":
    sys.exit(main())
