"""The page of a rehearsal in each of its states, and the bar that moves by itself."""

from __future__ import annotations

import pytest

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.rehearsals import progress
from portal.rehearsals.perform import perform
from tests import cast
from tests.builders import a_lot

ADDRESS = f"/hq/policies/{cast.policy_draft}/rehearsals"
PROGRESS = {"HX-Target": "progress"}


@pytest.fixture
def manager(sign_in):
    visitor = sign_in(cast.national_manager)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def asked(manager, owner) -> int:
    """Id of a rehearsal that the page's button asked for."""
    answer = manager.post(ADDRESS, {"months": "12"})
    assert answer.status_code == 303 and answer.location.endswith("/1")
    return owner.exec_driver_sql(
        "SELECT id FROM rehearsal WHERE policy_id = %s", (cast.policy_draft,)
    ).scalar_one()


def worked(database, act) -> None:
    with transaction(database.system_session()) as session:
        act(session)


def test_one_that_waits_or_runs_shows_its_bar_and_no_figures(manager, database, asked):
    assert "hx-trigger" in manager.get(f"{ADDRESS}/1").text
    worked(database, lambda session: progress.take_up(session, rehearsal_id=asked, zone=cast.ZONE))
    worked(database, lambda session: progress.tell(session, rehearsal_id=asked, done=3, total=4))
    page = manager.get(f"{ADDRESS}/1")
    assert page.status_code == 200 and "75%" in page.text and 'id="waterfall"' not in page.text
    bar = manager.fragment(f"{ADDRESS}/1", headers=PROGRESS)
    assert "75%" in bar.text and "HX-Refresh" not in bar.headers and "<html" not in bar.text


def test_one_that_came_to_nothing_says_so(manager, database, asked):
    worked(database, lambda session: progress.take_up(session, rehearsal_id=asked, zone=cast.ZONE))
    worked(
        database,
        lambda session: progress.fail(session, rehearsal_id=asked, error="Trouble: x", at=clock.now()),
    )
    page = manager.get(f"{ADDRESS}/1")
    assert page.status_code == 200 and "Trouble: x" in page.text and 'hx-trigger="every' not in page.text


def test_one_that_is_done_replaces_the_bar_by_figures(manager, database, asked, given):
    given.stock_of(cast.gauze, cast.shanghai_warehouse, a_lot("R", 1000))
    given.an_order({cast.gauze: 20})

    def carried_out(session):
        begun = progress.take_up(session, rehearsal_id=asked, zone=cast.ZONE)
        result = perform(session, asked=begun, progress=lambda done, total: None)
        progress.finish(session, rehearsal_id=asked, result=result, at=clock.now())

    worked(database, carried_out)
    assert manager.fragment(f"{ADDRESS}/1", headers=PROGRESS).headers["HX-Refresh"] == "true"
    page = manager.get(f"{ADDRESS}/1").text
    assert 'id="waterfall"' in page and "1 order lines" in page
