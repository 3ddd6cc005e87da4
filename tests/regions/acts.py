"""Moves of provinces, each act in a transaction of its own, as the person who does it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection, text

from portal.kernel.db import Database, transaction
from portal.regions.move_region import approve_move, propose_move, reject_move, withdraw_move
from tests import cast
from tests.roles import Person, Region

TOMORROW = cast.TODAY + timedelta(days=1)


def proposed(
    database: Database,
    *,
    region: str = cast.jiangsu.code,
    area: str = cast.south.code,
    since: date = TOMORROW,
    why: str = "苏州归华南",
    by: Person = cast.national_manager,
    today: date = cast.TODAY,
) -> str:
    """Somebody proposes that a province goes to another area."""
    with transaction(database.session_for(by.actor())) as session:
        return propose_move(
            session,
            actor=by.actor(),
            region=region,
            area=area,
            valid_from=since,
            reason=why,
            today=today,
            at=cast.NOW,
        )


def approved(
    database: Database, number: str, *, by: Person = cast.national_colleague, today: date = cast.TODAY
) -> None:
    """Another person approves."""
    with transaction(database.session_for(by.actor())) as session:
        approve_move(session, actor=by.actor(), number=number, today=today, at=cast.NOW)


def rejected(
    database: Database, number: str, *, by: Person = cast.national_colleague, why: str = "不必"
) -> None:
    """Another person refuses."""
    with transaction(database.session_for(by.actor())) as session:
        reject_move(session, actor=by.actor(), number=number, reason=why, at=cast.NOW)


def withdrawn(database: Database, number: str, *, by: Person = cast.national_manager) -> None:
    """Who proposed takes it back."""
    with transaction(database.session_for(by.actor())) as session:
        withdraw_move(session, actor=by.actor(), number=number, at=cast.NOW)


def lies(owner: Connection, region: Region, area: Region, *, since: date) -> None:
    """A province lies in an area since a day, as two people agreed long ago."""
    owner.execute(
        text(
            "INSERT INTO region_move (number, region_id, parent_id, valid_from, reason, state, proposed_by,"
            " proposed_by_label, proposed_at, decided_by, decided_by_label, decided_at)"
            " VALUES (:number, :region, :area, :since, '调整', 'approved', 'user:5', '-', :at, 'user:14',"
            " '-', :at)"
        ),
        {
            "number": f"BJ-{region.code}-{since}",
            "region": region.id,
            "area": area.id,
            "since": since,
            "at": cast.NOW,
        },
    )
