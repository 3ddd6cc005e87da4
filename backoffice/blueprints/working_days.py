"""The company's calendar: a year at a glance, single days, and the hours of a working day."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import get_day_names
from flask import Blueprint, render_template, url_for
from flask_babel import get_locale, gettext

from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, OwnNumber, Stripped, read_form, rows_of_form, takes_columns
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.workdays.day_rules import YEARS, NamedDay
from portal.workdays.edit_calendar import set_day, set_hours
from portal.workdays.queries import DayOfYear, YearOfWork, calendar, setting, year_of_work
from portal.workdays.rules import SPANS_MAX, Span, WorkCalendar, clock_text, read_clock
from portal.workdays.vocabulary import WorkdayRight

blueprint = Blueprint("working_days", __name__, url_prefix="/hq/working-days")


class DayForm(Form):
    """A day, and whether it is worked: ``work``, ``off``, or neither to follow the plain week."""

    revision: OwnNumber
    on: Stripped
    working: Stripped
    name_zh: Stripped
    name_en: Stripped


class HoursForm(Form):
    """The hours as they were read."""

    revision: OwnNumber


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day as the page marks it. kind: ``work``, ``rest`` (a plain weekend), ``off``, ``extra``."""

    day: date
    kind: str
    named: DayOfYear | None


@blueprint.get("")
@requires(WorkdayRight.READ)
def index() -> str:
    """A year: which days are worked, which are off, and the hours."""
    return _page()


@blueprint.post("/days")
@requires(WorkdayRight.EDIT)
def day() -> Answer:
    """Say of one day whether it is worked."""

    def act() -> date:
        form = read_form(DayForm)
        on = typed.day(form.on)
        named = NamedDay(on, form.working == "work", form.name_zh, form.name_en)
        set_day(
            current_session(),
            actor=current_actor(),
            day=named if form.working in ("work", "off") else None,
            on=on,
            revision=form.revision,
            at=clock.now(),
        )
        return on

    return acted(
        lambda: _beside("/on", act),
        shown=_page,
        then=lambda on: Said(gettext("The day is saved."), _address(on.year)),
    )


@blueprint.post("/hours")
@requires(WorkdayRight.EDIT)
@takes_columns("opens", "closes")
def hours() -> Answer:
    """Change the hours of a working day."""

    def act() -> None:
        faults: list[Fault] = []
        spans = [
            (
                typed.field(read_clock, opens, f"/hours/{place}/opens", faults),
                typed.field(read_clock, closes, f"/hours/{place}/closes", faults),
            )
            for place, (opens, closes) in enumerate(_hours_typed())
        ]
        if faults:
            raise Invalid(faults=faults)
        set_hours(
            current_session(),
            actor=current_actor(),
            hours=[
                Span(opens, closes) for opens, closes in spans if opens is not None and closes is not None
            ],
            revision=read_form(HoursForm).revision,
            at=clock.now(),
        )

    return acted(act, shown=_page, then=lambda _: Said(gettext("The hours are saved."), _address(_year())))


def _beside(pointer: str, act: Any) -> Any:
    """Do it; what cannot be read is a fault of the field."""
    try:
        return act()
    except typed.Misread as misread:
        raise Invalid(faults=[misread.beside(pointer)]) from None


def _hours_typed() -> list[tuple[str, ...]]:
    return [row for row in rows_of_form("opens", "closes") if any(cell.strip() for cell in row)]


def _address(year: int) -> str:
    return url_for("working_days.index", year=year)


def today() -> date:
    """The business day."""
    return clock.business_date(clock.now(), portal().settings.timezone)


def _year() -> int:
    """The year that is asked for, or that of a day that was typed; else this one."""
    asked = typed.own_number((request.args.get("year") or request.form.get("on", "")[:4]).strip())
    return asked if asked is not None and asked in YEARS else today().year


def _page(refusal: DomainError | None = None) -> str:
    session, year = current_session(), _year()
    kept, known, hours_now = calendar(session), year_of_work(session, year), setting(session)
    of_hours = request.endpoint == "working_days.hours" and refusal is not None
    spans = [(clock_text(one.opens), clock_text(one.closes)) for one in hours_now.hours]
    shown: list[Any] = list(_hours_typed() if of_hours else spans)
    return render_template(
        "backoffice/working_days/index.html",
        **refused(refusal),
        of_hours=of_hours,
        year=known,
        years=_years(kept, year),
        missing=kept.missing_years(today()),
        months=[_month(kept, known, month) for month in range(1, 13)],
        weekdays=_weekdays(),
        worked=sum(map(kept.is_working, _days(year))),
        setting=hours_now,
        spans=[*shown, *[("", "")] * (SPANS_MAX - len(shown))],
        hours_text=[" – ".join(span) for span in spans],
        chosen=_chosen(known),
        may_edit=current_actor().may(WorkdayRight.EDIT),
    )


def _chosen(known: YearOfWork) -> dict[str, str]:
    """The day that the form begins with: the one of the address, as it is."""
    try:
        on = typed.day(request.args.get("day", ""))
    except typed.Misread:
        return {"on": "", "working": "", "name_zh": "", "name_en": ""}
    named = known.days.get(on)
    if named is None:
        return {"on": on.isoformat(), "working": "", "name_zh": "", "name_en": ""}
    working = "work" if named.is_working else "off"
    return {"on": on.isoformat(), "working": working, "name_zh": named.name_zh, "name_en": named.name_en}


def _years(kept: WorkCalendar, shown: int) -> list[tuple[str, str, bool, None]]:
    """Tabs of the years that are entered, of this one and the next."""
    this = today().year
    years = sorted({*kept.years, this, this + 1, shown} & set(YEARS))[-8:]
    return [(_address(year), str(year), year == shown, None) for year in years]


def _days(year: int) -> Iterator[date]:
    return (date(year, month, number) for month in range(1, 13) for number in _numbers(year, month))


def _numbers(year: int, month: int) -> range:
    return range(1, months.monthrange(year, month)[1] + 1)


def _month(kept: WorkCalendar, known: YearOfWork, month: int) -> dict[str, Any]:
    """A month week by week, with what lies outside it left empty."""
    weeks = [
        [_cell(kept, known, day) if day.month == month else None for day in week]
        for week in months.Calendar().monthdatescalendar(known.year, month)
    ]
    return {"period": f"{known.year:04d}-{month:02d}", "weeks": weeks}


def _cell(kept: WorkCalendar, known: YearOfWork, day: date) -> DayCell:
    weekend = day.weekday() >= months.SATURDAY
    if kept.is_working(day):
        return DayCell(day, "extra" if weekend else "work", known.days.get(day))
    return DayCell(day, "rest" if weekend and day not in known.days else "off", known.days.get(day))


def _weekdays() -> list[tuple[str, str]]:
    locale = get_locale()
    short = get_day_names("narrow", context="stand-alone", locale=locale)
    full = get_day_names("wide", context="stand-alone", locale=locale)
    return [(short[place], full[place]) for place in range(7)]
