"""An adverse event: its clock, its report written by one person and submitted by another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.complaints.keep_paper import keep_paper
from portal.complaints.report_event import submit_report
from portal.complaints.trend import by_lot
from portal.kernel import clock
from portal.kernel.errors import Conflict, Forbidden, Invalid
from tests import cast
from tests.checks.acts import found
from tests.complaints.acts import (
    COLLEAGUE,
    QUALITY,
    REPORT,
    a_complaint,
    an_event,
    ended,
    seen_event,
    submitted,
    warned,
    written,
)
from tests.races import failures, together
from tests.service.acts import as_


def test_who_wrote_a_report_does_not_submit_it(database, owner):
    number = an_event(database)
    with pytest.raises(Conflict):
        submitted(database, number)
    assert written(database, number) == 1
    with pytest.raises(Forbidden) as refusal:
        submitted(database, number, by=QUALITY)
    assert refusal.value.code == "same_person"
    with pytest.raises(DBAPIError, match="ck_adverse_submission_another_submits"):
        owner.execute(
            text(
                "INSERT INTO adverse_submission SELECT dealer_id, event_id, version_no, written_by,"
                " written_by, 'x', current_date, '1', now() FROM adverse_report"
            )
        )
    assert submitted(database, number) == 1
    of = seen_event(database, number)
    assert of.state == "submitted" and of.versions[0].submitted_by_label == COLLEAGUE.actor().label


def test_what_the_form_demands_is_asked_for_at_the_submission(database):
    number = an_event(database)
    written(database, number, event_on="", place="", registration_no="")
    with pytest.raises(Invalid) as refusal:
        submitted(database, number, on=None, reference=" ")
    assert {fault.pointer for fault in refusal.value.faults} == {
        *("/event_on", "/place", "/registration_no", "/reference", "/submitted_on"),
    }


def test_every_version_is_kept_and_follow_ups_follow(database, owner):
    number = an_event(database)
    written(database, number)
    submitted(database, number)
    assert written(database, number, by=COLLEAGUE, first_cause="Confirmed.") == 2
    with pytest.raises(Conflict) as refusal:
        ended(database, number, is_event=True)
    assert refusal.value.code == "not_submitted"
    submitted(database, number, by=QUALITY, reference="F-1")
    ended(database, number, is_event=True)
    of = seen_event(database, number)
    assert [(one.kind, one.reference) for one in of.versions] == [
        ("follow_up", "F-1"),
        ("first", "3101-2026-000815"),
    ]
    with pytest.raises(Conflict) as refusal:
        written(database, number)
    assert refusal.value.code == "event_over"
    for table in ("adverse_report", "adverse_submission"):
        with pytest.raises(DBAPIError, match="append-only"):
            owner.execute(text(f"DELETE FROM {table}"))
    with pytest.raises(DBAPIError, match="never changes"):
        owner.execute(text("UPDATE adverse_event SET harm = 'other'"))


def test_of_two_who_submit_at_once_one_has_submitted_it(database):
    number = an_event(database)
    written(database, number, by=cast.controller)
    people = (QUALITY, COLLEAGUE)
    outcomes = together(2, lambda place: submitted(database, number, by=people[place]))
    [lost] = failures(outcomes)
    assert isinstance(lost, Conflict) and lost.code == "nothing_to_submit"


def test_quality_is_warned_at_each_stage_once(database):
    number = an_event(database, aware_at=cast.NOW, harm="death")
    due = seen_event(database, number).due_at
    assert due == cast.NOW + timedelta(days=7)
    assert warned(database, cast.NOW + timedelta(days=1)) == 0
    assert warned(database, cast.NOW + timedelta(days=4)) == 1
    outcomes = together(2, lambda _: warned(database, due))
    assert not failures(outcomes) and sum(outcomes) == 1
    assert seen_event(database, number).light(due) == "red"
    assert [one.name for one in found(database)] in ([], ["complaints/reported"])


def test_a_group_event_has_a_notice_before_its_report(database):
    number = an_event(database, aware_at=cast.NOW, is_group=True)
    of = seen_event(database, number)
    assert (of.notice_due_at, of.due_at) == (
        cast.NOW + timedelta(hours=12),
        cast.NOW + timedelta(hours=24),
    )


def test_the_paper_is_made_of_a_version_and_is_qualitys_alone(database):
    number = an_event(database)
    written(database, number)
    submitted(database, number)

    def paper(by, locale):
        return as_(
            database,
            by,
            lambda session: keep_paper(
                session,
                actor=by.actor(),
                number=number,
                version=1,
                locale=locale,
                company=("通路医疗科技有限公司", "Tonglu Medical"),
                zone=cast.ZONE,
                at=cast.NOW,
            ),
        )

    first = paper(QUALITY, "zh")
    assert first.content.startswith(b"%PDF") and paper(COLLEAGUE, "zh").sha256 == first.sha256
    assert seen_event(database, number).versions[0].papers == ("zh",)
    assert paper(QUALITY, "en").content != first.content
    with pytest.raises(Forbidden):
        paper(cast.service_desk, "zh")
    assert BytesIO(first.content).read(4) == b"%PDF"


def test_patients_stand_in_no_audit_and_no_letter(database, owner):
    number = an_event(database)
    written(database, number)
    for table in ("audit_event", "outbox"):
        rows = owner.execute(
            text(f"SELECT t::text FROM {table} t WHERE t::text LIKE :number"), {"number": f"%{number}%"}
        ).scalars()
        assert not any(REPORT["patient_initials"] in row for row in rows)
    assert seen_event(database, number, by=cast.technician).versions[0].content["patient_age"] == "***"


def test_three_complaints_on_a_lot_are_a_signal(database):
    for count in range(3):
        rows = as_(
            database,
            QUALITY,
            lambda session: by_lot(session, actor=QUALITY.actor(), days=30, today=cast.TODAY, at=cast.NOW),
        )
        assert not any(one.is_signal for one in rows), count
        a_complaint(database, product=cast.gloves.sku, lot="L-9", by=cast.huadong.service)
    rows = as_(
        database,
        QUALITY,
        lambda session: by_lot(session, actor=QUALITY.actor(), days=30, today=cast.TODAY, at=cast.NOW),
    )
    assert [(one.lot_no, one.lately) for one in rows if one.is_signal] == [("L-9", 3)]


def test_a_program_submits_no_report(database):
    number = an_event(database)
    written(database, number)
    program = replace(cast.quality_colleague.actor(), user_id=None, client_id=9)
    with pytest.raises(Forbidden) as refused, database.session_for(program) as session:
        submit_report(
            session,
            actor=program,
            number=number,
            submitted_on=cast.TODAY,
            reference="3101",
            zone=cast.ZONE,
            today=cast.TODAY,
            at=cast.NOW,
        )
    assert refused.value.code == "person_needed"


def test_a_report_is_submitted_from_the_day_of_awareness_on_where_the_business_is(database):
    """At half past midnight in Shanghai it is still the day before in Greenwich."""
    zone = ZoneInfo("Asia/Shanghai")
    aware_at = clock.start_of(clock.business_date(cast.NOW, zone), zone) - timedelta(hours=23, minutes=30)
    number = an_event(database, aware_at=aware_at)
    written(database, number)
    aware_on = clock.business_date(aware_at, zone)
    for day, is_taken in ((aware_on - timedelta(days=1), False), (aware_on, True)):
        with database.session_for(cast.quality_colleague.actor()) as session:
            act = partial(
                submit_report,
                session,
                actor=cast.quality_colleague.actor(),
                number=number,
                submitted_on=day,
                reference="3101",
                zone=zone,
                today=clock.business_date(cast.NOW, zone),
                at=cast.NOW,
            )
            if is_taken:
                assert act() == 1
            else:
                with pytest.raises(Invalid) as refused:
                    act()
                assert [one.code for one in refused.value.faults] == ["day_out_of_range"]
