"""Where a parcel stands is a function of the set of its events."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.tracking.rules import (
    Event,
    EventCode,
    Standing,
    event_faults,
    expected_day,
    link_fault,
    masked,
    standing_of,
    tracking_link,
)

NOON = datetime(2026, 11, 18, 4, tzinfo=UTC)
SKEW = timedelta(minutes=15)
E = EventCode

moments = st.integers(0, 40).map(lambda hours: NOON + timedelta(hours=hours))
happened = st.builds(
    Event,
    moments,
    st.sampled_from([code for code in E if code is not E.ESTIMATED]),
    st.sampled_from(["", "郑州", "Nanjing"]),
    st.sampled_from(["", "note"]),
)
estimated = st.builds(
    Event, moments, st.just(E.ESTIMATED), expected_on=st.dates(date(2026, 11, 1), date(2026, 12, 31))
)
events = st.lists(st.one_of(happened, estimated), max_size=12)


def at(hours: float, code: EventCode, **more) -> Event:
    return Event(NOON + timedelta(hours=hours), code, **more)


@given(events, st.randoms())
def test_in_which_order_and_how_often_events_come_changes_nothing(told, chance):
    shuffled = [*told, *chance.sample(told, len(told) // 2)]
    chance.shuffle(shuffled)
    assert standing_of(shuffled) == standing_of(told)


@given(events)
def test_a_delivery_is_the_first_one_and_undone_only_by_a_way_back(told):
    standing = standing_of(told)
    deliveries = [event.at for event in told if event.code is E.DELIVERED]
    assert standing.delivered_at == min(deliveries, default=None)
    if deliveries:
        assert standing.code in (E.DELIVERED, E.RETURNING, E.RETURNED)


def test_a_leg_that_is_told_late_does_not_undo_the_delivery():
    told = [at(5, E.DELIVERED), at(1, E.ACCEPTED), at(6, E.ARRIVED_AT_HUB), at(7, E.DELIVERED)]
    assert standing_of(told) == Standing(E.DELIVERED, NOON + timedelta(hours=5), NOON + timedelta(hours=5))


def test_what_waits_in_a_locker_or_went_back_is_not_delivered():
    assert standing_of([at(1, E.OUT_FOR_DELIVERY), at(2, E.READY_FOR_PICKUP)]).delivered_at is None
    back = standing_of([at(1, E.REFUSED), at(2, E.RETURNING), at(3, E.RETURNED)])
    assert (back.code, back.delivered_at) == (E.RETURNED, None)
    assert standing_of([at(1, E.DELIVERED), at(3, E.RETURNED)]).code is E.RETURNED


def test_an_estimate_says_nothing_of_where_the_parcel_is():
    told = [
        at(1, E.ACCEPTED),
        at(9, E.ESTIMATED, expected_on=date(2026, 11, 23)),
        at(2, E.ESTIMATED, expected_on=date(2026, 11, 20)),
    ]
    standing = standing_of(told)
    assert (standing.code, standing.expected_on) == (E.ACCEPTED, date(2026, 11, 23))


def test_the_same_event_has_one_key_however_it_is_written():
    beijing = NOON.astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(microseconds=470_000)
    assert Event(NOON, E.ACCEPTED, "上海 ", "a  b").key == Event(beijing, E.ACCEPTED, "上海", "a b").key
    assert Event(NOON, E.ACCEPTED).key != Event(NOON, E.IN_TRANSIT).key
    assert Event(NOON, E.ACCEPTED, "ab", "c").key != Event(NOON, E.ACCEPTED, "a", "bc").key


@pytest.mark.parametrize(
    ("event", "codes"),
    [
        (at(0, E.DELIVERED), set()),
        (at(0.25, E.DELIVERED), set()),  # its clock is ahead of ours
        (at(0.26, E.DELIVERED), {"in_the_future"}),
        (at(-71, E.ANNOUNCED), set()),
        (at(-73, E.DELIVERED), {"before_shipment"}),
        (at(0, E.ESTIMATED), {"expected_on"}),
        (at(0, E.ACCEPTED, expected_on=date(2026, 11, 20)), {"expected_on"}),
        (at(3, E.ESTIMATED), {"in_the_future", "expected_on"}),
    ],
)
def test_events_that_cannot_be_are_refused_with_every_fault(event, codes):
    faults = event_faults(
        event, picked_at=NOON - timedelta(hours=48), now=NOON, skew=SKEW, pointer="/events/3"
    )
    assert {fault.code for fault in faults} == codes
    assert all(fault.fix and fault.pointer.startswith("/events/3/") for fault in faults)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("正在派送途中（联系电话：13900139000）", "正在派送途中（联系电话：139****9000）"),
        ("电话021-12345678", "电话021****5678"),
        ("call +85261234567 now", "call +852****4567 now"),
        ("单号 LW500000005CN 离开", "单号 LW500000005CN 离开"),
        ("8:30 到达 2026", "8:30 到达 2026"),
    ],
)
def test_telephone_numbers_are_nobodys_business(text, shown):
    assert masked(text) == shown


SHIPPED = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("standing", "lead", "day"),
    [
        (Standing(), 2, date(2026, 11, 20)),
        (Standing(), 0, SHIPPED),
        (Standing(), None, date(2026, 11, 21)),
        (Standing(expected_on=date(2026, 11, 25)), 2, date(2026, 11, 25)),
        (Standing(E.DELIVERED, NOON, NOON, date(2026, 11, 25)), 2, None),
        (Standing(E.RETURNING, NOON), 2, None),
    ],
)
def test_the_carriers_word_goes_before_the_usual_days(standing, lead, day):
    assert expected_day(standing, shipped_on=SHIPPED, lead_days=lead, usual_days=3) == day


def test_what_has_not_left_is_expected_on_no_day():
    assert expected_day(Standing(), shipped_on=None, lead_days=2, usual_days=3) is None


def test_a_link_is_made_of_a_number_and_of_nothing_else():
    template = "https://www.sf-express.com/chn/sc/waybill?no={number}"
    assert link_fault(template) is None and link_fault("") is None
    assert (
        tracking_link(template, "SF1020304050") == "https://www.sf-express.com/chn/sc/waybill?no=SF1020304050"
    )
    assert tracking_link(template, "1&evil=<x>") is None
    for wrong in ("javascript:alert({number})", "http://x.example/{number}", "https://x.example/"):
        assert link_fault(wrong) is not None
