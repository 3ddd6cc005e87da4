"""Cold goods have a record from packing to arrival; what was not kept waits for quality."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.coldchain.measure import depart_cold_goods
from portal.coldchain.queries import cold_record
from portal.coldchain.rules import FindingKind, RecordState
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.shipping.vocabulary import ShippingRight
from tests import cast
from tests.coldchain.acts import (
    MINUTE,
    TOLERANCE,
    arrived,
    decided,
    departed,
    log_of,
    logged,
    made_cold,
    packed,
    state_in,
)
from tests.played import played
from tests.races import together
from tests.shipping.acts import audited, put_back


@played
def number(given, database, owner) -> str:
    """A shipment of Huadong's with cold goods that has left."""
    made_cold(owner, cast.gloves)
    return given.a_delivery_of(given.an_order({cast.gloves: 3}).number).shipment_number


def test_a_transport_as_it_should_be(database, owner, number):
    assert packed(database, number).state is RecordState.OPEN
    assert departed(database, number).state is RecordState.OPEN
    assert arrived(database, number).state is RecordState.OPEN  # no logger has spoken yet
    added = logged(database, number)
    assert (added.state, added.findings, added.is_new) == (RecordState.WITHIN, [], True)
    assert audited(owner, number)[-4:] == [
        "cold_record:packed",
        "cold_record:departed",
        "cold_record:arrived",
        "cold_record:log_added",
    ]


def test_the_record_names_who_packed_and_what_the_goods_bear(database, number):
    packed(database, number, "4.5")
    with database.session_for(cast.huadong.buyer.actor()) as session:
        record = cold_record(session, number)
    assert record.packed_by_label == cast.order_desk.display_name
    assert (record.bounds.low, record.bounds.high) == (Decimal("2.0"), Decimal("8.0"))
    assert (record.box, record.box_celsius) == ("BOX-7", Decimal("4.5"))


def test_an_excursion_waits_for_quality_who_releases_with_a_reason(database, owner, number):
    packed(database, number)
    departed(database, number)
    arrived(database, number)
    added = logged(database, number, log_of("5.0", (20, "9.5"), (25, "10.1")))
    assert added.state is RecordState.WAITING
    assert [(one.kind, one.celsius, one.minutes) for one in added.findings] == [
        (FindingKind.TOO_WARM, Decimal("10.10"), 10)
    ]
    with pytest.raises(Invalid):
        decided(database, number, reason="  ")
    assert decided(database, number) is RecordState.RELEASED
    assert state_in(owner, number) == "released"
    assert audited(owner, number)[-1] == "cold_record:released"


def test_a_decision_stands_whatever_comes_after(database, owner, number):
    packed(database, number, "12.0")
    assert decided(database, number, is_released=False) is RecordState.CONDEMNED
    for act in (departed, arrived, logged, decided):
        with pytest.raises(Conflict):
            act(database, number)
    assert state_in(owner, number) == "condemned"


def test_a_good_file_does_not_free_what_waits(database, owner, number):
    packed(database, number, "9.0")
    departed(database, number)
    arrived(database, number)
    assert logged(database, number).state is RecordState.WAITING


@pytest.mark.parametrize("step", ["before loading", "at departure", "on arrival"])
def test_what_people_measure_counts_too(database, number, step):
    packed(database, number, "8.1" if step == "before loading" else "5.0")
    departed(database, number, "8.1" if step == "at departure" else "5.0")
    last = arrived(database, number, "1.9" if step == "on arrival" else "5.0")
    assert last.state is RecordState.WAITING and len(last.findings) == 1


def test_who_was_part_of_it_does_not_decide(database, number):
    quality = cast.quality.actor()
    both = replace(quality, rights=quality.rights | {ShippingRight.SHIP})
    packed(database, number, "9.0")
    with transaction(database.session_for(both)) as session:
        measure = {"celsius": Decimal("5.0"), "tolerance": TOLERANCE, "at": cast.NOW + 60 * MINUTE}
        depart_cold_goods(session, actor=both, number=number, **measure)
    with pytest.raises(Forbidden) as refusal:
        decided(database, number)
    assert refusal.value.code == "same_person"


