"""The embedded PostgreSQL: where it runs, what it grants, and what it survives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from launch.bootstrap import ROOT
from launch.postgres import APP, OWNER, SUPERUSER, Postgres
from launch.process import runs, wait_until
from launch.refusal import Refusal
from launch.storage import libpq_url
from launch.valkey import Valkey

LEAVE_A_ROW_AND_WAIT = """
import sys, psycopg, time
from launch.postgres import Postgres
with Postgres(sys.argv[1]) as postgres:
    with psycopg.connect(postgres.dsn("portal_owner")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    print(postgres.pid, flush=True)
    time.sleep(60)
"""


def one(dsn: str, query: str):
    """First column of the first row."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchone()[0]


def test_it_starts_in_a_path_with_spaces_and_ends_without_a_trace(folder: Path):
    with Postgres(folder / "my data", durable=False) as postgres:
        assert one(libpq_url(postgres.app_url), "SELECT current_user") == APP
        server, sockets = psutil.Process(postgres.pid), postgres.socket_folder
        assert len(os.fsencode(sockets)) < 60
    assert not runs(server) and not sockets.exists()


def test_the_server_does_not_run_as_root(postgres: Postgres):
    assert psutil.Process(postgres.pid).uids().effective != 0


def test_the_roles_of_the_portal_have_no_rights_beyond_their_work(postgres: Postgres):
    rights = (
        "SELECT bool_or(rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)"
        " FROM pg_roles"
    )
    assert one(postgres.dsn(SUPERUSER), f"{rights} WHERE rolname IN ('{OWNER}', '{APP}')") is False
    assert (
        one(postgres.dsn(OWNER), "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'portal'")
        == OWNER
    )


def test_what_the_owner_makes_is_closed_to_the_app_until_granted(postgres: Postgres):
    with psycopg.connect(postgres.dsn(OWNER)) as connection:
        connection.execute("CREATE TABLE closed AS SELECT 1")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        one(postgres.dsn(APP), "SELECT count(*) FROM closed")


def test_text_is_unicode_and_sorts_alike_on_every_system(postgres: Postgres):
    assert one(postgres.dsn(APP), "SELECT upper('é') || lower('Ä')") == "Éä"
    assert (
        one(postgres.dsn(APP), "SELECT string_agg(x, '' ORDER BY x) FROM unnest('{b,A,a,中,B}'::text[]) x")
        == "ABab中"
    )


def test_a_database_can_be_copied(postgres: Postgres):
    postgres.create_database("original")
    with psycopg.connect(postgres.dsn(OWNER, "original")) as connection:
        connection.execute("CREATE TABLE colours AS SELECT 'red' AS name")
    postgres.create_database("copy", template="original")
    assert one(postgres.dsn(OWNER, "copy"), "SELECT name FROM colours") == "red"
    postgres.drop_database("copy")
    assert not postgres.has_database("copy")


def test_committed_rows_survive_the_killing_of_the_server(folder: Path):
    with Postgres(folder) as postgres:
        with psycopg.connect(postgres.dsn(OWNER)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        idle = psycopg.connect(postgres.dsn(APP))
        url = postgres.app_url
        postgres.kill()
        assert not postgres.alive()
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")
        postgres.start()
        assert postgres.app_url == url
        assert one(postgres.dsn(OWNER), "SELECT answer FROM kept") == 42


def test_a_second_server_on_the_same_folder_is_refused(folder: Path):
    with Postgres(folder, durable=False) as first:
        with pytest.raises(Refusal, match=f"already runs on .*process {os.getpid()}"):
            Postgres(folder, durable=False).open()
        assert one(first.dsn(APP), "SELECT 1") == 1


def test_a_server_whose_launcher_was_killed_goes_too_and_its_rows_are_kept(folder: Path):
    command = [sys.executable, "-c", LEAVE_A_ROW_AND_WAIT, str(folder)]
    launcher = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    server = psutil.Process(int(launcher.stdout.readline()))
    sockets = Path((folder / "socket-folder").read_text())
    launcher.send_signal(signal.SIGKILL)
    launcher.communicate()
    if sys.platform == "linux":
        assert wait_until(lambda: not runs(server), 10)
    with Postgres(folder) as postgres:
        assert one(postgres.dsn(OWNER), "SELECT answer FROM kept") == 42
    assert not runs(server) and not sockets.exists()


def test_the_number_of_a_dead_server_may_belong_to_a_stranger_by_now(folder: Path):
    with Postgres(folder, durable=False) as postgres:
        data = postgres.data
        postgres.kill()
        stale = (data / "postmaster.pid").read_text().split("\n", 1)
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{stale[1]}")
    with Postgres(folder, durable=False) as postgres:
        assert postgres.alive()


def test_a_half_made_data_folder_is_made_anew(folder: Path):
    half = folder / "data.half-made"
    half.mkdir()
    (half / "base").mkdir()
    with Postgres(folder, durable=False) as postgres:
        assert postgres.alive() and not half.exists()


@pytest.mark.parametrize("version", [None, "eighteen"])
def test_a_damaged_data_folder_is_left_alone(folder: Path, version: str | None):
    (folder / "data" / "base").mkdir(parents=True)
    if version is not None:
        (folder / "data" / "PG_VERSION").write_text(version)
    with pytest.raises(Refusal, match="damaged"):
        Postgres(folder, durable=False).open()
    assert (folder / "data" / "base").is_dir()


def refused(dsn: str, uid: int) -> bool:
    """Whether another account of the machine is not let in, by name and not by chance."""
    if (child := os.fork()) == 0:
        try:
            os.setgroups([])
            os.setuid(uid)
            psycopg.connect(dsn)
        except psycopg.OperationalError as error:
            os._exit(7 if "Peer authentication failed" in str(error) else 1)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("role", [SUPERUSER, OWNER, APP])
def test_a_role_is_for_the_account_that_started_the_server_and_for_no_other(postgres: Postgres, role: str):
    assert one(postgres.dsn(role), "SELECT current_user") == role
    assert refused(
        postgres.dsn(role), psutil.Process(postgres.pid).uids().real
    )  # the socket is its own, and yet


def test_what_servers_write_is_nobody_elses_to_read(folder: Path):
    with Postgres(folder, durable=False), Valkey(folder / "queue") as valkey:
        redis.from_url(valkey.url).set("a", 1)
        written = list(folder.rglob("*"))
        assert {"PG_VERSION", "postgres.log", "valkey.log", "lock", "socket-folder"} <= {
            path.name for path in written
        }
        assert [path for path in written if path.is_file() and path.stat().st_mode & 0o077] == []
        assert [path for path in written if path.is_dir() and path.stat().st_mode & 0o066] == []


def test_data_of_another_version_are_left_alone(folder: Path):
    (folder / "data").mkdir()
    (folder / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(Refusal, match="made by PostgreSQL 15"):
        Postgres(folder).open()
    assert (folder / "data" / "PG_VERSION").read_text() == "15\n"
    (folder / "data" / "PG_VERSION").unlink()


def test_data_lie_in_their_folder_unless_the_servers_account_cannot_get_there(folder: Path):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    inner = closed / "postgres"
    try:
        with Postgres(inner, durable=False) as postgres:
            assert (closed in postgres.data.parents) == (os.geteuid() != 0)
            assert one(postgres.dsn(APP), "SELECT 1") == 1
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        Postgres.erase(inner)
    assert not postgres.data.exists()
