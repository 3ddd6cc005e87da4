"""A portal is backed up and restored, to any moment, with its files and keys; nothing of a killed backup is
taken for one.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from launch import production
from launch.backup import command
from launch.backup.drill import _wait_for, drill
from launch.backup.restore import Recovering, restore
from launch.backup.sealed import Broken, Opened, read_key
from launch.backup.shelf import Shelf, missing_segments, segment_name
from launch.bootstrap import ROOT
from launch.postgres import APP, DATABASE, ISSUER, OWNER, SUPERUSER, Postgres
from launch.process import wait_until
from launch.refusal import Refusal
from portal.files.store import store_at
from tests import servers, stage

pytestmark = pytest.mark.timeout(300)

ROLE = """
CREATE ROLE portal_backup LOGIN REPLICATION BYPASSRLS;
GRANT pg_read_all_data TO portal_backup;
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO portal_backup;
"""
SECRET = "only-for-tests-0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Installation:
    """A portal's servers, and where its backups lie."""

    postgres: Postgres
    folder: Path
    environment: dict[str, str]

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.folder / "backups", read_key(self.folder / "key"))

    @property
    def dsn(self) -> str:
        return self.environment["BACKUP_DATABASE_URL"]

    def run(self, *arguments: str | Path, status: int = 0, **changed: str) -> str:
        """What the command says, here: a process of its own would take two seconds to begin."""
        said = io.StringIO()
        with pytest.MonkeyPatch.context() as here, redirect_stdout(said), redirect_stderr(said):
            for name, value in (self.environment | changed).items():
                here.setenv(name, value)
            try:
                outcome = command.run(production.parse(["backup", *map(str, arguments)]))
            except Refusal as refusal:
                said.write(str(refusal))
                outcome = 1
            except SystemExit as ended:  # a usage that is refused
                outcome = ended.code
        assert outcome == status, said.getvalue()
        return said.getvalue()

    def ask(self, statement: str, role: str = SUPERUSER, database: str = DATABASE):
        return asked(self.postgres.dsn(role, database), statement)


COMMAND = [sys.executable, "-m", "launch.production", "backup"]


def asked(dsn: str, statement: str):
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute(statement)
        return found.fetchall() if found.description else []


@contextmanager
def receiving(portal: Installation) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen([*COMMAND, "wal"], env=portal.environment, cwd=ROOT)
    try:
        slot = "SELECT active FROM pg_replication_slots WHERE slot_name = 'tonglu_backup'"
        assert wait_until(lambda: portal.ask(slot) == [(True,)], 60)
        yield process
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def portal() -> Iterator[Installation]:
    """The cast's portal with a file, two backups and, between them, a little work."""
    with servers._scratch_folder() as folder, Postgres(folder / "postgres", durable=False) as postgres:
        servers.migrate(postgres.owner_url, app_role=APP, issuer_role=ISSUER)
        owner = servers.owner_engine(postgres.owner_url)
        with owner.begin() as connection:
            stage.enter(connection)
        owner.dispose()
        for statement in (ROLE, "ALTER SYSTEM SET summarize_wal = on", "SELECT pg_reload_conf()"):
            asked(postgres.dsn(SUPERUSER), statement)
        key = folder / "audit.pem"
        key.write_text("a key")
        made = Installation(
            postgres,
            folder,
            os.environ
            | {
                "DATABASE_URL": postgres.app_url,
                "BACKUP_DATABASE_URL": postgres.dsn("portal_backup"),
                "TONGLU_SECRET_KEY": SECRET,
                "TONGLU_AUDIT_KEY": str(key),
                "TONGLU_FILES_URL": (folder / "files").as_uri(),
                "BACKUP_FOLDER": str(folder / "backups"),
                "BACKUP_KEY": str(folder / "key"),
            },
        )
        made.run("key", folder / "key")
        store_at(made.environment["TONGLU_FILES_URL"]).put("abcdef12.pdf", b"%PDF the first")
        with receiving(made):
            done = subprocess.run([*COMMAND, "full"], env=made.environment, cwd=ROOT, capture_output=True)
            assert b"1 of 1 files are new" in done.stdout, done.stderr
            work(made, "first")
            store_at(made.environment["TONGLU_FILES_URL"]).put("abcdef34.pdf", b"%PDF the second")
            assert "1 of 2 files are new" in made.run("incremental")
            yield made


