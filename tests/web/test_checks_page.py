"""The operators' page: when the portal checked itself, how long it took, what differs."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial

import pytest
from sqlalchemy import text

from jobs import check as job
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
    for person, told in ((cast.administrator, True), (cast.hq_finance, True), (cast.order_desk, False), (cast.east_manager, False)):
        assert ("found 1 difference" in page(english(sign_in(person)), "/hq/")) is told


def test_one_wish_at_a_time(sign_in, owner):
    auditor = sign_in(cast.quality)
    for _ in range(2):
        auditor.post("/hq/checks")
    assert owner.execute(text("SELECT count(*) FROM check_run")).scalar_one() == 1


@pytest.mark.parametrize("person", [cast.order_desk, cast.east_manager, cast.national_manager])
def test_only_auditors_and_finance_see_it(sign_in, person):
    page(sign_in(person), status=403)
    assert sign_in(person).post("/hq/checks").status_code == 403
