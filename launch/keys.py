"""`bin/portal keys`: the keys that sign tokens, and another one.

Web processes notice within seconds; nobody is signed out, unless what was signed is to be trusted no more.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from launch.refusal import Refusal
from launch.storage import libpq_url


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
    acts.add_parser(
        "reseal",
        help="bring what is kept under a former secret key under the present one, as OWNER_DATABASE_URL",
    )


def run(options: argparse.Namespace, urls: Mapping[str, str]) -> int:
    """Do what is asked for. urls: of the database, by the variables that name them."""
    if options.act == "reseal":
        return _reseal(urls.get("OWNER_DATABASE_URL"))
    from portal.identity.keys import AHEAD, KeyRing
    from portal.kernel.db import Database

    url = urls.get("ISSUER_DATABASE_URL")
    if not url:
        raise Refusal("set ISSUER_DATABASE_URL, the database as the role that signs people in")
    ring = KeyRing(Database(url, pool_size=1), *_secrets())
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


def _reseal(url: str | None) -> int:
    """Under the present secret key whatever opens; 1 if something does not."""
    import psycopg

    from portal.capabilities import CAPABILITIES
    from portal.kernel.at_rest import reseal

    if not url:
        raise Refusal("set OWNER_DATABASE_URL, the database as the role that owns it")
    secrets = _secrets()
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("SELECT set_config('app.region_ids', '*', true)")
        done = reseal(connection, [column for one in CAPABILITIES for column in one.at_rest], secrets)
    for column, (under, lost) in done.items():
        told = f", {lost} open with none that is set" if lost else ""
        print(f"{column}: {under} under the present key{told}")
    return 1 if any(lost for _, lost in done.values()) else 0


def _secrets() -> list[str]:
    """The secret key and those that are accepted beside it, as the settings have them."""
    secret, also = os.environ.get("TONGLU_SECRET_KEY", ""), os.environ.get("TONGLU_SECRET_KEY_ALSO") or "[]"
    if not secret:
        raise Refusal("set TONGLU_SECRET_KEY, under which the keys are kept")
    try:
        return [secret, *(str(one) for one in json.loads(also))]
    except (ValueError, TypeError):
        raise Refusal('TONGLU_SECRET_KEY_ALSO is a JSON list: ["…"]') from None