def work(portal: Installation, word: str, rows: int = 2000) -> None:
    portal.ask(
        "INSERT INTO outbox (topic, payload, dispatched_at)"
        f" SELECT '{word}', jsonb_build_object('n', n, 'x', repeat(md5(n::text), 20)), now()"
        f" FROM generate_series(1, {rows}) n"
    )


def words(dsn: str) -> dict[str, int]:
    return dict(asked(dsn, "SELECT topic, count(*) FROM outbox GROUP BY topic"))


@contextmanager
def started(folder: Path) -> Iterator[str]:
    with Postgres(folder, durable=False) as server:
        yield server.dsn(SUPERUSER)


def on_the_shelf(portal: Installation) -> None:
    """Everything that is written by now."""
    (name,) = portal.ask("SELECT pg_walfile_name(pg_switch_wal())")[0]
    _wait_for(portal.shelf, name)


def test_backups_are_listed_and_noted_for_whoever_watches(portal):
    first, second = portal.shelf.backups()[:2]
    assert (first.kind, first.parent, second.kind, second.parent) == ("full", "", "incremental", first.name)
    assert second.size < first.size / 3
    assert first.name in portal.run("list") and '"kind": "incremental"' in portal.run("list", "--json")
    noted = portal.ask("SELECT kind, name, bytes, error FROM backup_run ORDER BY id LIMIT 2")
    assert noted == [("full", first.name, first.size, None), ("incremental", second.name, second.size, None)]


def test_the_state_before_a_mistake_comes_back_with_files_and_keys(portal, tmp_path):
    work(portal, "before the mistake", 700)
    time.sleep(0.01)
    (moment,) = portal.ask("SELECT clock_timestamp()")[0]
    portal.ask("DELETE FROM outbox WHERE topic = 'before the mistake'")
    work(portal, "after the mistake", 300)
    on_the_shelf(portal)
    into = portal.folder / "restored"
    portal.run("restore", "--into", into, "--to", moment.isoformat())
    with started(into / "postgres") as dsn:
        found = words(dsn)
        assert found["first"] == 2000 and found["before the mistake"] == 700
        assert "after the mistake" not in found
        assert asked(dsn, "SELECT slot_name FROM pg_replication_slots") == []
        assert asked(dsn, "SHOW restore_command") == [("",)]
    store = store_at((into / "files").as_uri())
    assert (store.get("abcdef12.pdf"), store.get("abcdef34.pdf")) == (b"%PDF the first", b"%PDF the second")
    kept = dict(line.split("=", 1) for line in (into / "keys" / "environment").read_text().splitlines())
    assert kept["TONGLU_SECRET_KEY"] == SECRET and "BACKUP_KEY" not in kept
    assert Path(kept["TONGLU_AUDIT_KEY"]).read_text() == "a key"
    assert {path.stat().st_mode & 0o777 for path in (into / "keys").iterdir()} == {0o600}
    refused = portal.run("restore", "--into", into, status=1)
    assert "is not empty" in refused
    Postgres.erase(into / "postgres")
    shutil.rmtree(into)


def test_nothing_on_the_shelf_can_be_read_without_the_key(portal):
    lie = b"%PDF the"
    for path in (portal.folder / "backups").rglob("*.sealed"):
        content = path.read_bytes()
        assert lie not in content and SECRET.encode() not in content
        assert path.stat().st_mode & 0o077 == 0


def test_a_trial_finds_every_row_and_is_noted(portal):
    said = portal.run("drill", "--where", portal.folder)
    assert "0 lost" in said and "checks agree" in said and "0 differences" in said
    (noted,) = portal.ask("SELECT note, error FROM backup_run WHERE kind = 'drill'")
    assert "0 lost" in noted[0] and noted[1] is None


