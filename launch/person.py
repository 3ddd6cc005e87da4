"""`bin/portal person`: a copy of what the portal knows of somebody, who has a right to it."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path

from launch.refusal import Refusal
from launch.storage import sqlalchemy_url


def add_parser(parts: argparse._SubParsersAction) -> None:
    """What stands behind `bin/portal person`."""
    person = parts.add_parser("person", help="hand out what is kept of a person, as OWNER_DATABASE_URL")
    acts = person.add_subparsers(dest="act", required=True)
    export = acts.add_parser("export", help="write it into a file that is not there yet, as JSON")
    export.add_argument("mail", help="address with which the person signs in")
    export.add_argument("--out", type=Path, required=True, help="file to write, for its owner alone")


def run(options: argparse.Namespace, urls: Mapping[str, str]) -> int:
    """Do what is asked for. urls: of the database, by the variables that name them."""
    from portal.capabilities import CAPABILITIES
    from portal.identity.personal_data import personal_data
    from portal.kernel.db import Database, transaction
    from portal.kernel.errors import NotFound

    url = urls.get("OWNER_DATABASE_URL")
    if not url:
        raise Refusal("set OWNER_DATABASE_URL, the database as the role that owns it")
    database = Database(sqlalchemy_url(url), pool_size=1)
    try:
        with transaction(database.system_session()) as session:
            declared = [one for capability in CAPABILITIES for one in capability.personal]
            found = personal_data(session, options.mail, declared)
            _write(options.out, json.dumps(found, default=str, ensure_ascii=False, indent=2))
    except NotFound:
        raise Refusal("nobody signs in with this address") from None
    finally:
        database.dispose()
    print(f"{sum(map(len, found.values()))} rows of {sum(map(bool, found.values()))} tables")
    return 0


def _write(out: Path, content: str) -> None:
    """Within the transaction: what cannot be written has not been handed out, and is not recorded."""
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            print(content, file=file)
    except OSError as error:
        raise Refusal(f"{out} cannot be written: {error.strerror}") from error
