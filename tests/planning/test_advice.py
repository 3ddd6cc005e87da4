"""Each warehouse is advised what to have, from what dealers ordered of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid, NotFound
from portal.orders.terms import SupplyTerms
from portal.planning import advise as verb
from portal.planning.advice_list import Show, SoughtAdvice, advice, count_advice, lots_to_spare
from portal.planning.advice_rules import TermsChange, default_terms
from portal.planning.demand import this_week, weekly_demand, weekly_totals
from portal.planning.forecast_rules import WEEKLY
from portal.planning.terms import set_terms, terms_set
from tests import cast
from tests.planning.acts import advised, listed
from tests.replenishment.acts import asked
from tests.shipping.acts import cancelled

SHANGHAI, GUANGZHOU = cast.shanghai_warehouse, cast.guangzhou_warehouse
LEVEL = (SHANGHAI.id, cast.gauze.id)
MONDAY = this_week(cast.TODAY)
LATER = cast.NOW + timedelta(hours=1)


@pytest.fixture
def ordered(given, owner):
    """An order of gauze placed so many weeks before this week, on its first day: its number."""

    def place(units: int, weeks_ago: int, *, days: int = 0, hour: int = 12) -> str:
        number = given.an_order({cast.gauze: units}, supply=SupplyTerms(backorder=True)).number
        moved(owner, number, weeks_ago, days=days, hour=hour)
        return number

    return place


def moved(owner, number: str, weeks_ago: int, *, days: int = 0, hour: int = 12) -> None:
    """The order becomes one of the past; hour: of the business's own clock."""
    day = MONDAY - timedelta(weeks=weeks_ago) + timedelta(days=days)
    owner.execute(
        text(
            "UPDATE sales_order SET placed_at = (CAST(:day AS timestamp) + make_interval(hours => :hour))"
            " AT TIME ZONE :zone WHERE number = :n"
        ),
        {"zone": cast.ZONE.key, "day": datetime.combine(day, datetime.min.time()), "hour": hour, "n": number},
    )


def demand(database, today=cast.TODAY) -> list[int]:
    with transaction(database.system_session()) as session:
        return weekly_demand(session, [LEVEL], today)[LEVEL]


def row(owner, product=cast.gauze, warehouse=SHANGHAI):
    return owner.execute(
        text("SELECT * FROM replenishment_advice WHERE warehouse_id = :w AND product_id = :p"),
        {"w": warehouse.id, "p": product.id},
    ).one()


def snapshot(owner) -> list[tuple]:
    rows = owner.execute(text("SELECT * FROM replenishment_advice ORDER BY product_id, warehouse_id"))
    return [tuple(value for key, value in one._mapping.items() if key != "id") for one in rows]


def test_demand_is_what_was_ordered_in_whole_weeks_of_the_business(database, ordered):
    ordered(7, 2)
    ordered(5, 1, days=6, hour=23)
    ordered(40, 0)
    assert demand(database) == [7, 5]


def test_sunday_night_and_monday_morning_are_two_weeks_wherever_the_server_is(database, ordered):
    """Monday 00:30 in Shanghai is still Sunday in UTC."""
    ordered(3, 2, days=6, hour=23)
    ordered(4, 1, hour=0)
    assert demand(database) == [3, 4]


def test_what_was_cancelled_is_no_demand_and_what_came_back_is(database, ordered, given):
    ordered(3, 1)
    number = ordered(9, 1)
    cancelled(database, number, by=cast.huadong.buyer)
    assert demand(database) == [3]


def test_what_waits_for_goods_is_demand_as_well(database, ordered):
    ordered(1_000, 1)
    assert demand(database) == [1_000]


def test_what_is_older_than_the_history_tells_only_that_the_product_is_not_new(database, ordered):
    ordered(500, WEEKLY.history + 30)
    ordered(2, 1)
    weeks = demand(database)
    assert len(weeks) == WEEKLY.history and sum(weeks) == 2


def test_the_total_of_a_warehouse_sums_its_products(database, ordered, given, owner):
    ordered(7, 2)
    moved(owner, given.an_order({cast.gloves: 10}).number, 1)
    with transaction(database.system_session()) as session:
        totals = weekly_totals(session, cast.TODAY)
    assert totals[SHANGHAI.id][-2:] == [7, 10]


def test_every_level_is_advised_once_a_day_and_a_second_run_writes_nothing(database, ordered, owner):
    ordered(30, 3)
    levels = owner.execute(text("SELECT count(*) FROM stock_level")).scalar_one()
    assert advised(database) == levels
    before = snapshot(owner)
    assert advised(database, at=LATER) == 0
    assert snapshot(owner) == before
    assert advised(database, today=cast.TODAY + timedelta(days=1), at=LATER) == levels


