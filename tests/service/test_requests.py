"""Requests: asked for, talked about, solved; what each side sees of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.service.rules import RequestState
from portal.workdays.queries import calendar
from tests import cast
from tests.builders import a_lot
from tests.checks.acts import found
from tests.devices.acts import a_rule
from tests.ledger.acts import delivered
from tests.service.acts import (
    MONDAY,
    a_team,
    an_entry,
    asked,
    assigned,
    auto_closed,
    cancelled,
    closed,
    escalated,
    given_by_rule,
    merged,
    noted,
    opened,
    rated,
    reopened,
    resolved,
    said,
    seen,
    sorted_anew,
    taken,
)

RIVAL = cast.yuegang.service


def kinds(detail) -> list[str]:
    return [entry.kind for entry in detail.entries]


def test_a_request_goes_from_the_question_to_the_rating(database):
    number = opened(database, at=MONDAY)
    assert number.startswith("SV") and seen(database, number).state == "new"
    assert taken(database, number) is RequestState.IN_PROGRESS
    noted(database, number)
    assert asked(database, number) is RequestState.WAITING
    assert said(database, number) is RequestState.IN_PROGRESS
    assert resolved(database, number) is RequestState.RESOLVED
    rated(database, number, 4)
    assert closed(database, number) is RequestState.CLOSED
    desk, dealer = seen(database, number), seen(database, number, by=cast.huadong.buyer)
    assert kinds(desk) == ["opened", "taken", "note", "asked", "message", "resolved", "rated", "closed"]
    assert kinds(dealer) == ["opened", "taken", "asked", "message", "resolved", "rated", "closed"]
    assert dealer.rating == 4 and dealer.resolution == "Filter changed."
    assert not found(database)


def test_a_rival_finds_nothing_and_does_nothing(database):
    number = opened(database)
    for act in (seen, said, cancelled):
        with pytest.raises(NotFound):
            act(database, number, by=RIVAL)
    with pytest.raises(NotFound):
        seen(database, number, by=cast.south_technician)


def test_the_database_hides_notes_from_dealers_whatever_is_asked(database, owner):
    number = opened(database)
    noted(database, number)
    with database.dealer_session(cast.huadong.boss.actor()) as session:
        rows = session.execute(text("SELECT kind FROM service_entry")).scalars().all()
    assert rows == ["opened"]
    assert owner.execute(text("SELECT count(*) FROM service_entry WHERE is_internal")).scalar_one() == 1


def test_what_a_form_does_not_ask_for_is_left_out_and_every_fault_is_told_at_once(database):
    number = opened(database, an_entry("training", lot="L1", order="SO1", stops_treatment=True))
    of = seen(database, number)
    assert (of.lot_no, of.order_no, of.stops_treatment, of.severity) == ("", "", False, "normal")
    wrong = an_entry(
        "repair",
        subject=" ",
        text="x\x00",
        product="NOPE",
        severity="urgent",
        preferred_on=cast.TODAY - timedelta(days=1),
        contact="1" * 121,
    )
    with pytest.raises(Invalid) as refused:
        opened(database, wrong)
    assert {fault.pointer for fault in refused.value.faults} == {
        *("/subject", "/text", "/product", "/severity", "/preferred_on", "/contact")
    }


def test_what_stops_a_treatment_is_urgent(database):
    urgent = an_entry("complaint", stops_treatment=True, severity="low")
    assert seen(database, opened(database, urgent)).severity == "urgent"
    assert seen(database, opened(database, an_entry("complaint"))).severity == "high"


@pytest.fixture
def pump(given, database):
    """A product whose unit with the serial number S-77 was delivered to Huadong."""
    one = given.a_product(serial_controlled=True)
    given.stock_of(one, cast.shanghai_warehouse, a_lot("A", 3))
    return one


def test_a_serial_number_fills_product_lot_and_warranty_for_its_own_dealer_only(given, database, owner, pump):
    a_rule(database)
    sent = delivered(given, database, {pump: 1})
    serials = owner.execute(
        text("SELECT serial FROM serial_unit WHERE document = :number"), {"number": sent.shipment_number}
    )
    [serial] = serials.scalars().all()
    of = seen(database, opened(database, an_entry("repair", device=serial)))
    assert (of.sku, of.lot_no, of.serial) == (pump.sku, "A", serial) and of.warranty_until is not None
    entry = an_entry("repair", device=serial)
    rivals = seen(database, opened(database, entry, by=RIVAL), by=RIVAL)
    assert (rivals.sku, rivals.lot_no, rivals.serial, rivals.warranty_until) == (None, "", serial, None)
    label = f"(01){pump.udi_di}(10)A(21){serial}"
    assert seen(database, opened(database, an_entry("repair", device=label))).sku == pump.sku


def test_the_clocks_stand_while_the_dealer_is_waited_for(database):
    number = opened(database, at=MONDAY)
    before = seen(database, number)
    asked(database, number, at=MONDAY + timedelta(hours=1))
    said(database, number, at=MONDAY + timedelta(hours=3))
    after = seen(database, number)
    assert after.paused_at is None
    with database.staff_session(cast.service_desk.actor()) as session:
        of = calendar(session)
    assert of.minutes_between(before.resolution_due_at, after.resolution_due_at) == of.minutes_between(
        MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=3)
    )
    assert after.first_answer_due_at == before.first_answer_due_at


def test_another_severity_counts_from_the_beginning(database):
    number = opened(database, at=MONDAY)
    sorted_anew(database, number, "repair", "urgent", at=MONDAY + timedelta(minutes=30))
    of = seen(database, number)
    assert (of.kind, of.severity) == ("repair", "urgent")
    assert of.first_answer_due_at == MONDAY + timedelta(hours=1)


def test_only_open_requests_of_one_dealer_are_merged_and_the_target_shows_both(database):
    first, second, third = opened(database), opened(database), opened(database)
    other = opened(database, by=RIVAL)
    for into in (first, other, "SV2611-00000000A"):
        with pytest.raises(Invalid):
            merged(database, first, into)
    said(database, first, "Said before the merge.")
    noted(database, first)
    merged(database, first, second)
    with pytest.raises(Conflict) as refused:
        said(database, first)
    assert refused.value.code == "merged"
    merged(database, second, third)
    target = seen(database, third, by=cast.huadong.buyer)
    assert target.merged == (first, second)
    assert [one.text for one in target.entries if one.kind == "message"] == ["Said before the merge."]
    assert not any(one.is_internal for one in target.entries)
    assert seen(database, first).merged_into == third
    assert not found(database)


def test_reopening_begins_the_clock_anew_and_ends_after_some_days(database):
    number = opened(database, at=MONDAY)
    resolved(database, number, at=MONDAY + timedelta(hours=1))
    again = MONDAY + timedelta(days=1)
    assert reopened(database, number, at=again) is RequestState.IN_PROGRESS
    assert seen(database, number).resolution_due_at > again
    resolved(database, number, at=again)
    assert auto_closed(database, again + timedelta(days=6)) == 0
    assert auto_closed(database, again + timedelta(days=7)) == 1
    assert auto_closed(database, again + timedelta(days=7)) == 0
    with pytest.raises(Conflict) as refused:
        reopened(database, number, at=again + timedelta(days=31))
    assert refused.value.code == "too_late_to_reopen"
    assert reopened(database, number, at=again + timedelta(days=30)) is RequestState.IN_PROGRESS


def test_a_request_is_rated_once_and_not_before_it_is_resolved(database):
    number = opened(database)
    with pytest.raises(Conflict):
        rated(database, number)
    resolved(database, number)
    with pytest.raises(Invalid):
        rated(database, number, 6)
    rated(database, number)
    with pytest.raises(Conflict) as refused:
        rated(database, number, 1)
    assert refused.value.code == "rated"


def test_each_clock_is_told_of_once_before_it_runs_out_and_once_when_it_has(database, owner):
    number = opened(database, at=MONDAY)
    assert escalated(database, MONDAY + timedelta(hours=1)) == 0
    due = seen(database, number).first_answer_due_at
    assert escalated(database, due - timedelta(minutes=1)) == 1
    assert escalated(database, due - timedelta(minutes=1)) == 0
    assert escalated(database, due) == 1
    assert escalated(database, due) == 0
    told = owner.execute(text("SELECT payload FROM outbox WHERE topic = 'service.escalated' ORDER BY id"))
    assert [(one["clock"], one["stage"]) for one in told.scalars()] == [
        ("first_answer", "warning"),
        ("first_answer", "breach"),
    ]
    waiting = opened(database, at=MONDAY)
    asked(database, waiting, at=MONDAY)
    resolved(database, number)
    assert escalated(database, due + timedelta(days=60)) == 0


def stages(owner, number) -> list[str]:
    """What was told of the clocks of a request, in its order."""
    told = owner.execute(text("SELECT payload FROM outbox WHERE topic = 'service.escalated' ORDER BY id"))
    return [f"{one['clock']} {one['stage']}" for one in told.scalars() if one["number"] == number]


BREACHES = ["first_answer breach", "resolution breach"]


@pytest.mark.parametrize(
    ("before", "after"), [("urgent", "normal"), ("urgent", "low"), ("low", "high"), ("normal", "urgent")]
)
def test_each_target_that_a_request_gets_is_told_of_once(database, owner, before, after):
    number = opened(database, at=MONDAY)
    sorted_anew(database, number, "consultation", before, at=MONDAY)
    late = max(seen(database, number).resolution_due_at, MONDAY + timedelta(days=9))
    assert escalated(database, late) == 2
    sorted_anew(database, number, "consultation", after, at=late)
    again = max(late, seen(database, number).resolution_due_at)
    assert escalated(database, again) == 2
    assert stages(owner, number) == BREACHES * 2
    assert escalated(database, again + timedelta(days=90)) == 0
    sorted_anew(database, number, "consultation", before, at=again)
    assert escalated(database, again) == 0, "it was told of this one before"


def test_the_new_target_warns_before_it_is_missed(database, owner):
    number = opened(database, at=MONDAY)
    sorted_anew(database, number, "repair", "urgent", at=MONDAY)
    due = seen(database, number).first_answer_due_at
    assert escalated(database, due) == 1
    sorted_anew(database, number, "repair", "normal", at=due)
    later = seen(database, number).first_answer_due_at
    assert later > due and escalated(database, due) == 0
    assert escalated(database, later - timedelta(minutes=1)) == 1
    assert escalated(database, later) == 1
    assert stages(owner, number) == [
        "first_answer breach",
        "first_answer warning",
        "first_answer breach",
    ]


def test_a_pause_makes_no_new_target(database, owner):
    number = opened(database, at=MONDAY)
    due = seen(database, number).first_answer_due_at
    assert escalated(database, due) == 1
    asked(database, number, at=due)
    assert escalated(database, due + timedelta(days=30)) == 0
    said(database, number, at=due + timedelta(days=30))
    moved_to = seen(database, number).resolution_due_at
    assert escalated(database, moved_to) == 1
    assert stages(owner, number) == BREACHES


def test_the_rules_give_a_request_to_the_least_loaded_of_those_who_serve_such(database):
    a_team(
        database,
        (cast.technician, "repair", "", ""),
        (cast.south_technician, "repair", "", ""),
        (cast.service_desk, "", "", "south"),
    )
    assert given_by_rule(database, opened(database)) is None
    repair = an_entry("repair")
    assert given_by_rule(database, opened(database, repair)) == cast.technician.actor().label
    south = opened(database, repair, by=RIVAL)
    assert given_by_rule(database, south) == cast.service_desk.actor().label
    second = opened(database, repair, by=RIVAL)
    assert given_by_rule(database, second) == cast.south_technician.actor().label
    assert given_by_rule(database, second) is None
    of = seen(database, second)
    assert of.state == "assigned" and of.assignee_id == cast.south_technician.id


def test_nobody_gets_a_request_of_a_dealer_that_they_do_not_see(database):
    number = opened(database)
    with pytest.raises(Invalid):
        assigned(database, number, cast.south_technician)
    with pytest.raises(Invalid):
        assigned(database, number, cast.hq_finance)
    with pytest.raises(Forbidden):
        assigned(database, number, by=cast.technician)


def test_a_team_is_written_anew_as_it_was_read(database):
    team = a_team(database, (cast.technician, "", "", ""))
    a_team(database, (cast.technician, "repair", "A02", "31"), team_id=team, revision=1)
    with pytest.raises(Conflict):
        a_team(database, (cast.technician, "", "", ""), team_id=team, revision=1)
    with pytest.raises(Invalid) as refused:
        a_team(database, (cast.hq_finance, "x", "y", "z"), team_id=team, revision=2)
    assert {fault.pointer for fault in refused.value.faults} >= {
        "/duties/0/kind",
        "/duties/0/category",
        "/duties/0/region",
    }


def test_headquarters_writes_a_request_down_for_a_dealer(database):
    number = opened(database, by=cast.service_desk, dealer=cast.suzhou)
    assert seen(database, number, by=cast.suzhou.buyer).dealer_code == "suzhou"
    with pytest.raises(Forbidden):
        opened(database, dealer=cast.suzhou)