def test_a_trial_finds_what_is_missing(portal, tmp_path):
    """A segment of the log is lost from the shelf: recovery ends before it."""
    work(portal, "lost", 5000)
    on_the_shelf(portal)
    work(portal, "also lost", 10)
    shelf = Shelf(portal.folder / "poorer", portal.shelf.key)
    shutil.rmtree(shelf.folder)
    shutil.copytree(portal.shelf.folder, shelf.folder)
    last = shelf.backups()[-1]
    after = [one for one in shelf.segments() if one > last.first_segment and len(one) == 24]
    (shelf.wal / f"{after[-1]}.sealed").unlink()

    class Fed(Shelf):
        def segments(self) -> list[str]:
            kept = portal.shelf.segments()
            for name in kept:
                if name > after[-1] and not (self.wal / f"{name}.sealed").exists():
                    shutil.copy(portal.shelf.wal / f"{name}.sealed", self.wal)
            return super().segments()

    found = drill(Fed(shelf.folder, shelf.key), portal.dsn, portal.environment, where=portal.folder)
    assert found.lost["outbox"] >= 10 and not found.is_good and "lost" in str(found)
    shutil.rmtree(shelf.folder)


def test_a_backup_that_is_killed_is_none(portal):
    before = [one.name for one in portal.shelf.backups()]
    base = portal.folder / "backups" / "base"
    process = subprocess.Popen([*COMMAND, "full"], env=portal.environment, cwd=ROOT, process_group=0)
    assert wait_until(lambda: [p for p in base.glob(".half-*/.half-*base.tar*") if p.stat().st_size], 60)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert [one.name for one in portal.shelf.backups()] == before
    assert list(base.glob(".half-*"))
    assert before[-1] in portal.run("verify")
    portal.run("incremental")
    assert not list(base.glob(".half-*"))
    assert portal.shelf.backups()[-1].parent == before[-1]


def test_a_backup_that_fails_is_told_and_is_none(portal):
    before = portal.shelf.backups()
    said = portal.run("full", status=1, BACKUP_DATABASE_URL=portal.postgres.dsn("portal_app"))
    assert "pg_basebackup failed" in said and portal.shelf.backups() == before
    (noted,) = portal.ask("SELECT kind, error FROM backup_run ORDER BY id DESC LIMIT 1")
    assert noted[0] == "full" and "pg_basebackup failed" in noted[1]
    said = portal.run("drill", status=1, BACKUP_DATABASE_URL=portal.postgres.dsn("portal_app"))
    assert "BYPASSRLS" in said


def test_two_are_not_made_at_once(portal):
    with portal.shelf.alone():
        assert "another backup is being made" in portal.run("incremental", status=1)


def test_reading_finds_damage_and_gaps(portal):
    on_the_shelf(portal)
    shelf = portal.shelf
    last = shelf.backups()[-1]
    path = shelf.part_path(last, "base.tar")
    whole = path.read_bytes()
    path.write_bytes(whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:])
    assert "changed, cut short, out of place" in portal.run("verify", status=1)
    path.write_bytes(whole)
    work(portal, "gap")
    on_the_shelf(portal)
    work(portal, "gap")
    on_the_shelf(portal)
    kept = [one for one in shelf.segments() if len(one) == 24]
    lost = shelf.wal / f"{kept[-2]}.sealed"
    content = lost.read_bytes()
    lost.unlink()
    assert f"of the log {kept[-2]} is missing" in portal.run("verify", status=1)
    lost.write_bytes(content)
    assert "whole" in portal.run("verify")


def test_a_segment_is_kept_once_and_another_under_its_name_is_refused(portal):
    shelf = Shelf(portal.folder / "other", portal.shelf.key)
    name = "0000000100000000000000AA"
    shelf.put_segment(name, b"one")
    shelf.put_segment(name, b"one")
    with pytest.raises(Broken, match="another"):
        shelf.put_segment(name, b"two")
    for content in (b"begun", b"begun, and more"):
        shelf.put_segment(name + ".partial", content)
    with shelf.segment(name + ".partial") as file:
        assert file.read() == b"begun, and more"
    shutil.rmtree(shelf.folder)