def test_a_run_that_is_killed_goes_on_and_ends_with_the_same_rows(database, ordered, owner, monkeypatch):
    ordered(30, 3)
    advised(database)
    whole = snapshot(owner)
    owner.execute(text("TRUNCATE replenishment_advice"))
    owner.commit()
    monkeypatch.setattr(verb, "LEVELS_MAX", 2)
    with transaction(database.system_session()) as session:
        first = _advise(session, at=cast.NOW)
    assert first.levels == 2 and first.last is not None
    with pytest.raises(RuntimeError), transaction(database.system_session()) as session:
        _advise(session, after=first.last, at=cast.NOW)
        raise RuntimeError("the worker is killed before its transaction ends")
    assert len(snapshot(owner)) == 2
    assert advised(database) == len(whole) - 2
    assert snapshot(owner) == whole


def _advise(session, after=verb.START, at=cast.NOW):
    return verb.advise(session, defaults=default_terms(30), trends={}, after=after, today=cast.TODAY, at=at)


def test_what_sells_and_runs_out_is_proposed_in_whole_packs(database, ordered, owner):
    for week in range(1, 9):
        ordered(30, week)
    advised(database)
    one = row(owner)
    assert one.method == "new" and one.weeks == [30] * 8 and one.weekly == 30
    assert one.safety_stock == 0  # no week differs from another
    assert one.reorder_point == 129 and one.order_up_to == 159  # 30 and 37 days at 30 a week
    position = one.free + one.coming - one.waiting
    assert position == -140
    pack = cast.gauze.pack_multiple
    assert one.quantity == -(-(159 - position) // pack) * pack


def test_what_nobody_orders_needs_nothing_and_all_of_it_is_surplus(database, owner):
    advised(database)
    one = row(owner)
    assert (one.method, one.safety_stock, one.reorder_point, one.order_up_to, one.quantity) == (
        "none", 0, 0, 0, 0,
    )  # fmt: skip
    assert one.cover_days is None and one.surplus == one.free == one.on_hand


def test_of_a_product_that_is_not_sold_any_more_only_what_waits_is_brought(database, ordered, owner):
    for week in range(1, 9):
        ordered(30, week)
    owner.execute(text("UPDATE product SET state = 'withdrawn' WHERE id = :p"), {"p": cast.gauze.id})
    owner.commit()
    advised(database)
    one = row(owner)
    assert one.method == "none" and one.order_up_to == 0 and sum(one.weeks) == 240
    assert one.quantity == one.waiting == 140


def test_what_is_on_order_is_not_proposed_again(database, ordered, owner):
    for week in range(1, 9):
        ordered(30, week)
    [number] = asked(database)
    requested = owner.execute(
        text("SELECT quantity FROM supply_request WHERE number = :n"), {"n": number}
    ).scalar_one()
    advised(database)
    one = row(owner)
    assert one.coming == requested == one.waiting
    assert one.quantity == -(-(one.order_up_to - one.free) // cast.gauze.pack_multiple) * (
        cast.gauze.pack_multiple
    )


def test_a_purchase_that_answers_a_request_is_not_counted_twice(database, ordered, owner):
    for week in range(1, 9):
        ordered(30, week)
    asked(database)
    advised(database)
    before = row(owner).coming
    owner.execute(
        text(
            "WITH made AS (INSERT INTO purchase_order (number, supplier_id, warehouse_id, expected_on, state,"
            " changed_at) SELECT 'PU-ADVICE', min(id), :w, :day, 'open', :at FROM supplier RETURNING id)"
            " INSERT INTO purchase_order_line (purchase_order_id, product_id, quantity)"
            " SELECT id, :p, :units FROM made"
        ),
        {"w": SHANGHAI.id, "p": cast.gauze.id, "units": before + 11, "day": cast.TODAY, "at": cast.NOW},
    )
    owner.commit()
    advised(database, today=cast.TODAY + timedelta(days=1))
    assert row(owner).coming == before + 11


def test_headquarters_sets_terms_and_the_next_run_heeds_them(database, ordered, owner):
    for week, units in enumerate((30, 50, 10, 30, 60, 0, 30, 40), start=1):
        if units:
            ordered(units, week)
    advised(database)
    before = row(owner)
    kept(database, TermsChange(lead_days=14), at=LATER)
    kept(database, TermsChange(service_level=Decimal("0.99")), sku=cast.gauze.sku, at=LATER)
    levels = owner.execute(
        text("SELECT count(*) FROM stock_level WHERE warehouse_id = :w"), {"w": SHANGHAI.id}
    ).scalar_one()
    assert advised(database, at=LATER + timedelta(hours=1)) == levels
    after = row(owner)
    assert (after.lead_days, after.review_days, after.service_level) == (14, 7, Decimal("0.990"))
    assert after.reorder_point - after.safety_stock < before.reorder_point - before.safety_stock
    kept(database, TermsChange(lead_days=30), at=LATER + timedelta(hours=2))
    advised(database, at=LATER + timedelta(hours=3))
    assert row(owner).safety_stock > before.safety_stock


def kept(database, change: TermsChange, *, sku: str = "", by=cast.order_desk, at=cast.NOW) -> None:
    with transaction(database.session_for(by.actor())) as session:
        set_terms(session, actor=by.actor(), warehouse=SHANGHAI.code, sku=sku, change=change, at=at)


def test_terms_are_told_once_and_audited(database, owner):
    kept(database, TermsChange(14, 7, Decimal("0.98")))
    kept(database, TermsChange(21))
    kept(database, TermsChange(7), sku=cast.gauze.sku)
    kept(database, TermsChange(), sku=cast.gauze.sku)
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        told = terms_set(session, actor=cast.order_desk.actor())
    assert [(one.lead_days, one.review_days, one.sku) for one in told if one.set_at] == [(21, None, "")]
    events = owner.execute(
        text("SELECT before, after FROM audit_event WHERE action = 'planning:terms_set' ORDER BY id")
    ).all()
    assert events[0].before is None and events[1].before["service_level"] == "0.980"
    assert len(events) == 4


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"change": TermsChange(lead_days=0)}, "/lead_days"),
        ({"change": TermsChange(service_level=Decimal("1"))}, "/service_level"),
        ({"change": TermsChange(7), "sku": "NO-SUCH"}, "/sku"),
    ],
)
def test_terms_that_cannot_be_are_refused_beside_their_field(database, said, pointer):
    with pytest.raises(Invalid) as refused:
        kept(database, **said)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_the_list_begins_with_what_runs_out_first_and_is_narrowed(database, ordered, owner):
    for week in range(1, 9):
        ordered(30, week)
    advised(database)
    assert [(one.warehouse, one.sku) for one in listed(database)] == [(SHANGHAI.code, cast.gauze.sku)]
    assert listed(database, warehouse=GUANGZHOU.code) == []
    assert listed(database, q="nothing of the kind") == []
    everything = listed(database, show=Show.ALL)
    assert everything[0].cover_days == 0 and everything[-1].cover_days is None
    assert len(everything) == len(snapshot(owner))
    by_quantity = listed(database, show=Show.ALL, sort="-quantity")
    assert [one.quantity for one in by_quantity] == sorted((one.quantity for one in everything), reverse=True)
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        sought = SoughtAdvice(show=Show.ALL)
        assert count_advice(session, actor=cast.order_desk.actor(), sought=sought) == len(everything)


