"""The company's calendar, year by year."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.working_days import WorkYearBody, WorkYearChanges, WorkYearShape
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session
from portal.workdays.day_rules import YEARS, NamedDay, table_faults
from portal.workdays.edit_calendar import enter_years
from portal.workdays.queries import calendar, preview_years, setting, year_of_work
from portal.workdays.rules import clock_text
from portal.workdays.vocabulary import WorkdayRight


@operation(
    "GET",
    "/hq/working-days/<year>",
    tag=HEADQUARTERS,
    rights=(WorkdayRight.READ,),
    answers=WorkYearShape,
    summary=N_("Working days of a year"),
    about=N_("Monday to Friday are worked but for the days listed; business time runs within the hours."),
)
def show(year: str) -> dict[str, Any]:
    session = current_session()
    known, now = year_of_work(session, _year(year)), setting(session)
    return {
        "year": known.year,
        "complete": known.source is not None,
        "source": known.source,
        "revision": now.revision,
        "time_zone": str(calendar(session).zone),
        "hours": [{"opens": clock_text(one.opens), "closes": clock_text(one.closes)} for one in now.hours],
        "days": [
            {
                "day": one.day,
                "working": one.is_working,
                "name_zh": one.name_zh,
                "name_en": one.name_en,
                "source": one.source,
            }
            for one in known.days.values()
        ],
    }


@operation(
    "PUT",
    "/hq/working-days/<year>",
    tag=HEADQUARTERS,
    rights=(WorkdayRight.EDIT,),
    body=WorkYearBody,
    answers=WorkYearChanges,
    conflicts=True,
    summary=N_("Enter the working days of a year"),
    about=N_(
        "Replaces the year: a day that is not named follows the plain week. Every fault is told at once."
    ),
)
def enter(year: str, body: WorkYearBody) -> dict[str, Any]:
    session, number = current_session(), _year(year)
    days = [NamedDay(one.day, one.working, one.name_zh, one.name_en) for one in body.days]
    faults = _outside(days, number)
    if faults or body.preview:
        faults += table_faults(days, body.source.strip())
    if faults:
        raise Invalid(faults=faults)
    if body.preview:
        current_actor().require(WorkdayRight.EDIT)
        changed = preview_years(session, days)
    else:
        changed = enter_years(
            session,
            actor=current_actor(),
            days=days,
            source=body.source,
            revision=body.revision,
            at=clock.now(),
        )
    return {
        "year": number,
        "items": [
            {"day": one.day.day, "working": one.day.is_working, "change": str(one.change)} for one in changed
        ],
    }


def _year(text: str) -> int:
    """Raises NotFound for what is no year of ours."""
    year = typed.own_number(text)
    if year not in YEARS or len(text) != 4:
        raise NotFound
    assert year is not None
    return year


def _outside(days: list[NamedDay], year: int) -> list[Fault]:
    message, fix = N_("This day lies in another year."), N_("Enter it with that year.")
    return [
        Fault(f"/days/{place}/day", "other_year", message, fix)
        for place, one in enumerate(days)
        if one.day.year != year
    ]
