"""What expires is listed to whom it concerns, and told once at each step."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.papers.expiring import certificates, count_expiring, expiring
from portal.papers.fragments import is_renewed
from portal.papers.remind import remind
from portal.workdays.queries import calendar
from tests import cast
from tests.papers import acts
from tests.papers.acts import TODAY, day
from tests.races import together


def ending(database, owner, days: int, **said) -> str:
    """Number of a licence that counts and ends so many days from today."""
    number = acts.counting(database, **said)
    acts.aged(owner, number, valid_to=day(days))
    return number


def listed(database, person=acts.REVIEWER, **said) -> list[tuple[str, int]]:
    """What expires for somebody: its number and the days that are left."""
    return acts.by(
        database,
        person,
        lambda s, a: [(one.number, one.days_left) for one in expiring(s, actor=a, today=TODAY, **said).items],
    )


def told(owner) -> list[tuple[str, int]]:
    """Events that were left for the worker, and how many days were left."""
    rows = owner.execute(
        text(
            "SELECT payload->>'event', CAST(payload->'facts'->>'days_left' AS int) FROM outbox"
            " WHERE payload->>'event' LIKE 'paper.expiring%' ORDER BY id"
        )
    )
    return [tuple(row) for row in rows]


def test_what_ends_is_listed_the_soonest_first(given, database, owner):
    later, sooner = ending(database, owner, 80), ending(database, owner, 20, paper_no="B")
    acts.approved(database, number := acts.proposed(database, valid_to=day(50)))
    past = ending(database, owner, -4, paper_no="C")
    assert listed(database) == [(past, -4), (sooner, 20), (number, 50), (later, 80)]
    assert listed(database, days=30) == [(past, -4), (sooner, 20)]
    assert listed(database, kind="authorisation") == [(number, 50)]
    assert listed(database, kind="licence", with_ended=False) == [(sooner, 20), (later, 80)]
    assert listed(database, region_id=cast.guangdong.id) == []
    assert len(listed(database, region_id=cast.east.id)) == 4
    assert listed(database, acts.FILER) == listed(database)
    count = acts.by(database, acts.FILER, lambda s, a: count_expiring(s, actor=a, today=TODAY, days=30))
    assert count == 2


@pytest.mark.parametrize("person", [cast.yuegang.boss, cast.south_manager], ids=["rival", "other region"])
def test_nobody_learns_what_expires_of_others(given, database, owner, person):
    ending(database, owner, 20)
    assert listed(database, person) == []


def test_pages_follow_each_other_without_a_gap(given, database, owner):
    numbers = [ending(database, owner, 10 + place // 2, paper_no=f"N{place}") for place in range(5)]

    def read(session, actor):
        found, cursor = [], None
        while True:
            page = expiring(session, actor=actor, today=TODAY, limit=2, cursor=cursor)
            found += [one.number for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return found

    assert acts.by(database, acts.REVIEWER, read) == numbers


def test_people_are_told_at_each_step_once(given, database, owner):
    number = ending(database, owner, 91)
    assert acts.reminded(database) == 0
    for left, step in ((90, 1), (61, 0), (60, 1), (30, 1), (29, 0), (7, 1), (1, 0), (0, 0), (-1, 0)):
        acts.aged(owner, number, valid_to=day(left))
        assert (left, acts.reminded(database)) == (left, step)
        assert acts.reminded(database) == 0
    assert told(owner) == [
        (event, left) for left in (90, 60, 30, 7) for event in ("paper.expiring", "paper.expiring_desk")
    ]


def test_of_steps_that_have_passed_the_nearest_is_told_alone(given, database, owner):
    ending(database, owner, 5)
    assert acts.reminded(database) == 1 and acts.reminded(database) == 0


def test_a_renewal_that_is_filed_ends_the_reminders(given, database, owner):
    number = ending(database, owner, 40)
    renewal = acts.filed(database, replaces=number, valid_from=day(41), valid_to=day(2000))
    assert acts.reminded(database) == 0
    acts.refused(database, renewal)
    assert acts.reminded(database) == 1


def test_the_receipt_of_an_application_ends_them(given, database, owner):
    number = ending(database, owner, 40)
    acts.counting(database, kind="renewal_receipt", paper_no="受理", replaces=number, valid_to=None)
    assert acts.reminded(database) == 0


def test_two_runs_at_once_tell_once(given, database, owner):
    for place in range(3):
        ending(database, owner, 20, paper_no=f"N{place}")
    outcomes = together(3, lambda _: acts.reminded(database))
    assert sorted(outcomes)[:2] == [0, 0] or sum(outcomes) == 3
    assert len(told(owner)) == 6


def test_a_run_that_dies_has_told_nobody(given, database, owner):
    ending(database, owner, 20)
    session = database.system_session()
    assert remind(session, calendar=calendar(session), today=TODAY, at=acts.NOW) == 1
    session.rollback()
    session.close()
    assert told(owner) == []
    assert acts.reminded(database) == 1 and len(told(owner)) == 2


def test_who_has_closed_is_not_reminded(given, database, owner):
    ending(database, owner, 20)
    owner.execute(text("UPDATE dealer SET state = 'closed' WHERE id = :id"), {"id": cast.huadong.id})
    assert acts.reminded(database) == 0 and listed(database) == []


def test_the_list_reads_what_it_shows(given, database, owner):
    """Ten thousand papers that end at various times; a page of the soonest comes from the index."""
    owner.execute(
        text(
            "INSERT INTO dealer_paper (dealer_id, number, kind, state, paper_no, valid_from, valid_to,"
            " filed_by, filed_by_label, filed_at, decided_by, decided_by_label, decided_at)"
            " SELECT 101, 'ZZ-' || n, 'other', 'accepted', 'n' || n, date '2020-01-01',"
            "        date '2027-01-01' + n, 'import', '', now(), 'system', '', now()"
            "   FROM generate_series(1, 10000) n"
        )
    )
    owner.execute(text("ANALYZE dealer_paper"))
    with transaction(database.session_for(acts.REVIEWER.actor())) as session:
        plan = session.execute(
            text(
                "EXPLAIN (ANALYZE, FORMAT JSON) SELECT p.id, " + is_renewed("p") + " FROM dealer_paper p"
                " WHERE p.state = 'accepted' AND p.valid_to BETWEEN date '0001-01-01' AND date '2060-01-01'"
                " ORDER BY p.valid_to, p.id LIMIT 51"
            )
        ).scalar_one()
    assert "ix_dealer_paper_ending" in str(plan)


def test_certificates_are_listed_with_the_day_until_which_they_are_renewed(given, database, owner):
    owner.execute(
        text("UPDATE product SET registration_to = :day WHERE sku = 'SYRINGE'"), {"day": date(2026, 11, 30)}
    )
    with transaction(database.session_for(acts.REVIEWER.actor())) as session:
        page = certificates(session, actor=acts.REVIEWER.actor(), today=date(2026, 11, 1), days=90)
    [found] = [one for one in page.items if one.sku == "SYRINGE"]
    assert (found.days_left, found.ask_by, found.products) == (29, date(2026, 5, 30), 1)