def test_pages_of_the_list_join_without_gap_or_repetition(database, ordered):
    ordered(30, 1)
    advised(database)
    actor, seen, cursor = cast.order_desk.actor(), [], None
    while True:
        with transaction(database.session_for(actor)) as session:
            page = advice(session, actor=actor, sought=SoughtAdvice(show=Show.ALL), limit=2, cursor=cursor)
        seen += [one.id for one in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [one.id for one in listed(database, show=Show.ALL)]


def test_lots_to_spare_expire_first_and_leave_what_the_warehouse_needs(database, given, owner):
    advised(database)
    one = row(owner, cast.gloves)
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        lots = lots_to_spare(
            session,
            actor=cast.order_desk.actor(),
            warehouse=SHANGHAI.code,
            sku=cast.gloves.sku,
            units=one.surplus + 500,
            today=cast.TODAY,
        )
    assert sum(lot.units for lot in lots) == one.surplus > 0
    with pytest.raises(NotFound), transaction(database.session_for(cast.order_desk.actor())) as session:
        lots_to_spare(
            session, actor=cast.order_desk.actor(), warehouse="nowhere", sku=cast.gloves.sku, units=1,
            today=cast.TODAY,
        )  # fmt: skip


def test_dealers_see_nothing_of_it_neither_by_verb_nor_in_the_tables(database, ordered):
    ordered(30, 1)
    advised(database)
    kept(database, TermsChange(14))
    rival = cast.huadong.buyer.actor()
    with transaction(database.session_for(rival)) as session:
        with pytest.raises(Forbidden):
            advice(session, actor=rival, sought=SoughtAdvice(show=Show.ALL))
        for table in ("replenishment_advice", "replenishment_terms"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
