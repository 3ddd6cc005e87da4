"""Headquarters changes the calendar: whole years by a notice, a single day, the hours. One at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Invalid
from portal.workdays.day_rules import (
    Change,
    Changed,
    NamedDay,
    changes,
    day_faults,
    table_faults,
)
from portal.workdays.queries import Setting, named_days, setting
from portal.workdays.rules import Span, hours_faults, years_of
from portal.workdays.vocabulary import WorkdayAction, WorkdayRight


def enter_years(
    session: Session,
    *,
    actor: Actor,
    days: Sequence[NamedDay],
    source: str,
    revision: int | None = None,
    at: datetime,
) -> list[Changed]:
    """Say everything of the years in which the days lie: what is not among the days follows the plain week.

    revision: as the calendar was read; None where nothing that was read matters. Returns what became of each
    day. Raises Invalid with every fault, Conflict when somebody has changed the calendar, Forbidden.
    """
    actor.require(WorkdayRight.EDIT)
    source = source.strip()
    if faults := table_faults(days, source):
        raise Invalid(faults=faults)
    _turn(session, actor, revision, at)
    years = years_of([one.day for one in days])
    changed = changes(named_days(session, years), days)
    for year in years:
        session.execute(_DROP_YEAR, _bounds(year))
        session.execute(_DROP_YEAR_ENTRY, {"year": year})
    session.execute(_ADD_DAY, [_row(one, source) for one in days])
    entries = [{"year": year, "source": source, "label": actor.label, "at": at} for year in years]
    session.execute(_ADD_YEAR, entries)
    for year in years:
        moved = [one for one in changed if one.day.day.year == year and one.change is not Change.UNCHANGED]
        after = {"source": source, "days": [_told(one) for one in moved]}
        record(session, WorkdayAction.YEAR_ENTERED, str(year), actor=actor, dealer_id=None, after=after)
    return changed


def set_day(
    session: Session,
    *,
    actor: Actor,
    day: NamedDay | None,
    on: date,
    revision: int | None = None,
    at: datetime,
) -> None:
    """Say whether one day is worked; None lets it follow the plain week again.

    Raises Invalid, Conflict when somebody has changed the calendar, Forbidden.
    """
    actor.require(WorkdayRight.EDIT)
    if day is not None and (faults := day_faults("", day)):
        raise Invalid(faults=faults)
    _turn(session, actor, revision, at)
    before = named_days(session, [on.year]).get(on)
    if before == day:
        return
    session.execute(_DROP_DAY, {"day": on})
    if day is not None:
        session.execute(_ADD_DAY, [_row(day, actor.label)])
    record(
        session,
        WorkdayAction.DAY_SET,
        on.isoformat(),
        actor=actor,
        dealer_id=None,
        before=_as_json(before),
        after=_as_json(day),
    )


def set_hours(
    session: Session, *, actor: Actor, hours: Sequence[Span], revision: int | None = None, at: datetime
) -> None:
    """Change the hours of a working day, for clocks that are read from now on.

    Raises Invalid with every fault, Conflict when somebody has changed the calendar, Forbidden.
    """
    actor.require(WorkdayRight.EDIT)
    if faults := hours_faults(hours):
        raise Invalid(faults=faults)
    before = _turn(session, actor, revision, at)
    opens, closes = [one.opens for one in hours], [one.closes for one in hours]
    session.execute(_HOURS, {"opens": opens, "closes": closes})
    record(
        session,
        WorkdayAction.HOURS_SET,
        "hours",
        actor=actor,
        dealer_id=None,
        before={"hours": [f"{one.opens}-{one.closes}" for one in before.hours]},
        after={"hours": [f"{one.opens}-{one.closes}" for one in hours]},
    )


def _turn(session: Session, actor: Actor, revision: int | None, at: datetime) -> Setting:
    """Lock the calendar and give it the next revision; as it was before."""
    session.execute(_LOCK)
    before = setting(session)
    if revision is not None and before.revision != revision:
        raise Conflict(
            "edited_meanwhile",
            N_("Someone else has changed the calendar meanwhile."),
            fix=N_("Look at it as it is now, and go on from there."),
        )
    session.execute(_NEXT, {"label": actor.label, "at": at})
    return before


def _row(one: NamedDay, source: str) -> dict[str, Any]:
    return {
        "day": one.day,
        "is_working": one.is_working,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "source": source,
    }


def _bounds(year: int) -> dict[str, date]:
    return {"first": date(year, 1, 1), "last": date(year, 12, 31)}


def _told(one: Changed) -> list[str]:
    return [one.day.day.isoformat(), "working" if one.day.is_working else "off", str(one.change)]


def _as_json(one: NamedDay | None) -> dict[str, Any]:
    if one is None:
        return {"working": None}
    return {"working": one.is_working, "name_zh": one.name_zh, "name_en": one.name_en}


_LOCK = text("SELECT id FROM work_setting WHERE id = 1 FOR NO KEY UPDATE")
_NEXT = text(
    "UPDATE work_setting SET revision = revision + 1, set_by_label = :label, set_at = :at WHERE id = 1"
)
_HOURS = text("UPDATE work_setting SET opens = :opens, closes = :closes WHERE id = 1")
_DROP_YEAR = text("DELETE FROM work_day WHERE day BETWEEN :first AND :last")
_DROP_YEAR_ENTRY = text("DELETE FROM work_year WHERE year = :year")
_DROP_DAY = text("DELETE FROM work_day WHERE day = :day")
_ADD_DAY = text(
    """
    INSERT INTO work_day (day, is_working, name_zh, name_en, source)
    VALUES (:day, :is_working, :name_zh, :name_en, :source)
    """
)
_ADD_YEAR = text(
    """
    INSERT INTO work_year (year, source, entered_by_label, entered_at)
    VALUES (:year, :source, :label, :at)
    """
)
