"""A complaint from its triage to its end, which only quality brings about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.complaints.queries import answer_of
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.checks.acts import found
from tests.complaints.acts import (
    COLLEAGUE,
    QUALITY,
    a_complaint,
    a_handling,
    a_triage,
    an_event,
    closed,
    ended,
    handled,
    seen,
    submitted,
    told,
    triaged,
    written,
)
from tests.races import failures, together
from tests.service import acts as service
from tests.service.acts import as_


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Conflict) as refusal:
        yield
    assert refusal.value.code == code


def pointers(refusal) -> set[str]:
    return {fault.pointer for fault in refusal.value.faults}


def test_the_desk_proposes_and_quality_decides(database):
    number = a_complaint(database, lot="L-1", product=cast.gloves.sku)
    assert seen(database, number).lot_no == "L-1", "what the dealer said is proposed"
    assert triaged(database, number, by=cast.service_desk) == "proposed"
    triaged(database, number, a_triage(category="packaging", stop_use="Use no more of it."))
    of = seen(database, number)
    assert of.state == "triaged" and of.category == "packaging"
    assert (of.proposed_by_label, of.decided_by_label) == (
        cast.service_desk.actor().label,
        QUALITY.actor().label,
    )
    assert [(one.field, one.author_label) for one in of.history if one.field == "category"] == [
        ("category", QUALITY.actor().label),
        ("category", cast.service_desk.actor().label),
    ]
    with refused("already_triaged"):
        triaged(database, number, by=cast.service_desk)


def test_what_the_desk_proposes_is_no_advice_yet(database):
    number = a_complaint(database)
    triaged(database, number, a_triage(stop_use="Stop using it."), by=cast.service_desk)
    with transaction(database.session_for(cast.huadong.service.actor())) as session:
        assert answer_of(session, number).stop_use == ""
    triaged(database, number, a_triage(stop_use="Stop using it."))
    with transaction(database.session_for(cast.huadong.service.actor())) as session:
        assert answer_of(session, number).stop_use == "Stop using it."


def test_the_harm_of_an_event_that_is_open_is_not_classed_by_a_triage(database):
    number = an_event(database)
    with pytest.raises(Conflict) as refused:
        triaged(database, number, a_triage(possible_event=True, harm="death"))
    assert refused.value.code == "event_open_already"
    triaged(database, number, a_triage(possible_event=True, grade="minor"))


def test_every_fault_of_a_triage_stands_at_its_field(database):
    number = a_complaint(database)
    entry = a_triage(
        category="", grade="x", possible_event=None, event_reason=" ", product="NOPE", stop_use="a\0b"
    )
    with pytest.raises(Invalid) as refusal:
        triaged(database, number, entry)
    assert pointers(refusal) == {
        "/category",
        "/grade",
        "/possible_event",
        "/event_reason",
        "/product",
        "/stop_use",
    }


def test_nobody_but_quality_ends_a_complaint(database, owner):
    number, other = a_complaint(database), service.opened(database)
    for act in (
        lambda: service.resolved(database, number),
        lambda: service.cancelled(database, number),
        lambda: service.merged(database, number, other),
        lambda: service.sorted_anew(database, number, "consultation", "low"),
    ):
        with refused("held_by_quality"):
            act()
    for person in (cast.service_desk, cast.technician):
        with pytest.raises(Forbidden):
            closed(database, number, by=person)
        with pytest.raises(Forbidden):
            handled(database, number, by=person)
    assert service.seen(database, number).state == "new"
    for change in ("state = 'cancelled', ended_at = now()", "is_held = false", "kind = 'repair'"):
        with pytest.raises(DBAPIError, match="only quality ends a complaint"):
            owner.execute(
                text(f"UPDATE service_request SET {change} WHERE number = :number"), {"number": number}
            )


def test_a_complaint_is_closed_with_cause_measure_and_answer_and_resolves_its_request(database):
    number = a_complaint(database)
    with refused("not_triaged"):
        closed(database, number)
    triaged(database, number)
    with pytest.raises(Invalid) as refusal:
        closed(database, number)
    assert pointers(refusal) == {"/cause", "/measure", "/answer", "/told_how"}
    handled(database, number)
    closed(database, number)
    of = service.seen(database, number)
    assert (of.state, of.resolution, of.is_held) == ("resolved", "We replace it.", False)
    assert seen(database, number).closed_by_label == QUALITY.actor().label
    with refused("complaint_closed"):
        closed(database, number)
    assert not found(database)


def test_a_reopened_complaint_is_held_again(database):
    number = a_complaint(database)
    triaged(database, number)
    handled(database, number)
    closed(database, number)
    service.reopened(database, number)
    assert seen(database, number).state == "triaged"
    with refused("held_by_quality"):
        service.resolved(database, number)
    closed(database, number, by=COLLEAGUE)
    assert seen(database, number).state == "closed"


def test_of_two_who_close_at_once_one_has_closed_it(database):
    number = a_complaint(database)
    triaged(database, number)
    handled(database, number)
    people = (QUALITY, COLLEAGUE)
    [lost] = failures(together(2, lambda place: closed(database, number, by=people[place])))
    assert isinstance(lost, Conflict) and lost.code == "complaint_closed"
    assert [entry.kind for entry in service.seen(database, number).entries].count("resolved") == 1


def test_a_dealer_sees_its_answer_and_nothing_of_what_is_found_out(database):
    number = an_event(database, stop_use="Use no more of it.")
    handled(database, number, a_handling(cause="SECRET-CAUSE", follow_up="SECRET-FOLLOW"))
    written(database, number)
    mine, rival = cast.huadong.boss, cast.yuegang.boss
    answer = as_(database, mine, lambda session: answer_of(session, number))
    assert (answer.stop_use, answer.measure, answer.answer) == (
        "Use no more of it.",
        "Lot blocked.",
        "We replace it.",
    )
    assert as_(database, rival, lambda session: answer_of(session, number)) is None
    for table in (
        *("complaint_analysis", "complaint_entry", "adverse_event", "adverse_report"),
        *("adverse_submission", "adverse_paper", "adverse_warning"),
    ):
        count = text(f"SELECT count(*) FROM {table}")
        assert as_(database, mine, lambda session, sql=count: session.execute(sql).scalar_one()) == 0
    for person in (mine, rival):
        with pytest.raises(Forbidden):
            seen(database, number, by=person)
    with pytest.raises(NotFound):
        seen(database, number, by=cast.south_technician)


def test_a_complaint_whose_event_is_not_reported_stays_open(database):
    number = an_event(database)
    handled(database, number)
    with pytest.raises(Invalid) as refusal:
        closed(database, number)
    assert pointers(refusal) == {"/event"}
    written(database, number)
    submitted(database, number)
    closed(database, number)
    assert not found(database)


def test_the_tick_of_a_dealer_is_urgent_and_opens_the_event_once(database):
    number = a_complaint(database, somebody_harmed=True)
    assert service.seen(database, number).severity == "urgent"
    assert told(database, number) and not told(database, number)
    assert seen(database, number).event_state == "open"
    assert ended(database, number, is_event=False) == "dismissed"
    plain = service.opened(database, service.an_entry("consultation", somebody_harmed=True))
    assert not service.seen(database, plain).somebody_harmed
