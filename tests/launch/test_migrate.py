"""Migrating beside a portal that is at work: in turn, and never for long in anybody's way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from launch.bootstrap import ROOT
from launch.migrate import BASELINE, migrate, refuse_other_schema
from launch.postgres import Postgres
from launch.refusal import Refusal
from launch.storage import libpq_url

_TURN = 0x746F6E67  # as migrations/env.py has it


@pytest.fixture
def urls(postgres: Postgres) -> Iterator[tuple[str, str, str]]:
    """An empty database, as owner, serving role and issuer know it."""
    postgres.create_database("shop")
    yield tuple(postgres.url(role, "shop") for role in ("portal_owner", "portal_app", "portal_issuer"))
    postgres.drop_database("shop")


@pytest.fixture
def owner(urls: tuple[str, str, str]) -> Iterator[psycopg.Connection]:
    """A connection of the owner that commits by itself."""
    with psycopg.connect(libpq_url(urls[0]), autocommit=True) as connection:
        yield connection


def revision(owner: psycopg.Connection) -> str:
    """Where the database stands."""
    return owner.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def others(owner: psycopg.Connection) -> list[str]:
    """What those who are connected beside us are about."""
    rows = owner.execute(
        "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND (query LIKE '%pg_try_advisory_lock%' OR query = 'ROLLBACK')"
    )
    return [state for (state,) in rows]


def is_waiting(owner: psycopg.Connection) -> bool:
    """Whether somebody asks for its turn, again and again: between two times it may just begin."""
    deadline = time.monotonic() + 30
    while not (met := others(owner)) and time.monotonic() < deadline:
        pass
    return bool(met)


@contextmanager
def started(urls: tuple[str, str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that migrates, as an operator starts it; gone at the end of the block."""
    names = ("OWNER_DATABASE_URL", "DATABASE_URL", "ISSUER_DATABASE_URL")
    command = [sys.executable, "-m", "launch.production", "migrate"]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | dict(zip(names, urls, strict=True)))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_who_waits_for_its_turn_to_migrate_keeps_no_index_from_being_made(
    urls: tuple[str, str, str], owner: psycopg.Connection
):
    owner.execute("CREATE TABLE large AS SELECT 1 AS number")
    owner.execute("SELECT pg_advisory_lock(%s)", [_TURN])
    with started(urls) as waiting:
        assert is_waiting(owner)
        owner.execute("SET statement_timeout = '10s'")
        owner.execute("CREATE INDEX CONCURRENTLY ix_large ON large (number)")
        assert is_waiting(owner) and waiting.poll() is None
        owner.execute("SELECT pg_advisory_unlock(%s)", [_TURN])
        assert waiting.wait(timeout=60) == 0
    assert revision(owner) >= BASELINE


def test_two_that_migrate_at_once_both_come_to_the_end(urls: tuple[str, str, str], owner: psycopg.Connection):
    with started(urls) as one, started(urls) as other:
        assert [one.wait(timeout=60), other.wait(timeout=60)] == [0, 0]
    assert revision(owner) >= BASELINE


def test_a_table_that_somebody_holds_is_not_waited_for(urls: tuple[str, str, str], owner: psycopg.Connection):
    migrate(*urls)
    with owner.transaction():
        owner.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Refusal, match=r"holds a table.*start again"):
            migrate(*urls, patience="20ms", pauses=())
    migrate(*urls)


def test_a_table_that_is_given_back_meanwhile_is_tried_again(
    urls: tuple[str, str, str], owner: psycopg.Connection
):
    migrate(*urls)
    owner.execute("BEGIN")
    owner.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")

    def given_back() -> Iterator[float]:
        yield 0.0  # and once it was asked for in vain
        owner.execute("COMMIT")
        yield 0.0

    migrate(*urls, patience="20ms", pauses=given_back())
    assert owner.info.transaction_status is TransactionStatus.IDLE


def test_a_part_starts_only_upon_a_schema_that_it_works_with(
    urls: tuple[str, str, str], owner: psycopg.Connection
):
    with pytest.raises(Refusal, match="never migrated: run bin/portal migrate"):
        refuse_other_schema(urls[1])
    migrate(*urls)
    refuse_other_schema(urls[1])
    owner.execute("UPDATE alembic_version SET version_num = '9999'")
    refuse_other_schema(urls[1])  # the comment says that releases before it still work
    owner.execute("COMMENT ON TABLE alembic_version IS '9998'")
    with pytest.raises(Refusal, match="wants a release that knows 9998"):
        refuse_other_schema(urls[1])


@pytest.mark.parametrize("part", ["web", "worker", "schedule"])
def test_each_part_asks_before_it_begins(urls: tuple[str, str, str], part: str):
    told = subprocess.run(
        [sys.executable, "-m", "launch.production", part],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": libpq_url(urls[1]), "ISSUER_DATABASE_URL": urls[2]},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 1 and "never migrated: run bin/portal migrate" in told.stderr


def test_a_part_that_was_told_no_database_says_so_itself():
    refuse_other_schema("")


BEGUN_WITH = """
SELECT r.rolname, s.setconfig FROM pg_db_role_setting s
  JOIN pg_roles r ON r.oid = s.setrole JOIN pg_database d ON d.oid = s.setdatabase
 WHERE d.datname = current_database() ORDER BY r.rolname
"""


def test_the_roles_that_serve_begin_with_their_settings_where_the_owner_may_say_so(
    postgres: Postgres, urls: tuple[str, str, str], owner: psycopg.Connection
):
    migrate(*urls)
    assert owner.execute(BEGUN_WITH).fetchall() == [], "this owner may not, and is not stopped by it"
    migrate(postgres.url("postgres", "shop"), *urls[1:])
    (app, begun_with), (issuer, _) = owner.execute(BEGUN_WITH).fetchall()
    assert (app, issuer) == ("portal_app", "portal_issuer")
    assert {"plan_cache_mode=force_generic_plan", "app.time_zone=Asia/Shanghai"} <= set(begun_with)
    with psycopg.connect(libpq_url(urls[1])) as served:
        assert served.execute("SHOW lock_timeout").fetchone() == ("10s",)
