"""`bench/run`: one JSON object a workload on standard output; only ratios are goals, the machine is
shared.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import sysconfig
from pathlib import Path

from bench import (
    books,
    forecast,
    ha,
    plans,
    w1_price_page,
    w2_place_order,
    w3_hot_product,
    w4_month_close,
    w5_publish_policy,
    w7_own_ledger,
    w8_quick_order,
)
from bench.losses import LOSSES
from bench.stage import ROOT, set_up
from launch.hosts import command as hosts
from launch.interruption import Stop, stop_on_signals
from launch.refusal import Refusal

WORKLOADS = {
    "W1": w1_price_page,
    "W2": w2_place_order,
    "W3": w3_hot_product,
    "W4": w4_month_close,
    "W5": w5_publish_policy,
    "W7": w7_own_ledger,
    "W8": w8_quick_order,
    "PLANS": plans,
}

ON_PAPER = {"FORECAST": forecast}
"""What needs no portal."""

ON_BOOKS = {"BOOKS": books}
"""What makes its own data, of a scale."""

HOSTS = "HA"
"""What starts a cluster of hosts of its own, and is asked for by name and alone."""


def main() -> int:
    """Measure what was asked for."""
    options = parse(sys.argv[1:])
    os.chdir(ROOT)
    if options.workloads == [HOSTS]:
        return _on_hosts(options)
    every = [*WORKLOADS, *ON_PAPER, *ON_BOOKS]
    wanted = every if "all" in options.workloads else list(dict.fromkeys(options.workloads))
    for name in (name for name in wanted if name in ON_PAPER):
        print(json.dumps({"workload": name, **ON_PAPER[name].run()}), flush=True)
    for name in (name for name in wanted if name in ON_BOOKS):
        found = ON_BOOKS[name].run(options.scale)
        print(json.dumps({"workload": name, "scale": options.scale, **found}), flush=True)
    wanted = [name for name in wanted if name in WORKLOADS]
    if not wanted:
        return 0
    data = options.data or ROOT / "var" / f"bench-{options.scale}"
    try:
        print(json.dumps(interpreter()), flush=True)
        with set_up(options.scale, data.absolute(), options.seconds) as stage:
            for name in wanted:
                print(
                    json.dumps(
                        {"workload": name, "scale": options.scale, **WORKLOADS[name].run(stage)},
                        ensure_ascii=False,
                    ),
                    flush=True,
                )
    except Refusal as refusal:
        print(f"bench/run: {refusal}", file=sys.stderr)
        return 1
    return 0


def _on_hosts(options: argparse.Namespace) -> int:
    if hosts.lacks(options, "bench/run"):
        return hosts.UNAVAILABLE
    stop_on_signals()
    try:
        return ha.main(options, (options.data or hosts.FOLDER).absolute())
    except Refusal as refusal:
        print(f"bench/run: {refusal}", file=sys.stderr)
        return 1
    except Stop as stop:
        return stop.exit_status


def interpreter() -> dict[str, object]:
    """What runs the portal.

    The flags tell whether it was built with optimisation; one that was not costs 10 to 18 %.
    """
    arguments = sysconfig.get_config_var("CONFIG_ARGS") or ""
    flags = {"pgo": "--enable-optimizations", "lto": "--with-lto", "debug": "--with-pydebug"}
    built = {name: flag in arguments for name, flag in flags.items()}
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "compiler": platform.python_compiler(),
        **built,
        "optimisation": " ".join(
            flag for flag in (sysconfig.get_config_var("CFLAGS") or "").split() if flag.startswith("-O")
        ),
        "cores": os.cpu_count(),
    }


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="bench/run", description="Measure the portal against limits of the same run."
    )
    parser.add_argument(
        "workloads",
        nargs="*",
        default=["all"],
        metavar="W",
        help=f"{', '.join(WORKLOADS)} or all (all); {HOSTS} alone",
    )
    parser.add_argument(
        "--scale", choices=("small", "large"), default="small", help="amount of demo data (small)"
    )
    parser.add_argument("--data", type=Path, help="folder to keep the data in (var/bench-SCALE)")
    parser.add_argument("--seconds", type=float, default=8, help="length of a measurement (8)")
    cluster = parser.add_argument_group(HOSTS)
    hosts.add_machine(cluster)
    cluster.add_argument(
        "--losing",
        action="append",
        default=[],
        choices=[loss.name for loss in LOSSES],
        help="one thing to lose; may be given several times (everything)",
    )
    options = parser.parse_args(arguments)
    if options.workloads == [HOSTS]:
        return options
    if unknown := set(options.workloads) - {*WORKLOADS, *ON_PAPER, *ON_BOOKS, "all"}:
        parser.error(f"no such workload: {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    sys.exit(main())
