"""`bin/portal`: one part of the portal in the foreground, configured by the environment (see config.py)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection
from pathlib import Path

from launch import audit, keys, person, trace
from launch.backup import command as backup
from launch.bootstrap import ROOT
from launch.certificate import make_certificate
from launch.hosts import command as cluster
from launch.migrate import migrate, refuse_other_schema
from launch.precompress import precompress
from launch.programs import (
    SIGNING_SECRETS,
    WEB_THREADS,
    WEB_WORKERS,
    bounce_command,
    check_command,
    metrics_command,
    schedule_command,
    web_command,
    worker_command,
)
from launch.refusal import Refusal
from launch.storage import sqlalchemy_url

# Only migrations act as the owner, only backups read everything, only web processes sign anybody in, only
# workers sign papers.
_UNKNOWN_TO_ALL = frozenset({"OWNER_DATABASE_URL", "BACKUP_DATABASE_URL", "BACKUP_KEY"})
_UNKNOWN_TO_WEB = _UNKNOWN_TO_ALL | frozenset(SIGNING_SECRETS)
_UNKNOWN_TO_WORKERS = _UNKNOWN_TO_ALL | {"ISSUER_DATABASE_URL"}


def main() -> int:
    """Migrate, or become the part asked for."""
    options = parse(sys.argv[1:])
    os.chdir(ROOT)
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "ISSUER_DATABASE_URL"):
        if name in os.environ:
            os.environ[name] = sqlalchemy_url(os.environ[name])
    try:
        if options.part == "migrate":
            migrate(_owner_url(), os.environ.get("DATABASE_URL") or _owner_url(), _issuer_url())
            return 0
        if options.part == "audit":
            return audit.run(options)
        if options.part == "backup":
            return backup.run(options)
        if options.part == "cluster":
            return cluster.run(options)
        if options.part == "keys":
            return keys.run(options, os.environ)
        if options.part == "person":
            return person.run(options, os.environ)
        if options.part == "trace":
            return trace.run(options)
        if options.part == "demo-certificate":
            made = make_certificate(Path(options.folder))
            print(f"TONGLU_SIGNING_KEY={made.key}\nTONGLU_SIGNING_CERTIFICATE={made.certificate}")
            return 0
        become(_command(options), without=_UNKNOWN_TO_WEB if options.part == "web" else _UNKNOWN_TO_WORKERS)
    except Refusal as refusal:
        print(f"bin/portal: {refusal}", file=sys.stderr)
    return 1


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="bin/portal", description="Run one part of the portal in production."
    )
    parts = parser.add_subparsers(dest="part", required=True)
    parts.add_parser("migrate", help="bring the database to the newest schema, as OWNER_DATABASE_URL")
    web = parts.add_parser("web", help="serve pages and API")
    web.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    web.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
    web.add_argument("--workers", type=int, default=WEB_WORKERS, help=f"processes ({WEB_WORKERS})")
    web.add_argument(
        "--threads", type=int, default=WEB_THREADS, help=f"threads in each process ({WEB_THREADS})"
    )
    parts.add_parser("worker", help="work off queued jobs; run as many as you like")
    parts.add_parser("schedule", help="queue recurring jobs; run one")
    metrics = parts.add_parser("metrics", help="say how the portal stands and what it counts, to Prometheus")
    metrics.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    metrics.add_argument("--port", type=int, default=9464, help="port to listen on (9464)")
    metrics.add_argument(
        "--processes-only", action="store_true", help="what processes of this machine counted, nothing else"
    )
    parts.add_parser(
        "check", help="compare stock, orders, ledger and statements with each other; 1 if something differs"
    )
    certificate = parts.add_parser(
        "demo-certificate", help="make a key and a certificate that nobody vouches for, to try signing"
    )
    certificate.add_argument("folder", help="folder outside of the repository to write them into")
    audit.add_parser(parts)
    keys.add_parser(parts)
    person.add_parser(parts)
    trace.add_parser(parts)
    backup.add_parser(parts)
    cluster.add_parser(parts)
    parts.add_parser("bounce", help="read a mail that came back from standard input; 1 if it is no report")
    return parser.parse_args(arguments)


def _owner_url() -> str:
    """Whose rights the migration has."""
    url = os.environ.get("OWNER_DATABASE_URL") or os.environ.get("DATABASE_URL")
    if not url:
        raise Refusal("set OWNER_DATABASE_URL, the database as the role that owns it")
    return url


def _issuer_url() -> str:
    """Whose rights signing in has."""
    url = os.environ.get("ISSUER_DATABASE_URL")
    if not url:
        raise Refusal(
            "set ISSUER_DATABASE_URL, the database as the role that signs people in (docs/operations.md)"
        )
    return url


def _command(options: argparse.Namespace) -> list[str]:
    """The program behind the part."""
    if options.part in ("web", "worker", "schedule"):
        refuse_other_schema(os.environ.get("DATABASE_URL", ""))
    if options.part == "web":
        _issuer_url()
        precompress()
        return web_command(options.host, options.port, options.workers, options.threads)
    if options.part == "metrics":
        return metrics_command(options.host, options.port, processes_only=options.processes_only)
    commands = {
        "worker": worker_command,
        "schedule": schedule_command,
        "check": check_command,
        "bounce": bounce_command,
    }
    return commands[options.part]()


def become(command: list[str], *, without: Collection[str]) -> None:
    """Replace this process, without the addresses it has no business with."""
    environment = {name: value for name, value in os.environ.items() if name not in without}
    os.execve(command[0], command, environment)


if __name__ == "__main__":
    sys.exit(main())
