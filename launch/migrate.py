"""Brings a database to the newest schema."""

from __future__ import annotations

import os

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from psycopg.conninfo import conninfo_to_dict

from launch.bootstrap import ROOT
from launch.refusal import Refusal
from launch.storage import libpq_url


def migrate(owner_url: str, app_url: str, issuer_url: str) -> None:
    """Run every migration the database lacks, as the role of `owner_url`.

    Grants go to the roles of the other two.

    Raises Refusal for a database that a newer copy of the portal has migrated.
    """
    for variable, url in (("TONGLU_APP_ROLE", app_url), ("TONGLU_ISSUER_ROLE", issuer_url)):
        if role := conninfo_to_dict(libpq_url(url)).get("user"):
            os.environ.setdefault(variable, str(role))
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = owner_url
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        if "locate revision" in str(error):
            raise Refusal(
                f"the database is newer than this copy of the portal: {error}. Update the copy."
            ) from error
        raise
