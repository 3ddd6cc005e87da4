"""Whether the process lives (/healthz) and whether it should get requests (/readyz)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Blueprint, Response, jsonify
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.request import portal

blueprint = Blueprint("health", __name__)

_MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 as long as the process answers."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def readyz() -> Response:
    """503 unless the database answers and its schema is this release's. Else 200: ``ready``, or ``degraded`` without Valkey.

    Pages and orders go on without Valkey. A 503 would make a load balancer take every process away at once, for nothing.
    """
    checks = {"database": _database_fault(), "valkey": _valkey_fault()}
    status = "unready" if checks["database"] else "degraded" if checks["valkey"] else "ready"
    response = jsonify(status=status, checks={name: fault or "ok" for name, fault in checks.items()})
    response.status_code = 503 if status == "unready" else 200
    return response


def _database_fault() -> str | None:
    try:
        with portal().database.engine.connect() as connection:
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        return "unreachable, or never migrated"
    return None if found == _head() else f"schema is at {found}, this release needs {_head()}"


def _valkey_fault() -> str | None:
    try:
        portal().valkey.ping()
    except RedisError:
        return "unreachable"
    return None


@cache
def _head() -> str | None:
    """The newest migration of this release."""
    from alembic.config import Config  # a tenth of a second and 10 MB that no other request needs
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()
