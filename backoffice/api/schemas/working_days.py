"""The company's calendar: what is sent, what is answered."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Day, DayText, Shape, Text, Whole
from portal.workdays.day_rules import DAYS_MAX, NAME_MAX, SOURCE_MAX


class WorkDayBody(Shape, about=N_("A day that is worked, or off, whatever its weekday.")):
    day: Day
    working: bool
    name_zh: Text = Field("", max_length=NAME_MAX)
    name_en: Text = Field("", max_length=NAME_MAX)


class WorkYearBody(Shape, about=N_("Every day of a year that differs from a plain week.")):
    source: Text = Field(
        min_length=1, max_length=SOURCE_MAX, description=N_("The notice that announces the days.")
    )
    days: list[WorkDayBody] = Field(min_length=1, max_length=DAYS_MAX)
    preview: bool = Field(False, description=N_("Only say what would change."))
    revision: Whole | None = Field(None, description=N_("As it was read; 409 if it has changed since."))


class SpanShape(Shape, about=N_("Hours without a break, such as 09:00 to 12:00.")):
    opens: str = Field(pattern=r"^[0-9]{2}:[0-9]{2}$", examples=["09:00"])
    closes: str = Field(pattern=r"^[0-9]{2}:[0-9]{2}$", examples=["12:00"])


class WorkDayShape(Shape, about=N_("A day that differs from a plain week, and who says so.")):
    day: DayText
    working: bool
    name_zh: str
    name_en: str
    source: str


class WorkYearShape(Shape, about=N_("A year of the company's calendar.")):
    year: int
    complete: bool = Field(
        description=N_("Whether its holidays are entered, and not only the statutory days.")
    )
    source: str | None
    revision: int
    time_zone: str
    hours: list[SpanShape]
    days: list[WorkDayShape]


class WorkDayChange(Shape, about=N_("What becomes of a day.")):
    day: DayText
    working: bool
    change: Literal["added", "changed", "removed", "unchanged"]


class WorkYearChanges(Shape, about=N_("What entering a year changes, or would change.")):
    year: int
    items: list[WorkDayChange]
