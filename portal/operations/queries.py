"""How the portal stands, for the operators' page and for Prometheus: seven statements, each bounded in what
it reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.checks import queries as checks
from portal.checks.rules import Run
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import N_, Forbidden
from portal.operations.rules import BACKUPS, COUNTED_MAX, UNRECEIVED_MAX, Ages, BackupKind
from portal.operations.vocabulary import OperationsRight

# Effects that were given up stay; what is put off, to the end of quiet hours or after a failure, is not late.
_WAITING = text(
    """
    WITH waiting AS MATERIALIZED (
      SELECT attempts, not_before FROM outbox WHERE dispatched_at IS NULL ORDER BY id LIMIT :most
    )
    SELECT (SELECT count(*) FROM waiting) AS effects,
           (SELECT count(*) FROM waiting WHERE attempts > 0) AS failing,
           (SELECT count(*) FROM waiting WHERE attempts >= :attempts_max) AS given_up,
           (SELECT min(not_before) FROM waiting WHERE attempts < :attempts_max AND not_before <= :at)
             AS due_since,
           (SELECT count(*) FROM (SELECT FROM webhook_delivery WHERE state = 'dead' LIMIT :most) AS d)
             AS dead_letters,
           (SELECT at FROM audit_event WHERE id > coalesce((SELECT max(last) FROM audit_batch), 0)
             ORDER BY id LIMIT 1) AS unsealed_since,
           (SELECT max(number) FROM audit_batch) AS sealed_number,
           (SELECT sealed_at FROM audit_batch ORDER BY number DESC LIMIT 1) AS sealed_at
    """
)
_CLOSING = text(
    """
    SELECT a.period, count(*) FILTER (WHERE t.state = 'waiting') AS waiting,
           count(*) FILTER (WHERE t.state = 'done') AS done,
           count(*) FILTER (WHERE t.state = 'failed') AS failed
      FROM accounting_period a JOIN close_task t ON t.period = a.period
     WHERE a.state = 'closing' GROUP BY a.period ORDER BY a.period
    """
)
_SERVER = text(
    """
    SELECT (SELECT version_num FROM alembic_version) AS schema, d.deadlocks, d.numbackends AS connections,
           current_setting('max_connections')::int AS connections_max,
           s.active AS is_received,
           CASE WHEN pg_is_in_recovery() THEN 0
                ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn) END::bigint AS unreceived
      FROM pg_stat_database d LEFT JOIN pg_replication_slots s ON s.slot_name = 'tonglu_backup'
     WHERE d.datname = current_database()
    """
)
_BACKUPS = text(
    """
    SELECT DISTINCT ON (kind) kind, name, began_at, ended_at, bytes, note, error
      FROM backup_run WHERE error IS NULL ORDER BY kind, ended_at DESC
    """
)
_LAST_BACKUP = text(
    """
    SELECT kind, name, began_at, ended_at, bytes, note, error
      FROM backup_run ORDER BY ended_at DESC, id DESC LIMIT 1
    """
)
_FAILING = text(
    """
    SELECT id, topic, attempts, last_error AS error, created_at, not_before
      FROM outbox WHERE dispatched_at IS NULL AND attempts > 0 ORDER BY attempts DESC, id LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class Waits:
    """What is to be done. effects, dead_letters: counted as far as `COUNTED_MAX`. due_since: of the effect
    that should have been carried out first. unsealed_since: when the first act happened that no batch of the
    audit holds.
    """

    effects: int
    failing: int
    given_up: int
    due_since: datetime | None
    dead_letters: int
    unsealed_since: datetime | None
    sealed_number: int | None
    sealed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Closing:
    """A month that is being closed: its statements."""

    period: str
    waiting: int
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class Server:
    """The database server. is_received: whether the receiver of its log (WAL) is there, which
    `bin/portal backup wal` is; None where there never was one. unreceived: bytes of the log that it has not
    taken.
    """

    schema: str
    deadlocks: int
    connections: int
    connections_max: int
    is_received: bool | None
    unreceived: int | None

    @property
    def log_is_lost(self) -> bool:
        """Whether what happens now would be in no backup."""
        return not self.is_received or (self.unreceived or 0) > UNRECEIVED_MAX


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup or a trial of one, as `portal.operations.models.BackupRun` keeps it."""

    kind: str
    name: str
    began_at: datetime
    ended_at: datetime
    bytes: int
    note: str
    error: str | None


@dataclass(frozen=True, slots=True)
class Failing:
    """An effect that was tried in vain."""

    id: int
    topic: str
    attempts: int
    error: str | None
    created_at: datetime
    not_before: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it. backups: the last that succeeded, by kind. last_backup: the last, whatever became of it."""

    waits: Waits
    closings: tuple[Closing, ...]
    server: Server
    backups: Mapping[str, Backup]
    last_backup: Backup | None
    checked: Run | None
    check_begun: Run | None

    @property
    def backed_up_at(self) -> datetime | None:
        """When the last backup ended that can be restored."""
        return max((self.backups[kind].ended_at for kind in BACKUPS if kind in self.backups), default=None)


def require_operator(actor: Actor) -> None:
    """Raise Forbidden unless the actor runs the portal, which is that of every region."""
    actor.require(OperationsRight.OPERATE)
    if actor.region_ids is not None:
        raise Forbidden("every_region", N_("The running of the portal concerns all regions."))


def standing(session: Session, *, actor: Actor, at: datetime, attempts_max: int) -> Standing:
    """How the portal stands. attempts_max: after so many an effect is given up. Raises Forbidden."""
    require_operator(actor)
    asked = {"at": at, "attempts_max": attempts_max, "most": COUNTED_MAX + 1}
    last = session.execute(_LAST_BACKUP).first()
    return Standing(
        waits=value_of(Waits, session.execute(_WAITING, asked).one()),
        closings=tuple(value_of(Closing, row) for row in session.execute(_CLOSING)),
        server=value_of(Server, session.execute(_SERVER).one()),
        backups={row.kind: value_of(Backup, row) for row in session.execute(_BACKUPS)},
        last_backup=value_of(Backup, last) if last else None,
        checked=checks.finished(session),
        check_begun=checks.latest(session),
    )


def failing(session: Session, *, actor: Actor, limit: int = 50) -> list[Failing]:
    """Effects that were tried in vain, those that were given up first. Raises Forbidden."""
    require_operator(actor)
    return [value_of(Failing, row) for row in session.execute(_FAILING, {"limit": limit})]


def ages(found: Standing, scheduled_at: datetime | None) -> Ages:
    """What of it may be too old. scheduled_at: when a schedule looked last."""
    drill = found.backups.get(BackupKind.DRILL)
    return Ages(
        due_since=found.waits.due_since,
        unsealed_since=found.waits.unsealed_since,
        backed_up_at=found.backed_up_at,
        tried_at=drill.ended_at if drill else None,
        checked_at=found.checked.finished_at if found.checked else None,
        scheduled_at=scheduled_at,
        log_is_lost=found.server.log_is_lost,
    )