def test_the_desk_does_not_decide_and_quality_does_not_pack(database, number):
    with pytest.raises(Forbidden):
        packed(database, number, by=cast.quality)
    packed(database, number, "9.0")
    with pytest.raises(Forbidden):
        decided(database, number, by=cast.order_desk)
    with pytest.raises(Forbidden):
        decided(database, number, by=cast.huadong.boss)


def test_a_rival_and_another_region_find_no_record(database, number):
    packed(database, number)
    for act, who in (
        (arrived, cast.yuegang.buyer),
        (logged, cast.yuegang.buyer),
        (departed, cast.south_desk),
    ):
        with pytest.raises(NotFound):
            act(database, number, by=who)


def test_the_dealer_measures_on_arrival_even_without_a_departure(database, owner, number):
    packed(database, number)
    assert arrived(database, number).state is RecordState.OPEN
    with pytest.raises(Conflict):
        departed(database, number)  # nobody makes up a departure afterwards
    assert logged(database, number).state is not RecordState.WITHIN


def test_each_step_is_recorded_once(database, number):
    for act in (packed, departed, arrived):
        act(database, number)
        with pytest.raises(Conflict):
            act(database, number)


def test_a_file_that_is_sent_twice_is_one(database, owner, number):
    packed(database, number)
    assert logged(database, number).is_new
    assert not logged(database, number).is_new
    assert owner.execute(text("SELECT count(*) FROM cold_log")).scalar_one() == 1


def test_a_file_of_another_time_is_refused(database, number):
    packed(database, number)
    for day in ("2019-01-01", "2099-01-01"):
        content = f"Time,Temperature °C\n{day} 08:00,5.0\n{day} 08:05,5.0\n".encode()
        with pytest.raises(Invalid) as refusal:
            logged(database, number, content)
        assert refusal.value.code == "another_time"


def test_readings_before_the_departure_do_not_count(database, number):
    packed(database, number)
    departed(database, number)
    arrived(database, number)
    assert logged(database, number, log_of("5.0", (0, "21.0"))).state is RecordState.WITHIN


def test_a_late_arrival_is_judged_by_the_file_that_was_there_before(database, number):
    packed(database, number)
    departed(database, number)
    assert logged(database, number).state is RecordState.OPEN
    late = arrived(database, number, at=cast.NOW + 300 * MINUTE)
    assert late.state is RecordState.WAITING
    assert [one.kind for one in late.findings] == [FindingKind.NOT_COVERED]


def test_what_is_not_cold_has_no_record(database, owner, number):
    made_cold(owner, cast.gloves, "15.0", "25.0")
    with pytest.raises(Conflict) as refusal:
        packed(database, number)
    assert refusal.value.code == "no_cold_goods"


@pytest.mark.parametrize("celsius", ["200.0", "-150.0", "NaN"])
def test_a_slip_of_the_thermometer_is_refused(database, number, celsius):
    with pytest.raises(Invalid):
        packed(database, number, celsius)


def test_lots_put_back_take_the_record_along(database, owner, given):
    made_cold(owner, cast.gloves)
    order = given.an_order({cast.gloves: 2}).number
    parcel = given.a_parcel_of(order)
    packed(database, parcel)
    logged(database, parcel)
    put_back(database, order)
    assert owner.execute(text("SELECT count(*) FROM cold_record")).scalar_one() == 0


def test_a_file_and_the_arrival_at_once_are_both_judged(database, owner, number):
    packed(database, number)
    departed(database, number)
    warm = log_of("5.0", (20, "9.5"), (25, "9.5"))
    acts = [lambda: logged(database, number, warm), lambda: arrived(database, number)]
    ends = together(2, lambda place: acts[place]())
    assert not any(isinstance(end, Exception) for end in ends), ends
    assert state_in(owner, number) == "waiting"
    kinds = owner.execute(text("SELECT findings FROM cold_record")).scalar_one()
    assert [one["kind"] for one in kinds] == ["too_warm"]


def test_a_file_and_the_decision_at_once_leave_one_decision(database, owner, number):
    packed(database, number, "9.0")
    acts = [lambda: logged(database, number), lambda: decided(database, number)]
    ends = together(2, lambda place: acts[place]())
    assert not isinstance(ends[1], Exception), ends
    assert isinstance(ends[0], Conflict) or ends[0].is_new
    assert state_in(owner, number) == "released"
