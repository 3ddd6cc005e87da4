"""`bin/portal keys`: the keys that sign tokens, and another one.

Web processes notice within seconds; nobody is signed out, unless what was signed is to be trusted no more.
"""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime, timedelta

from launch.refusal import Refusal


def add_parser(parts: argparse._SubParsersAction) -> None:
    """What stands behind `bin/portal keys`."""
    keys = parts.add_parser(
        "keys", help="show the keys that sign tokens, or make another, as ISSUER_DATABASE_URL"
    )
    acts = keys.add_subparsers(dest="act", required=True)
    acts.add_parser("list", help="each key, and until when it signs and verifies")
    rotate = acts.add_parser("rotate", help="another key; it signs six minutes after it is published")
    how = rotate.add_mutually_exclusive_group()
    how.add_argument("--at-once", action="store_true", help="it signs now")
    how.add_argument(
        "--distrust", action="store_true", help="it signs now, and what was signed before is refused"
    )


def run(options: argparse.Namespace, url: str) -> int:
    """Do what is asked for."""
    from portal.identity.keys import AHEAD, KeyRing
    from portal.kernel.db import Database

    secret = os.environ.get("TONGLU_SECRET_KEY", "")
    if not secret:
        raise Refusal("set TONGLU_SECRET_KEY, under which the keys are kept")
    ring = KeyRing(Database(url, pool_size=1), secret)
    if options.act == "rotate":
        ring.rotate(
            ahead=timedelta(0) if options.at_once or options.distrust else AHEAD,
            trusted=not options.distrust,
        )
    for one in ring.kept():
        state = "signs" if one.signs(datetime.now(UTC)) else "verifies"
        until = f"retired {one.retired_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if one.retired_at else ""
        print(f"{one.key.kid} made {one.made_at.astimezone(UTC):%Y-%m-%dT%H:%MZ} {state} {until}".rstrip())
    return 0
