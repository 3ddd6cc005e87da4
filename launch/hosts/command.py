"""`bin/portal cluster`: its options, and what it says."""

from __future__ import annotations

import argparse
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

from launch.bootstrap import ROOT
from launch.hosts.cluster import HOSTS_MAX, HOSTS_MIN, Cluster, raise_cluster
from launch.hosts.machine import lacking
from launch.interruption import Stop, stop_on_signals
from launch.supervisor import Supervisor
from launch.terminal import say

FOLDER = ROOT / "var" / "cluster"
UNAVAILABLE = 2
"""Exit status where the machine lacks something."""


def add_parser(parts: argparse._SubParsersAction) -> None:
    """The options of the command."""
    parser = parts.add_parser(
        "cluster", help="run what deploy/ describes on several hosts of this machine, with demo data"
    )
    parser.add_argument("--data", type=Path, default=FOLDER, help="folder to keep the data in (var/cluster)")
    add_machine(parser)


def add_machine(parser: argparse._ActionsContainer) -> None:
    """How many hosts, and what of this machine they use."""
    parser.add_argument(
        "--hosts",
        type=int,
        default=5,
        choices=range(HOSTS_MIN, HOSTS_MAX + 1),
        help="three of data, the others of the portal (5)",
    )
    parser.add_argument("--network", default="10.177.0", help="its first three numbers (10.177.0)")
    parser.add_argument("--patroni", default=shutil.which("patroni"), help="the program (patroni)")


def lacks(options: argparse.Namespace, program: str) -> bool:
    """Whether this machine lacks something, which is said."""
    missing = lacking(options.patroni)
    for one in missing:
        print(f"{program}: a cluster needs {one}", file=sys.stderr)
    return bool(missing)


def start(stack: ExitStack, options: argparse.Namespace, folder: Path) -> tuple[Cluster, Supervisor]:
    """A cluster, and who starts again what ends in it; the stack stops both."""
    supervisor = stack.enter_context(Supervisor(say))
    cluster = raise_cluster(stack, options.hosts, folder.absolute(), options.network, options.patroni)
    for children in cluster.programs.values():
        for child in children.values():
            supervisor.keep(child)
    return cluster, supervisor


def run(options: argparse.Namespace) -> int:
    """Start, and keep it running until told to stop."""
    if lacks(options, "bin/portal"):
        return UNAVAILABLE
    stop_on_signals()
    try:
        with ExitStack() as stack:
            cluster, supervisor = start(stack, options, options.data)
            for host in cluster.apps:
                say(f"https://{host.address} (its certificate is its own)")
            say(f"people and programs: {options.data.absolute() / 'demo' / 'credentials.json'}")
            supervisor.watch()
    except Stop as stop:
        return stop.exit_status
