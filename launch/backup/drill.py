"""Restore the last backup beside the portal, and prove that nothing is missing in it."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from launch.account import let_pass
from launch.backup.restore import Recovering, restore
from launch.backup.shelf import Shelf, position_of, segment_name
from launch.bootstrap import ROOT
from launch.postgres import APP, SUPERUSER
from launch.programs import check_command
from launch.refusal import Refusal

_LOG_SECONDS = 120.0  # until the log is on the shelf


@dataclass(frozen=True, slots=True)
class Drill:
    """What a trial found. lost: rows by table. check: what the portal's own checks said, and whether all
    agrees. root: whether the audit's last seal is there.
    """

    backup: str
    rows: int
    lost: Mapping[str, int]
    has_root: bool
    agrees: bool
    check: str
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether nothing is missing and everything agrees."""
        return not self.lost and self.has_root and self.agrees

    def __str__(self) -> str:
        parts = [f"{self.rows} rows, {sum(self.lost.values())} lost", f"{self.seconds:.0f} seconds"]
        parts += [f"{table}: {count} lost" for table, count in self.lost.items()]
        parts.append("checks agree" if self.agrees else "checks differ")
        parts.append("root of the audit is there" if self.has_root else "root of the audit is missing")
        return "; ".join(parts)


def drill(shelf: Shelf, dsn: str, environment: Mapping[str, str], *, where: Path | None = None) -> Drill:
    """Count, restore what is on the shelf, count again and compare. Raises Refusal, Broken.

    Work goes on meanwhile: of a table is missing what it had before and after and what was restored has not.
    """
    began = time.monotonic()
    before, root, segment = _state(dsn, switch=True)
    _wait_for(shelf, segment)
    with tempfile.TemporaryDirectory(prefix="tonglu-drill-", dir=where) as scratch:
        let_pass(Path(scratch))
        restored = restore(shelf, Path(scratch) / "restored")
        after, _, _ = _state(dsn, switch=False)
        database = str(conninfo_to_dict(dsn).get("dbname") or "portal")
        with Recovering(restored.cluster) as server:
            there, _, _ = _state(server.dsn(SUPERUSER, database), switch=False)
            has_root = root is None or _has_root(server.dsn(SUPERUSER, database), root)
            app = conninfo_to_dict(environment.get("DATABASE_URL", "").replace("+psycopg", "")).get("user")
            checked = _check(server.url(str(app or APP), database), environment)
    lost = {
        table: count - there.get(table, 0)
        for table in before
        if there.get(table, 0) < (count := min(before[table], after.get(table, 0)))
    }
    return Drill(
        backup=restored.chain[-1].name,
        rows=sum(there.values()),
        lost=lost,
        has_root=has_root,
        agrees=checked.returncode == 0,
        check=checked.stdout + checked.stderr,
        seconds=time.monotonic() - began,
    )


def _state(dsn: str, *, switch: bool) -> tuple[dict[str, int], bytes | None, str]:
    """Rows by table, the last seal of the audit, all of one instant; and the segment of the log that holds
    it. switch: have the server end that segment.
    """
    try:
        with psycopg.connect(dsn, connect_timeout=10) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            (everything,) = connection.execute(
                "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
            ).fetchone()  # type: ignore[misc]  # one row, always
            if not everything:
                raise Refusal("the role of BACKUP_DATABASE_URL does not see every row: it needs BYPASSRLS")
            tables = connection.execute(
                "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
                " AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname"
            ).fetchall()
            rows = {}
            for (table,) in tables:
                counting = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table))
                (rows[table],) = connection.execute(counting).fetchone()  # type: ignore[misc]  # one row, always
            root = connection.execute(
                "SELECT digest FROM audit_batch ORDER BY number DESC LIMIT 1"
            ).fetchone()
            name = ""
            if switch:
                position, timeline, size = connection.execute(
                    "SELECT pg_switch_wal()::text, (SELECT timeline_id FROM pg_control_checkpoint()),"
                    " (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size')"
                ).fetchone()  # type: ignore[misc]  # one row, always
                name = segment_name(timeline, max(0, position_of(position) - 1), size)
            return rows, bytes(root[0]) if root else None, name
    except psycopg.Error as error:
        raise Refusal(f"the database cannot be counted: {error}") from error


def _wait_for(
    shelf: Shelf, segment: str, *, clock: Callable[[], float] = time.monotonic, seconds: float = _LOG_SECONDS
) -> None:
    """Wait until a segment of the log is on the shelf."""
    deadline = clock() + seconds
    while segment not in shelf.segments():
        if clock() > deadline:
            raise Refusal(f"{segment} of the log is not on the shelf: does bin/portal backup wal run?")
        time.sleep(0.2)


def _has_root(dsn: str, root: bytes) -> bool:
    with psycopg.connect(dsn) as connection:
        return bool(connection.execute("SELECT FROM audit_batch WHERE digest = %s", [root]).fetchone())


def _check(url: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """`bin/portal check` on what was restored: alone with it, whatever else the settings name."""
    settings = {
        **{name: value for name, value in environment.items() if not name.endswith("DATABASE_URL")},
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    settings.setdefault("TONGLU_SECRET_KEY", os.urandom(32).hex())
    return subprocess.run(check_command(), env=settings, cwd=ROOT, capture_output=True, text=True)