def test_the_role_of_backups_dumps_what_forced_row_security_hides_from_the_owner(portal):
    def dump(role: str) -> subprocess.CompletedProcess:
        command = [Postgres.client("pg_dump"), "-a", "-t", "dealer_account", portal.postgres.dsn(role)]
        return subprocess.run([str(part) for part in command], capture_output=True, text=True)

    (count,) = portal.ask("SELECT count(*) FROM dealer_account")[0]
    rows = dump("portal_backup").stdout.split("COPY ")[1].splitlines()[1:]
    assert rows.index("\\.") == count > 0
    assert "row-level security" in dump(OWNER).stderr
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        portal.ask("DELETE FROM dealer_account", role="portal_backup")


def test_what_nobody_needs_is_forgotten_and_what_is_kept_can_be_restored(portal):
    shelf = portal.shelf
    copy = Shelf(portal.folder / "old", shelf.key)
    shutil.rmtree(copy.folder)
    shutil.copytree(shelf.folder, copy.folder)
    portal.run("full", BACKUP_FOLDER=str(copy.folder))
    newest = copy.backups()[-1]
    said = portal.run("forget", "--keep-days", "1", BACKUP_FOLDER=str(copy.folder))
    assert said.startswith("0 backups")
    age(copy, timedelta(days=3))
    assert "backups and" in portal.run("forget", "--keep-days", "1", BACKUP_FOLDER=str(copy.folder))
    assert [one.name for one in copy.backups()] == [newest.name]
    assert all(name[8:24] >= newest.first_segment[8:24] for name in copy.segments())
    with Recovering(restore(copy, portal.folder / "kept").cluster) as server:
        assert words(server.dsn(SUPERUSER))["first"] == 2000
    Postgres.erase(portal.folder / "kept" / "postgres")
    for folder in ("kept", "old"):
        shutil.rmtree(portal.folder / folder)


def age(shelf: Shelf, by: timedelta) -> None:
    """Let every backup be so much older."""
    from dataclasses import replace

    for backup in shelf.backups():
        older = datetime.fromisoformat(backup.ended_at) - by
        folder = shelf.part_path(backup, "x").parent
        shelf.write_about(folder, replace(backup, ended_at=older.isoformat(timespec="seconds")))


def test_no_backup_is_old_enough_for_a_moment_before_the_first(portal):
    with pytest.raises(Refusal, match="no backup from before"):
        portal.shelf.chain(until=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(Refusal, match="there is no backup"):
        Shelf(portal.folder / "none", portal.shelf.key).chain()
    assert "say in which zone" in portal.run("restore", "--into", "/x", "--to", "2026-11-29", status=2)


def test_segments_are_named_and_counted_as_postgresql_does():
    assert segment_name(1, 0x3000028, 2**24) == "000000010000000000000003"
    assert segment_name(2, (5 << 32) + 0xFF000000, 2**24) == "0000000200000005000000FF"
    kept = ["000000010000000000000003", "0000000100000000000000FF", "000000010000000100000001.partial"]
    missing = missing_segments("0000000100000000000000FE", kept, 2**24)
    assert missing == ["0000000100000000000000FE", "000000010000000100000000"]


def test_a_file_that_was_deleted_is_kept_for_whoever_restores_an_earlier_moment(portal):
    store = store_at(portal.environment["TONGLU_FILES_URL"])
    store.put("abcdef56.pdf", b"soon gone")
    portal.run("files")
    store.delete("abcdef56.pdf")
    portal.run("files")
    path = portal.shelf.files / "56" / "abcdef56.pdf.sealed"
    with Opened(path, portal.shelf.key, "files/abcdef56.pdf") as file:
        assert file.read() == b"soon gone"
    os.utime(path.with_suffix(".gone"), (0, 0))
    portal.run("forget")
    assert not path.exists()
