"""`bin/portal trace`: what follows from all that was told of a channel, from its files alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from launch.refusal import Refusal


def add_parser(parts: argparse._SubParsersAction) -> None:
    """What stands behind `bin/portal trace`."""
    trace = parts.add_parser("trace", help="judge a channel that is told in files")
    acts = trace.add_subparsers(dest="act", required=True)
    replay = acts.add_parser(
        "replay", help="write who is asked, who holds what is recalled, what was refused"
    )
    replay.add_argument("folder", type=Path, help="folder with the files of the channel (docs/diversion.md)")
    replay.add_argument(
        "--out", type=Path, required=True, help="folder for alerts.csv, holders.csv and defects.csv"
    )


def run(options: argparse.Namespace) -> int:
    """Do what is asked for. Neither database nor settings are needed."""
    from portal.diversion.channel import Unreadable, read_channel, replay, write_replayed

    try:
        found = replay(read_channel(options.folder))
    except Unreadable as error:
        raise Refusal(str(error)) from error
    try:
        write_replayed(found, options.out)
    except OSError as error:
        raise Refusal(f"{options.out} cannot be written: {error.strerror}") from error
    accused = sum(bool(verdict.dealer) for _, verdict in found.alerts)
    print(
        f"{accused} sightings accuse somebody, {len(found.alerts) - accused} are watched; "
        f"{len(found.defects)} lines counted for nothing"
    )
    return 0
