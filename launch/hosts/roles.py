"""The roles and the database of a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from launch.hosts import files
from launch.postgres import APP, DATABASE, ISSUER, OWNER, SUPERUSER


def make_roles(socket: Path, passwords: Mapping[str, str]) -> None:
    """Make what docs/operations.md asks for, unless it is there, at the server that leads."""
    with psycopg.connect(
        host=str(socket),
        user=SUPERUSER,
        password=passwords["superuser"],
        dbname="postgres",
        autocommit=True,
    ) as connection:
        for role in (OWNER, APP, ISSUER):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(passwords[role])
                    )
                )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8'").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER)
                )
            )
        # What the migration asks for where the owner may not (docs/operations.md, Database).
        for role in (APP, ISSUER):
            for setting, value in files.role_settings().items():
                connection.execute(
                    sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                        sql.Identifier(role),
                        sql.Identifier(DATABASE),
                        sql.Identifier(*setting.split(".")),
                        sql.Literal(value),
                    )
                )
