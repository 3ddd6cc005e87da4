"""A province goes to another sales area from a day on: asked by one, approved by another, read by its day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.credit import exposure
from portal.dealers.queries import load_dealer
from portal.insight.region_move import preview_move
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.ledger.ageing import ageing_by_dealer, ageing_by_region
from portal.ledger.ageing_rules import AsOf
from portal.regions.queries import move_of, tree_on
from portal.regions.rules import Stage
from tests import cast
from tests.races import failures, together
from tests.regions.acts import TOMORROW, approved, lies, proposed, rejected, withdrawn
from tests.shipping.acts import audited

YESTERDAY = cast.TODAY - timedelta(days=1)


def areas(database, day, by=cast.national_manager):
    with database.session_for(by.actor()) as session:
        return {area.code: {one.code for one in area.provinces} for area in tree_on(session, day)}


def path_of(database, dealer, day):
    with database.session_for(cast.national_manager.actor()) as session:
        return load_dealer(session, dealer.id, day=day).region_path


def test_a_province_moves_on_its_day_and_not_before(database, owner):
    number = proposed(database)
    assert areas(database, TOMORROW) == {"east": {"31", "32"}, "south": {"44"}}
    approved(database, number)
    assert areas(database, cast.TODAY) == {"east": {"31", "32"}, "south": {"44"}}
    assert areas(database, TOMORROW) == {"east": {"31"}, "south": {"32", "44"}}
    assert path_of(database, cast.suzhou, cast.TODAY) == (cast.east.id, cast.jiangsu.id)
    assert path_of(database, cast.suzhou, TOMORROW) == (cast.south.id, cast.jiangsu.id)
    assert audited(owner, number) == ["region_move:proposed", "region_move:approved"]
    with database.session_for(cast.national_manager.actor()) as session:
        assert move_of(session, number, today=cast.TODAY).stage is Stage.COMING
        assert move_of(session, number, today=TOMORROW).stage is Stage.APPROVED


def test_who_asks_does_not_approve(database):
    number = proposed(database)
    with pytest.raises(Forbidden, match="same_person"):
        approved(database, number, by=cast.national_manager)
    with pytest.raises(Forbidden, match="same_person"):
        rejected(database, number, by=cast.national_manager)
    with pytest.raises(Forbidden, match="not_yours"):
        withdrawn(database, number, by=cast.national_colleague)
    withdrawn(database, number)
    with pytest.raises(Conflict, match="decided"):
        approved(database, number)


def test_a_part_of_the_country_does_not_cut_it(database):
    for by in (cast.east_manager, cast.order_desk):
        with pytest.raises(Forbidden):
            proposed(database, by=by)
    with pytest.raises(NotFound):
        approved(database, "BJ2611-00000000A")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"region": "east", "area": "south"}, "/region region"),
        ({"region": "east", "area": "east"}, "/area cycle"),
        ({"region": "31", "area": "32"}, "/area cycle"),
        ({"region": "31", "area": "31"}, "/area cycle"),
        ({"region": "31", "area": "east"}, "/area same"),
        ({"region": "31", "area": "nowhere"}, "/area region"),
        ({"region": "99"}, "/region region"),
        ({"since": cast.TODAY}, "/valid_from past"),
        ({"why": " "}, "/reason required"),
        ({"why": "x" * 501}, "/reason required"),
    ],
)
def test_what_is_no_move_is_refused(database, said, code):
    with pytest.raises(Invalid) as refusal:
        proposed(database, **said)
    assert code in {f"{fault.pointer} {fault.code}" for fault in refusal.value.faults}


def test_the_database_has_no_circle_either(owner):
    for region, area in ((cast.shanghai, cast.jiangsu), (cast.east, cast.south)):
        with pytest.raises(DBAPIError) as refusal:
            lies(owner, region, area, since=cast.TODAY)
        assert refusal.value.orig.sqlstate == "TL111"
    lies(owner, cast.jiangsu, cast.south, since=cast.TODAY)
    for change in ("UPDATE region_move SET valid_from = '2020-01-01'", "DELETE FROM region_move"):
        with pytest.raises(DBAPIError) as refusal:
            owner.execute(text(change))
        assert refusal.value.orig.sqlstate == "TL110"


def test_nothing_is_approved_once_its_day_has_come(database):
    number = proposed(database)
    with pytest.raises(Conflict, match="past"):
        approved(database, number, today=TOMORROW)
    rejected(database, number)


def test_a_province_has_one_move_waiting_and_one_a_day(database):
    number = proposed(database)
    with pytest.raises(Conflict, match="waits_already"):
        proposed(database, since=TOMORROW + timedelta(days=1))
    approved(database, number)
    back = proposed(database, area="east")
    with pytest.raises(Conflict, match="same_day"):
        approved(database, back)


def test_it_comes_back_and_the_days_between_keep_their_area(database):
    approved(database, proposed(database))
    later = TOMORROW + timedelta(days=30)
    approved(database, proposed(database, area="east", since=later))
    assert [path_of(database, cast.suzhou, day)[0] for day in (cast.TODAY, TOMORROW, later)] == [
        cast.east.id,
        cast.south.id,
        cast.east.id,
    ]


def test_who_answers_for_the_area_answers_for_the_province_from_the_next_request_on(database, owner, sign_in):
    owner.execute(
        text("UPDATE user_account SET region_ids = ARRAY[:east]::bigint[] WHERE id = :id"),
        {"east": cast.east.id, "id": cast.east_manager.id},
    )
    owner.execute(
        text("UPDATE user_account SET region_ids = ARRAY[:south]::bigint[] WHERE id = :id"),
        {"south": cast.south.id, "id": cast.south_manager.id},
    )
    east, south = sign_in(cast.east_manager), sign_in(cast.south_manager)
    assert east.get("/hq/dealers/suzhou").status_code == 200
    assert south.get("/hq/dealers/suzhou").status_code == 404
    lies(owner, cast.jiangsu, cast.south, since=cast.TODAY)
    assert east.get("/hq/dealers/suzhou").status_code == 404
    assert south.get("/hq/dealers/suzhou").status_code == 200
    assert east.get("/hq/dealers/huadong").status_code == 200


def test_what_moves_is_shown_before_it_moves(database, given, owner):
    given.an_order({cast.gloves: 10}, by=cast.suzhou.buyer)
    owner.execute(
        text("UPDATE user_account SET region_ids = ARRAY[:east]::bigint[] WHERE id = :id"),
        {"east": cast.east.id, "id": cast.east_manager.id},
    )
    with database.session_for(cast.national_manager.actor()) as session:
        found = preview_move(
            session,
            region_id=cast.jiangsu.id,
            from_id=cast.east.id,
            area_id=cast.south.id,
            day=TOMORROW,
        )
    assert (found.counts.dealers, found.counts.open_orders) == (1, 1)
    assert found.counts.unauthorised == 1  # Huadong may sell in Jiangsu by the area alone
    assert [one.name for one in found.losing] == [cast.east_manager.display_name]
    assert {one.name for one in found.gaining} == {
        cast.south_manager.display_name,
        cast.south_desk.display_name,
        cast.south_technician.display_name,
    }
    assert found.serving


def test_figures_by_area_follow_the_tree_of_today(database, owner):
    def dealers():
        with database.session_for(cast.hq_finance.actor()) as session:
            return {one.code: one.dealers for one in exposure.regions(session, today=cast.TODAY)}

    assert dealers() == {"east": 2, "south": 1}
    lies(owner, cast.jiangsu, cast.south, since=YESTERDAY)
    assert dealers() == {"east": 1, "south": 2}


def test_two_moves_of_a_province_at_once_leave_one(database):
    numbers = together(2, lambda place: proposed(database, why=f"第{place}次"))
    assert len(failures(numbers)) == 1
    [number] = [one for one in numbers if isinstance(one, str)]
    colleagues = (cast.national_colleague, cast.administrator)
    outcomes = together(2, lambda place: approved(database, number, by=colleagues[place]))
    assert len(failures(outcomes)) == 1
    assert areas(database, TOMORROW)["south"] == {"32", "44"}


def test_an_order_that_is_placed_meanwhile_keeps_its_region_and_price(database, given):
    before = given.an_order({cast.gloves: 1}, by=cast.suzhou.buyer)
    number = proposed(database)

    def act(place):
        if place:
            return approved(database, number)
        return given.an_order({cast.gloves: 1}, by=cast.suzhou.buyer)

    order, decided = together(2, act)
    assert decided is None
    with database.session_for(cast.national_manager.actor()) as session:
        rows = session.execute(
            text("SELECT region_id, total FROM sales_order WHERE number IN (:one, :two)"),
            {"one": before.number, "two": order.number},
        ).all()
    assert len({tuple(row) for row in rows}) == 1


def test_a_dealer_does_not_see_what_waits(database):
    number = proposed(database)
    with transaction(database.session_for(cast.suzhou.boss.actor())) as session:
        assert session.execute(text("SELECT count(*) FROM region_move")).scalar_one() == 0
    approved(database, number)
    with transaction(database.session_for(cast.suzhou.boss.actor())) as session:
        assert session.execute(text("SELECT count(*) FROM region_move")).scalar_one() == 1


def test_debts_by_area_are_drawn_by_the_boundaries_of_then_or_of_now(database, given, owner):
    lies(owner, cast.jiangsu, cast.south, since=cast.TODAY)
    owner.execute(
        text("INSERT INTO accounting_period (period) VALUES (:period) ON CONFLICT DO NOTHING"),
        {"period": clock.period_of(YESTERDAY)},
    )
    given.a_payment_by(cast.suzhou, "100.00", on=YESTERDAY)

    def areas_of(then):
        with database.session_for(cast.hq_finance.actor()) as session:
            found = ageing_by_region(session, as_of=AsOf(YESTERDAY), tree_then=then)
            dealers = ageing_by_dealer(session, as_of=AsOf(YESTERDAY), region_id=cast.east.id, tree_then=then)
        return {one.region_id: one.dealers for one in found}, [one.dealer_code for one in dealers.items]

    assert areas_of(False) == ({cast.south.id: 1}, [])
    assert areas_of(True) == ({cast.east.id: 1}, ["suzhou"])
