"""What two people do to a request at the same instant."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from portal.kernel.errors import Conflict
from tests import cast
from tests.checks.acts import found
from tests.races import failures, together
from tests.service.acts import (
    MONDAY,
    a_team,
    an_entry,
    auto_closed,
    closed,
    escalated,
    given_by_rule,
    merged,
    opened,
    rated,
    reopened,
    resolved,
    said,
    seen,
    sorted_anew,
    taken,
)

DESK = cast.service_desk


def test_of_two_technicians_who_take_one_request_one_has_it(database):
    number = opened(database)
    people = (cast.technician, DESK)
    outcomes = together(2, lambda place: taken(database, number, by=people[place]))
    [lost] = failures(outcomes)
    assert isinstance(lost, Conflict) and lost.code == "taken"
    of = seen(database, number)
    assert [entry.kind for entry in of.entries] == ["opened", "taken"]
    assert of.assignee_id == people[[isinstance(one, Conflict) for one in outcomes].index(False)].id


def test_a_message_is_said_before_a_merge_or_is_told_where_it_went(database):
    for _ in range(3):
        number, into = opened(database), opened(database)
        acts = (lambda n=number: said(database, n), lambda n=number, i=into: merged(database, n, i))
        outcomes = together(2, lambda place, of=acts: of[place]())
        lost = failures(outcomes)
        assert [one.code for one in lost] in ([], ["merged"])
        shown = [entry.kind for entry in seen(database, into).entries]
        assert shown.count("message") == 1 - len(lost)
    assert not found(database)


def test_two_requests_merged_into_each_other_never_wait_crosswise(database):
    one, other = opened(database), opened(database)
    pairs = ((one, other), (other, one))
    [lost] = failures(together(2, lambda place: merged(database, *pairs[place])))
    assert isinstance(lost, Conflict)
    assert {seen(database, one).state, seen(database, other).state} == {"merged", "new"}


def test_a_request_that_is_reopened_is_never_closed_behind_the_dealers_back(database, owner):
    late = "UPDATE service_request SET resolved_at = resolved_at - interval '8 days'"
    for by_job in (True, False):
        number = opened(database)
        resolved(database, number)
        owner.execute(text(f"{late} WHERE state = 'resolved'"))

        def end(job: bool = by_job, number: str = number) -> object:
            return auto_closed(database, cast.NOW) if job else closed(database, number)

        outcomes = together(2, lambda place, n=number, e=end: reopened(database, n) if place else e())
        assert not isinstance(outcomes[1], Exception), "closed or not, it can be reopened"
        assert seen(database, number).state == "in_progress"


def test_a_double_click_rates_once(database):
    number = opened(database)
    resolved(database, number)
    [lost] = failures(together(2, lambda place: rated(database, number, place + 1)))
    assert isinstance(lost, Conflict) and lost.code == "rated"


def test_two_requests_at_once_go_to_two_people(database):
    a_team(database, (cast.technician, "", "", ""), (DESK, "", "", ""))
    numbers = [opened(database, an_entry("repair")) for _ in range(2)]
    names = together(2, lambda place: given_by_rule(database, numbers[place]))
    assert sorted(map(str, names)) == sorted([cast.technician.actor().label, DESK.actor().label])


def test_two_workers_tell_of_a_clock_once(database, owner):
    number = opened(database)
    due = seen(database, number).first_answer_due_at
    outcomes = together(2, lambda _: escalated(database, due))
    assert not failures(outcomes) and sum(outcomes) == 1


def test_two_jobs_and_whoever_sorts_meanwhile_have_each_target_told_of_once(database, owner):
    told = text(
        "SELECT e.round, e.clock, e.stage, e.minutes FROM service_escalation e"
        " JOIN service_request r ON (r.dealer_id, r.id) = (e.dealer_id, e.request_id)"
        " WHERE r.number = :number"
    )
    heard = text(
        "SELECT count(*) FROM outbox WHERE topic = 'service.escalated' AND payload ->> 'number' = :number"
    )
    for _ in range(3):
        number = opened(database, at=MONDAY)
        late = MONDAY + timedelta(days=60)
        acts = (
            lambda at=late: escalated(database, at),
            lambda at=late: escalated(database, at),
            lambda n=number, at=late: sorted_anew(database, n, "consultation", "urgent", at=at),
        )
        assert not failures(together(3, lambda place, of=acts: of[place]()))
        escalated(database, late)
        rows = owner.execute(told, {"number": number}).all()
        assert {(row.clock, row.stage) for row in rows if row.minutes in (60, 480)} >= {
            ("first_answer", "breach"),
            ("resolution", "breach"),
        }
        assert owner.execute(heard, {"number": number}).scalar_one() == len(rows)
