"""Maintenance: due by months or uses, done with its check-list, missed with a notice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies
from sqlalchemy import text

from portal.devices.change_state import change_state
from portal.devices.rules import DeviceAct
from portal.devices.warranty_rules import WarrantyStand, months_after
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.maintenance.finish import Work, finish, skip
from portal.maintenance.queries import (
    in_month,
    maintenance_of,
    maintenances,
    of_device,
    span_of,
)
from portal.maintenance.rules import Checked, CountsFrom, Interval, When, next_due
from portal.maintenance.set_plan import PlanEntry, set_plan
from tests import cast
from tests.devices.acts import (
    HOSPITAL,
    RIVAL,
    SERVICE,
    a_rule,
    as_,
    seen_by,
)
from tests.maintenance.acts import LONG_AGO, in_use, planned, run
from tests.races import failures, together

TODAY = cast.TODAY
CHECKED = (Checked("good"), Checked("good", "36.5"))


def the_due(owner) -> list[tuple[str, date]]:
    rows = owner.execute(text("SELECT number, due_on FROM maintenance WHERE state = 'due' ORDER BY id"))
    return [tuple(row) for row in rows]


def finished(database, number: str, *, by=SERVICE, checked=CHECKED, **said: Any) -> None:
    usual: dict[str, Any] = {"done_on": TODAY, "done_by": "赵磊", "checked": checked}
    work = Work(**usual | said)
    as_(database, by, finish, number=number, work=work, today=TODAY, at=cast.NOW)


DAYS = strategies.dates(date(2020, 1, 1), date(2040, 1, 1))


@for_all(DAYS, DAYS, DAYS, strategies.integers(1, 36), strategies.sampled_from(CountsFrom))
def test_the_next_one_is_due_after_the_last_one_was_done(begun, last_due, last_done, months, counts_from):
    interval = Interval(months, None, counts_from)
    assert next_due(interval, begun_on=begun, last_due=None, last_done=None) == months_after(begun, months)
    following = next_due(interval, begun_on=begun, last_due=last_due, last_done=last_done)
    assert following is not None and following > min(last_done, last_due)
    if counts_from is CountsFrom.DUE:
        assert following > last_done
        steps = (following.year - last_due.year) * 12 + following.month - last_due.month
        assert steps % months == 0 and steps > 0
    else:
        assert following == months_after(last_done, months)
    assert next_due(Interval(None, 5, counts_from), begun_on=begun, last_due=None, last_done=None) is None


def test_a_series_from_the_end_of_a_month_comes_back_to_it():
    monthly, day = Interval(1, None, CountsFrom.DUE), date(2026, 1, 31)
    series = [day]
    for _ in range(4):
        due = next_due(monthly, begun_on=day, last_due=series[-1], last_done=series[-1])
        assert due is not None
        series.append(due)
    assert [one.day for one in series] == [31, 28, 31, 30, 31]


def test_a_plan_makes_one_open_maintenance_of_each_device_however_often_the_job_runs(given, database, owner):
    number = in_use(given, database, owner, "S1", "S2")
    planned(database)
    together(2, lambda _: run(database))
    run(database)
    expected = months_after(LONG_AGO, 12)
    assert [day for _, day in the_due(owner)] == [expected, expected]
    planned(database, code="PM-LINE", category="P", sku="", every_months=6)
    planned(database, code="PM-OTHER", category="T", sku="")
    run(database)
    assert len(the_due(owner)) == 4
    assert [one.plan_code for one in of_device_as(database, SERVICE, number)] == ["PM-1", "PM-LINE"]


def of_device_as(database, who, number):
    with transaction(database.session_for(who.actor())) as session:
        return of_device(session, number)


def test_what_was_done_stands_in_the_devices_life_and_the_next_one_follows(given, database, owner):
    device = in_use(given, database, owner, "S1")
    planned(database)
    run(database)
    [(number, _)] = the_due(owner)
    finished(database, number, uses=120, signature="[[1,2,3,4]]", signed_name="孙静")
    assert [day for _, day in the_due(owner)] == [months_after(TODAY, 12)]
    life = seen_by(database, SERVICE, device)
    assert (life.events[0].kind, life.events[0].document_no) == ("maintained", number)
    assert life.uses == 120
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        found = maintenance_of(session, number, sees=False)
        assert HOSPITAL not in repr(found) and "孙静" not in repr(found) and found.signature is None
        assert [one["reading"] for one in found.findings] == ["", "36.5"]
    with pytest.raises(Conflict):
        finished(database, number)
    with pytest.raises(Exception, match="never changes"):
        owner.execute(text("UPDATE maintenance SET note = 'x' WHERE number = :n"), {"n": number})


def test_everything_wrong_is_told_at_once_each_at_its_field(given, database, owner):
    in_use(given, database, owner, "S1")
    planned(database)
    run(database)
    [(number, _)] = the_due(owner)
    with pytest.raises(Invalid) as refusal:
        finished(
            database,
            number,
            checked=(Checked("nonsense"), Checked("good", "warm")),
            done_on=TODAY + timedelta(days=1),
            done_by="\0",
            uses=10**9,
        )
    assert {fault.pointer for fault in refusal.value.faults} == {
        "/items/0/result",
        "/items/1/reading",
        "/done_on",
        "/done_by",
        "/uses",
    }


def test_enough_uses_make_it_due_before_its_day(given, database, owner):
    device = in_use(given, database, owner, "S1", since=TODAY - timedelta(days=30))
    planned(database, every_uses=100)
    run(database)
    assert [day for _, day in the_due(owner)] == [months_after(TODAY - timedelta(days=30), 12)]
    owner.execute(text("UPDATE device SET uses = 100 WHERE number = :n"), {"n": device})
    run(database)
    [(number, day)] = the_due(owner)
    assert day == TODAY
    finished(database, number, uses=101)
    assert [day for _, day in the_due(owner)] == [months_after(TODAY, 12)]


def test_what_is_left_out_is_not_due_again_by_the_same_uses(given, database, owner):
    device = in_use(given, database, owner, "S1", since=TODAY - timedelta(days=30))
    planned(database, every_uses=100)
    owner.execute(text("UPDATE device SET uses = 100 WHERE number = :n"), {"n": device})
    run(database)
    [(number, day)] = the_due(owner)
    assert day == TODAY
    as_(database, cast.quality, skip, number=number, reason="moved", today=TODAY, at=cast.NOW)
    run(database)
    assert [day for _, day in the_due(owner)] == [months_after(TODAY, 12)]


def test_a_missed_one_is_told_once_and_costs_no_warranty_by_itself(given, database, owner):
    a_rule(database, months=36)
    device = in_use(given, database, owner, "S1")
    warranty = (LONG_AGO, months_after(LONG_AGO, 36))
    planned(database, voids_warranty=True)
    for _ in range(3):
        run(database)
    found = seen_by(database, SERVICE, device)
    kinds = [one.kind for one in found.events]
    assert kinds.count("maintenance_missed") == 1
    with transaction(database.session_for(SERVICE.actor())) as session:
        [missed] = of_device(session, device)
        assert missed.voids_warranty and missed.is_overdue and missed.standing == "overdue"
    assert (found.warranty_from, found.warranty_to) == warranty
    assert (found.stand, found.state) == (WarrantyStand.COVERED, "installed")


def test_what_is_left_out_has_a_reason_and_a_retired_device_is_due_no_more(given, database, owner):
    device = in_use(given, database, owner, "S1")
    planned(database, counts_from="due")
    run(database)
    [(number, day)] = the_due(owner)
    about = {"number": number, "today": TODAY, "at": cast.NOW}
    with pytest.raises(Forbidden):
        as_(database, SERVICE, skip, reason="x", **about)
    with pytest.raises(Invalid):
        as_(database, cast.quality, skip, reason=" ", **about)
    as_(database, cast.quality, skip, reason="hospital moved", **about)
    assert [one for _, one in the_due(owner)] == [months_after(day, 12)]
    as_(database, SERVICE, change_state, number=device, act=DeviceAct.RETIRE, reason="old", at=cast.NOW)
    run(database)
    assert the_due(owner) == []


def test_a_rival_sees_and_does_nothing_and_of_two_who_file_one_is_refused(given, database, owner):
    in_use(given, database, owner, "S1")
    planned(database)
    run(database)
    [(number, _)] = the_due(owner)
    with pytest.raises(NotFound):
        finished(database, number, by=RIVAL)
    with transaction(database.session_for(RIVAL.actor())) as session:
        about = {"dealer_id": None, "when": str(When.ALL), "today": TODAY, "sees": True}
        assert maintenances(session, **about).items == ()
        with pytest.raises(NotFound):
            maintenance_of(session, number, sees=True)
    with pytest.raises(Forbidden):
        finished(database, number, by=cast.huadong.buyer)
    assert len(failures(together(2, lambda _: finished(database, number)))) == 1


def test_lists_are_by_month_and_hospitals_masked(given, database, owner):
    in_use(given, database, owner, "S1", "S2", since=months_after(TODAY, -12))
    planned(database)
    run(database)
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        about = {"dealer_id": None, "today": TODAY, "sees": False}
        first = maintenances(session, when=str(When.THIS_MONTH), limit=1, **about)
        rest = maintenances(session, when=str(When.THIS_MONTH), limit=1, cursor=first.next_cursor, **about)
        assert [one.serial for one in (*first.items, *rest.items)] == ["S1", "S2"]
        assert rest.next_cursor is None and first.items[0].hospital_zh == "三甲医院·上海"
        assert maintenances(session, when=str(When.NEXT_MONTH), **about).items == ()
        month = in_month(session, month=TODAY.replace(day=1), sees=False)
        assert len(month) == 2 and HOSPITAL not in repr(month)


def test_a_plan_tells_all_its_faults_and_is_changed_by_who_read_it_last(database):
    with pytest.raises(Invalid) as refusal:
        planned(database, code="", every_months=None, sku="NOPE", category="ZZZ", counts_from="?", items="|x")
    assert {fault.pointer for fault in refusal.value.faults} == {
        "/code",
        "/every_months",
        "/sku",
        "/category",
        "/counts_from",
        "/items",
    }
    planned(database)
    for revision in (0, 7):
        with pytest.raises(Conflict):
            planned(database, revision=revision)
    planned(database, revision=1, is_active=False)
    with pytest.raises(Forbidden):
        as_(database, SERVICE, set_plan, entry=PlanEntry("x", "x", "x", 1), at=cast.NOW)


def test_months_are_whole_and_follow_each_other():
    day = date(2026, 12, 15)
    assert span_of(When.THIS_MONTH, day) == (date(2026, 12, 1), date(2026, 12, 31))
    assert span_of(When.NEXT_MONTH, day) == (date(2027, 1, 1), date(2027, 1, 31))
