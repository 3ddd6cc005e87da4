"""What the portal does about complaints by itself: events opened and warned of, quality told, papers made."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from jobs import complaints
from portal.complaints.vocabulary import EVENT_WARNED
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.outbox import add
from tests import cast
from tests.complaints.acts import a_complaint, an_event, ended, seen, seen_event, submitted, written
from tests.jobs.test_mail import body
from tests.service.acts import an_entry, opened

QUALITY = cast.quality
PATIENT = "WXM"


def about(messages, number: str) -> list[str]:
    return [body(one) for one in messages if number in one["Subject"] + body(one)]


def test_a_dealers_tick_opens_an_event_and_quality_hears_of_it_and_nobody_else(database, letters):
    harmed, plain = a_complaint(database, somebody_harmed=True), a_complaint(database)
    asked = opened(database, an_entry("consultation", somebody_harmed=True))
    [letter] = about(letters(QUALITY), f"/hq/adverse-events/{harmed}")
    assert harmed in letter and cast.huadong.name_zh in letter
    assert seen(database, harmed).event_state == "open"
    assert seen(database, plain).event_state is None
    told = {one.email for one in cast.people if about(letters(one), "/hq/adverse-events/")}
    assert told == {QUALITY.email, cast.quality_colleague.email}
    assert not about(letters(QUALITY), f"/hq/adverse-events/{plain}")
    assert not about(letters(QUALITY), f"/hq/adverse-events/{asked}")


def test_the_schedule_warns_of_clocks_that_run_out_and_of_no_others(database, letters, at_work):
    late, reported = an_event(database), an_event(database)
    dismissed = an_event(database, is_group=True)  # with a notice within hours
    early = an_event(database, aware_at=cast.NOW - timedelta(days=1))
    written(database, reported)
    submitted(database, reported)
    ended(database, dismissed, is_event=False)
    letters(QUALITY)
    moment = seen_event(database, late).due_at
    assert seen_event(database, early).due_at < moment
    for now, warned in ((cast.NOW, set()), (moment, {late, early})):
        at_work.setattr(clock, "now", lambda now=now: now)
        complaints.warn()
        complaints.warn()
        numbers = {number for number in (late, early, reported, dismissed) if warnings(database, number)}
        assert numbers == warned
    assert [warnings(database, one) for one in (late, early)] == [["overdue"], ["overdue"]]


def warnings(database, number: str) -> list[str]:
    """The stages at which somebody was warned of an event."""
    asked = text(
        "SELECT w.stage FROM adverse_warning w JOIN service_request r"
        " ON (r.dealer_id, r.id) = (w.dealer_id, w.event_id) WHERE r.number = :number"
    )
    with transaction(database.system_session()) as session:
        return list(session.execute(asked, {"number": number}).scalars())


def test_a_warning_that_cannot_be_told_holds_up_no_other(database, letters, owner):
    number = an_event(database)
    letters(QUALITY)
    with transaction(database.system_session()) as session:
        for one in ("SV2611-00000000A", number):
            add(session, EVENT_WARNED, dealer_id=cast.huadong.id, number=one, stage="overdue")
    said = about(letters(QUALITY), f"/hq/adverse-events/{number}")
    assert len(said) == 2, "opened, and warned of"
    asked = text("SELECT payload ->> 'number', attempts FROM outbox WHERE dispatched_at IS NULL")
    assert [tuple(row) for row in owner.execute(asked)] == [("SV2611-00000000A", 1)]


def test_a_submitted_report_gets_its_paper_in_both_languages_and_a_draft_none(database, letters, owner):
    handed_in, draft = an_event(database), an_event(database)
    for number in (handed_in, draft):
        written(database, number)
    submitted(database, handed_in)
    letters(QUALITY)
    letters(QUALITY)
    asked = text(
        "SELECT r.number, p.version_no, p.locale FROM adverse_paper p JOIN service_request r"
        " ON (r.dealer_id, r.id) = (p.dealer_id, p.event_id) ORDER BY p.locale"
    )
    with transaction(database.system_session()) as session:
        papers = [tuple(row) for row in session.execute(asked)]
    assert papers == [(handed_in, 1, "en"), (handed_in, 1, "zh")]
    assert not [one for one in letters(QUALITY) if PATIENT in body(one)]
