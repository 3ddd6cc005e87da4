"""Brings a database to the newest schema."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import LockNotAvailable, UndefinedTable
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import OperationalError, ProgrammingError

from launch.bootstrap import ROOT
from launch.refusal import Refusal
from launch.storage import libpq_url
from portal.kernel.schema import STANDS_AT, schema_range

BASELINE = "0019"
"""A database stands there, or later, or is empty: the steps that led to it are replaced by what they made."""

# Seconds between two attempts at a table that somebody holds: who queued behind the first goes on meanwhile.
_PAUSES = (1.0, 2.0, 4.0, 8.0)

_ANSWER_SECONDS = 3

_UNKNOWN = re.compile(r"locate revision identified by '(?P<revision>[^']+)'")


def migrate(
    owner_url: str,
    app_url: str,
    issuer_url: str,
    *,
    patience: str | None = None,
    pauses: Iterable[float] = _PAUSES,
) -> None:
    """Run every migration the database lacks, as the role of `owner_url`.

    Grants go to the roles of the other two. A table is waited for as long as `patience` (``2s``), and once
    more after each of the `pauses`.

    Raises Refusal for a database that a newer copy of the portal has migrated, or one that an older one left
    before the baseline; and when somebody keeps a table from it.
    """
    for variable, url in (("TONGLU_APP_ROLE", app_url), ("TONGLU_ISSUER_ROLE", issuer_url)):
        if role := conninfo_to_dict(libpq_url(url)).get("user"):
            os.environ.setdefault(variable, str(role))
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = owner_url
    if patience:
        config.attributes["patience"] = patience
    for pause in pauses:
        try:
            _upgrade(config)
        except _TableHeld:
            time.sleep(pause)
        else:
            return
    _upgrade(config)


class _TableHeld(Refusal):
    """Somebody keeps a table from the migration."""


def _upgrade(config: Config) -> None:
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        if unknown := _UNKNOWN.search(str(error)):
            raise Refusal(_stands_elsewhere(unknown["revision"])) from error
        raise
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise _TableHeld(
                "a long transaction holds a table that a migration changes, and nobody shall wait for both."
                " What came before is done. End that transaction, or start again in a quieter hour."
            ) from error
        raise


def _stands_elsewhere(revision: str) -> str:
    if revision.isdigit() and revision < BASELINE:
        return (
            f"the database stands at revision {revision}, from where this copy of the portal knows no way."
            f" Bring it to {BASELINE} with the last copy that does (docs/operations.md, Upgrading), then"
            " start this one again. Demo data need no upgrade: bin/demo --reset loads them afresh."
        )
    return (
        f"the database stands at revision {revision} and is newer than this copy of the portal."
        " Update the copy."
    )


def refuse_other_schema(url: str) -> None:
    """Raise Refusal when the database has a schema that this release does not work with.

    One that does not answer is not waited for: every part says so itself, and goes on when it is back. The
    same holds for an address that nobody told.
    """
    if not url:
        return
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": _ANSWER_SECONDS})
    try:
        with engine.connect() as connection:
            stands = connection.execute(STANDS_AT).one_or_none()
    except ProgrammingError as error:
        if not isinstance(error.orig, UndefinedTable):
            raise
        stands = None
    except OperationalError:
        return
    version, oldest = (stands.version, stands.oldest_release) if stands else (None, None)
    if fault := schema_range().fault(version, oldest):
        raise Refusal(f"the database does not fit: {fault}")
