"""By when a request is promised, as its page says: across New Year, a festival, and worked Saturdays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from portal.kernel import clock
from portal.workdays.day_rules import NamedDay
from portal.workdays.edit_calendar import set_day
from tests import cast
from tests.service.acts import as_, seen

SATURDAY = date(2027, 1, 9)
REPAIR = {"kind": "repair", "subject": "输液泵停机", "text": "报警代码 E-1024。"}


@pytest.fixture
def at(monkeypatch) -> Callable[..., None]:
    """``at(2026, 12, 31, 16, 0)``: the clock on the portal's wall."""

    def set_to(*moment: int) -> None:
        now = datetime(*moment, tzinfo=cast.ZONE)
        monkeypatch.setattr(clock, "now", lambda: now)

    return set_to


def asked(sign_in, severity: str = "") -> str:
    """A dealer asks on its page; the number."""
    answer = sign_in(cast.huadong.service).post("/service-requests", REPAIR | {"severity": severity})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"].rpartition("/")[2]


def promised(sign_in, number: str) -> list[str]:
    """What the desk's page says: first answer and resolution, each with its minute."""
    page = sign_in(cast.service_desk).get(f"/hq/service-requests/{number}").get_data(as_text=True)
    card = page.partition('id="promised"')[2].partition("</section>")[0]
    return [said.partition("</time>")[0] for said in card.split('">') if "</time>" in said]


def test_over_new_year_2027_the_clock_stands_on_the_holiday_and_the_weekend(sign_in, at):
    at(2026, 12, 31, 16, 0)  # a Thursday: two hours of this year are left
    assert promised(sign_in, asked(sign_in)) == ["2027-01-04 16:30", "2027-01-11 09:30"]


def test_a_saturday_that_is_worked_counts_once_headquarters_has_entered_it(sign_in, at, database):
    day = NamedDay(SATURDAY, True, "元旦调休上班", "Worked for New Year")
    as_(
        database,
        cast.order_desk,
        lambda session: set_day(session, actor=cast.order_desk.actor(), day=day, on=SATURDAY, at=clock.now()),
    )
    at(2026, 12, 31, 16, 0)
    assert promised(sign_in, asked(sign_in)) == ["2027-01-04 16:30", "2027-01-09 09:30"]


def test_the_saturday_before_the_spring_festival_is_worked_and_the_festival_is_not(sign_in, at):
    at(2026, 2, 13, 17, 0)
    assert promised(sign_in, asked(sign_in, "high")) == ["2026-02-14 12:00", "2026-02-24 18:00"]


def test_the_clock_stands_over_new_year_while_the_dealer_is_waited_for(sign_in, at, database):
    at(2026, 12, 31, 16, 0)
    number = asked(sign_in)
    at(2026, 12, 31, 17, 0)
    question = {"how": "question", "text": "哪个软件版本？"}
    sign_in(cast.service_desk).post(f"/hq/service-requests/{number}/messages", question)
    at(2027, 1, 4, 10, 0)
    sign_in(cast.huadong.service).post(f"/service-requests/{number}/messages", {"text": "V3.2"})
    assert seen(database, number).state == "in_progress"
    assert "2027-01-11 11:30" in promised(sign_in, number), "an hour of each year"
