"""The operators' page: when the portal checked itself, how long it took, what differs."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial

import pytest
from sqlalchemy import text

from jobs import check as job
from portal.checks import run_checks
from portal.kernel.checking import Check
from tests import cast


@pytest.fixture
def swept(monkeypatch, database, settings):
    """Have the job look for a wish, whatever the hour."""
    monkeypatch.setattr(job.resources, "database", lambda: database)
    monkeypatch.setattr(job.resources, "settings", lambda: settings)
    return partial(job.sweep, lambda: datetime.combine(cast.TODAY, time(12), cast.ZONE))


def english(visitor):
    visitor.post("/locale/en")
    return visitor


def page(visitor, path="/hq/checks", status=200) -> str:
    answer = visitor.get(path)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_a_run_is_asked_for_made_and_shown(sign_in, swept, owner):
    auditor = english(sign_in(cast.quality))
    assert "No run yet" in page(auditor)
    assert auditor.post("/hq/checks").status_code == 303
    assert "A run is asked for" in page(auditor)
    swept()
    assert "Everything agrees" in page(auditor) and "A run is asked for" not in page(auditor)


def test_what_differs_is_named_in_red_here_and_on_the_overview(sign_in, swept, owner):
    auditor = english(sign_in(cast.quality))
    owner.execute(text("UPDATE dealer_account SET balance = 7 WHERE dealer_id = 101"))
    auditor.post("/hq/checks")
    swept()
    shown = page(auditor)
    assert "huadong has 7.00, should be 0" in shown and "tone-red" in shown and "1 difference" in shown
    for person, told in (
        (cast.administrator, True),
        (cast.hq_finance, True),
        (cast.order_desk, False),
        (cast.east_manager, False),
    ):
        assert (
            "Differences found by the last system check" in page(english(sign_in(person)), "/hq/")
        ) is told


def test_one_wish_at_a_time(sign_in, owner):
    auditor = sign_in(cast.quality)
    for _ in range(2):
        auditor.post("/hq/checks")
    assert owner.execute(text("SELECT count(*) FROM check_run")).scalar_one() == 1


@pytest.fixture
def broken(monkeypatch):
    """A check that fails."""
    monkeypatch.setattr(
        run_checks,
        "CHECKS",
        (Check("test/broken", "about", "SELECT 'x' AS subject, 1/0 AS kept, 0 AS counted"),),
    )


def test_a_run_that_failed_is_shown_with_its_reason_and_can_be_asked_for_again(
    sign_in, swept, broken, monkeypatch
):
    auditor = english(sign_in(cast.quality))
    auditor.post("/hq/checks")
    swept()
    shown = page(auditor)
    assert (
        "failed at attempt 1: DivisionByZero: division by zero." in shown
        and "It is begun again at" in shown
        and "12:10" in shown
    )
    assert "No run yet" not in shown and "Everything agrees" not in shown
    for person, told in (
        (cast.administrator, True),
        (cast.hq_finance, True),
        (cast.order_desk, False),
        (cast.east_manager, False),
    ):
        assert ("System check that failed" in page(english(sign_in(person)), "/hq/")) is told
    auditor.post("/hq/checks")
    assert "A run is asked for" in page(auditor) and "It is begun again at" not in page(auditor)
    monkeypatch.setattr(run_checks, "CHECKS", ())
    swept()
    assert (
        "Everything agrees" in page(auditor)
        and "failed at attempt" not in page(auditor)
        and "Failed" in page(auditor)
    )


def test_a_run_that_is_given_up_says_what_to_do(sign_in, owner):
    owner.execute(
        text(
            "INSERT INTO check_run (asked_at, asked_by, attempts, started_at, failed_at)"
            " VALUES (now(), 'system', 3, now(), now())"
        )
    )
    shown = page(english(sign_in(cast.quality)))
    assert (
        "failed at attempt 3: the process that made it has died." in shown
        and "have the check made now" in shown
    )
    assert "It is begun again at" not in shown and "Check now" in shown


def test_a_run_at_work_is_shown(sign_in, owner):
    owner.execute(
        text(
            "INSERT INTO check_run (asked_at, asked_by, attempts, started_at)"
            " VALUES (now(), 'system', 1, now())"
        )
    )
    shown = page(english(sign_in(cast.quality)))
    assert "A run is being made" in shown and "No run" not in shown and "failed at attempt" not in shown


@pytest.mark.parametrize(
    "ended", ["finished_at = started_at, differences = 0, results = '[]'", "failed_at = started_at"]
)
def test_a_night_without_a_run_is_told(sign_in, owner, ended):
    auditor = english(sign_in(cast.quality))
    assert "No run was ever begun" in page(auditor)
    owner.execute(
        text(
            "INSERT INTO check_run (asked_at, asked_by, attempts, started_at)"
            " VALUES (now(), 'system', 1, now())"
        )
    )
    owner.execute(text(f"UPDATE check_run SET {ended}"))
    assert "Last night's run is missing" not in page(auditor) and "No run was ever begun" not in page(auditor)
    owner.execute(text("UPDATE check_run SET started_at = now() - interval '49 hours'"))
    assert "Last night's run is missing" in page(auditor)


def test_a_wish_that_nobody_takes_up_is_told(sign_in, owner):
    auditor = english(sign_in(cast.quality))
    auditor.post("/hq/checks")
    assert "has not begun" not in page(auditor)
    owner.execute(text("UPDATE check_run SET asked_at = asked_at - interval '10 minutes'"))
    assert "asked for has not begun" in page(auditor)


@pytest.mark.parametrize("person", [cast.order_desk, cast.east_manager, cast.national_manager])
def test_only_auditors_and_finance_see_it(sign_in, person):
    page(sign_in(person), status=403)
    assert sign_in(person).post("/hq/checks").status_code == 403
