"""A dealer's tier and region count from a day on: for prices, orders, lists, and for who sees the dealer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from portal.dealers.directory import dealers
from portal.dealers.queries import load_dealer
from portal.kernel import clock
from portal.kernel.errors import Invalid, NotFound
from portal.orders.quote import quote
from portal.pricing.drafts import RuleInput, add_rule
from portal.pricing.receipts import replay
from tests import cast
from tests.builders import TERMS, percent_off
from tests.orders.test_place_order import wanted
from tests.pricing.acts import as_staff, review

TOMORROW = cast.TODAY + timedelta(days=1)
YESTERDAY = cast.TODAY - timedelta(days=1)
SECOND = timedelta(seconds=1)


def price_at(database, at: datetime, person=cast.huadong.buyer, dealer=cast.huadong) -> Decimal:
    """What a pair of gloves costs the dealer at a moment, as somebody may ask."""
    day = clock.business_date(at, cast.ZONE)
    with database.session_for(person.actor()) as session:
        facts = load_dealer(session, dealer.id, day=day)
        asked = wanted((cast.gloves, 1))
        found = quote(session, dealer=facts, wanted=asked, at=at, terms=TERMS)
        return found.lines[0].price.unit_price


def off(percent: int) -> Decimal:
    return cast.gloves.price * (100 - percent) / 100


@pytest.mark.parametrize("day", [cast.TODAY - timedelta(days=400), YESTERDAY, cast.TODAY, TOMORROW])
def test_a_tier_changes_at_midnight_in_shanghai(given, database, day):
    given.tier_of(cast.huadong, "C", since=day)
    midnight = clock.start_of(day, cast.ZONE)
    assert price_at(database, midnight - SECOND) == off(cast.PERCENT_OFF["S"])
    assert price_at(database, midnight) == off(cast.PERCENT_OFF["C"])


def test_a_tier_of_the_past_is_that_of_its_days(given, database):
    for days, tier in ((300, "C"), (200, "B"), (100, "A")):
        given.tier_of(cast.huadong, tier, since=cast.TODAY - timedelta(days=days))
    prices = [price_at(database, cast.NOW - timedelta(days=days)) for days in (301, 299, 199, 99, 0)]
    assert prices == [off(cast.PERCENT_OFF[tier]) for tier in ("S", "C", "B", "A", "A")]


def test_before_its_first_day_a_dealer_is_what_it_began_as(given, database):
    given.tier_of(cast.huadong, "C", since=cast.TODAY)
    with database.session_for(cast.huadong.buyer.actor()) as session:
        facts = load_dealer(session, cast.huadong.id, day=date(1999, 1, 1))
    assert (facts.tier, facts.region_id) == ("S", cast.shanghai.id)


def test_an_order_has_the_tier_of_its_day_and_keeps_its_price(given, database, owner):
    before = given.an_order({cast.gloves: 1})
    given.tier_of(cast.huadong, "B", since=cast.TODAY)
    given.tier_of(cast.huadong, "C", since=TOMORROW)
    after = given.an_order({cast.gloves: 1})
    rows = owner.execute(
        text(
            "SELECT o.number, o.tier, l.unit_price, l.receipt FROM sales_order o"
            " JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)"
        )
    )
    found = {row.number: (row.tier, row.unit_price, replay(row.receipt)) for row in rows}
    expected = {"S": off(cast.PERCENT_OFF["S"]), "B": off(cast.PERCENT_OFF["B"])}
    assert found[before.number] == ("S", expected["S"], expected["S"])
    assert found[after.number] == ("B", expected["B"], expected["B"])


def test_an_order_is_placed_in_the_region_of_its_day(given, database, owner):
    given.region_of(cast.huadong, cast.jiangsu, since=cast.TODAY)
    given.region_of(cast.huadong, cast.guangdong, since=TOMORROW)
    number = given.an_order({cast.gloves: 1}).number
    region = owner.scalar(text("SELECT region_id FROM sales_order WHERE number = :n"), {"n": number})
    assert region == cast.jiangsu.id


def test_a_business_day_begins_at_midnight_in_shanghai_if_nobody_says_otherwise(owner):
    at = datetime(2026, 3, 15, 16, tzinfo=UTC)
    with owner.engine.begin() as connection:
        connection.execute(text("SET LOCAL app.time_zone = ''"))
        days = connection.execute(
            text("SELECT app_day(:before), app_day(:at)"), {"before": at - SECOND, "at": at}
        )
        assert days.one() == (date(2026, 3, 15), date(2026, 3, 16))


def test_a_business_day_begins_where_the_portal_is_told_to_be(database, owner):
    at = datetime(2026, 3, 15, 16, tzinfo=UTC)
    with owner.engine.begin() as connection:
        connection.execute(text("SET LOCAL app.time_zone = 'Europe/Berlin'"))
        assert connection.scalar(text("SELECT app_day(:at)"), {"at": at}) == date(2026, 3, 15)
    with database.system_session() as session:
        assert session.scalar(text("SELECT current_setting('app.time_zone')")) == cast.ZONE.key


# One chain


@pytest.mark.parametrize(("table", "held"), [("dealer_tier", "'C'"), ("dealer_region", str(cast.jiangsu.id))])
@pytest.mark.parametrize(
    "act",
    [
        "INSERT INTO {t} VALUES ({d}, '2023-01-01', NULL, {held}, 'system')",
        "INSERT INTO {t} VALUES ({d}, '2023-01-01', '2024-01-01', {held}, 'system')",
        "INSERT INTO {t} VALUES ({d}, '2021-01-01', '2023-01-01', {held}, 'system')",
        "UPDATE {t} SET valid_to = '2023-01-01' WHERE dealer_id = {d}",
        "UPDATE {t} SET valid_to = valid_from WHERE dealer_id = {d}",
        "UPDATE {t} SET valid_to = '2023-01-01' WHERE dealer_id = {d};"
        "INSERT INTO {t} VALUES ({d}, '2023-02-01', NULL, {held}, 'system')",
    ],
)
def test_no_day_has_two_of_them_and_none_is_left_out(owner, table, held, act):
    with pytest.raises(IntegrityError), owner.engine.begin() as connection:
        connection.exec_driver_sql(act.format(t=table, d=cast.huadong.id, held=held))


# Who sees the dealer


def seen(database, person) -> set[str]:
    """In which tables somebody sees rows of the dealer."""
    tables = ("dealer_account", "dealer_address", "dealer_tier", "dealer_region", "sales_order", "order_line")
    with database.session_for(person.actor()) as session:
        found = {
            table
            for table in tables
            if session.scalar(text(f"SELECT count(*) FROM {table} WHERE dealer_id = {cast.huadong.id}"))
        }
        if session.scalar(text(f"SELECT count(*) FROM dealer WHERE id = {cast.huadong.id}")):
            found.add("dealer")
        assert len(found) in (0, len(tables) + 1), found
        return found


def test_who_answers_for_the_region_of_today_sees_the_dealer_and_its_past(given, database):
    given.an_order({cast.gloves: 1})
    given.region_of(cast.huadong, cast.guangdong, since=cast.TODAY)
    assert seen(database, cast.south_manager)
    assert not seen(database, cast.east_manager)
    assert seen(database, cast.national_manager) and seen(database, cast.huadong.buyer)
    assert not seen(database, cast.yuegang.buyer)


def test_a_move_of_tomorrow_shows_nobody_anything_today(given, database):
    given.an_order({cast.gloves: 1})
    given.region_of(cast.huadong, cast.guangdong, since=TOMORROW)
    assert seen(database, cast.east_manager)
    assert not seen(database, cast.south_manager)


def test_a_region_sees_no_membership_but_that_of_today(given, database):
    given.region_of(cast.huadong, cast.guangdong, since=YESTERDAY)
    given.region_of(cast.huadong, cast.jiangsu, since=cast.TODAY)
    given.region_of(cast.huadong, cast.guangdong, since=TOMORROW)
    rows = text("SELECT region_id FROM dealer_region WHERE dealer_id = :id ORDER BY valid_from")
    shown = {}
    for person in (cast.south_manager, cast.east_manager, cast.national_manager, cast.huadong.buyer):
        with database.session_for(person.actor()) as session:
            shown[person.email] = len(session.scalars(rows, {"id": cast.huadong.id}).all())
    assert list(shown.values()) == [0, 1, 4, 4]


def test_prices_of_another_regions_days_are_not_told(given, database):
    given.region_of(cast.huadong, cast.guangdong, since=cast.TODAY)
    midnight = clock.start_of(cast.TODAY, cast.ZONE)
    assert price_at(database, midnight, cast.south_manager) == off(cast.PERCENT_OFF["S"])
    with pytest.raises(NotFound):
        price_at(database, midnight - SECOND, cast.south_manager)
    assert price_at(database, midnight - SECOND, cast.national_manager) == off(cast.PERCENT_OFF["S"])


def test_prices_of_a_region_follow_the_dealer_from_the_day_it_belongs_there(given, database):
    given.a_policy(percent_off(50, tier="S", region=cast.guangdong, product=cast.gloves))
    given.region_of(cast.huadong, cast.guangdong, since=cast.TODAY)
    midnight = clock.start_of(cast.TODAY, cast.ZONE)
    assert price_at(database, midnight - SECOND) == off(cast.PERCENT_OFF["S"])
    assert price_at(database, midnight) == off(50)


# Lists, drafts


@pytest.mark.parametrize(("since", "tier"), [(YESTERDAY, "C"), (cast.TODAY, "C"), (TOMORROW, "S")])
def test_the_directory_shows_the_tier_of_today(given, database, since, tier):
    given.tier_of(cast.huadong, "C", since=since)
    with database.session_for(cast.national_manager.actor()) as session:
        found = dealers(session, tier=tier).items
        others = dealers(session, tier="C" if tier == "S" else "S").items
    assert [dealer.tier for dealer in found if dealer.id == cast.huadong.id] == [tier]
    assert cast.huadong.id not in {dealer.id for dealer in others}


def test_a_new_tier_is_priced_and_reviewed_without_a_release(given, database, owner):
    owner.execute(text("INSERT INTO tier (code, name_zh, name_en, rank) VALUES ('D', 'D 级', 'Tier D', 5)"))
    given.a_policy(percent_off(50, tier="D", product=cast.gloves))
    given.tier_of(cast.huadong, "D", since=cast.TODAY)
    assert price_at(database, cast.NOW) == off(50)
    draft = given.a_policy(percent_off(99, tier="D", product=cast.gloves), published_at=None)
    found = review(database, draft)
    assert [price.tiers for price in found.shown] == [("D",)]


def test_a_rule_for_a_tier_that_there_is_not_is_refused(database):
    rule = RuleInput(kind="net", tier="Z", breaks=[("1", "5")])
    with pytest.raises(Invalid) as refusal:
        as_staff(
            database,
            cast.national_manager,
            lambda session, actor: add_rule(
                session, actor=actor, policy_id=cast.policy_draft, revision=1, rule=rule
            ),
        )
    assert {fault.pointer: fault.code for fault in refusal.value.faults} == {"/tier": "unknown_tier"}
