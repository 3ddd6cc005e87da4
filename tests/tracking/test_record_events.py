"""What carriers tell is kept once, for the right parcel, whoever tells it and in whatever order."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Thread

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.tracking.carriers import keep_carrier
from portal.tracking.record_events import Told
from portal.tracking.rules import EventCode as E
from tests import cast
from tests.races import failures, together, until_somebody_waits_for_a_row
from tests.shipping.acts import audited, shipped
from tests.tracking.acts import event, events_in, recorded, standing_in, told


@pytest.fixture
def parcel(given) -> str:
    """A shipment of Huadong's that has left."""
    return given.a_delivery_of(given.an_order({cast.gloves: 3}).number).shipment_number


def test_events_in_any_order_and_twice_say_where_a_shipment_is(database, owner, parcel):
    recorded(database, parcel, event(E.DELIVERED, 30), event(E.ACCEPTED, 1))
    again = recorded(database, parcel, event(E.IN_TRANSIT, 5), event(E.DELIVERED, 30))
    assert (again.new, again.known) == (1, 1)
    assert again.standing.code is E.DELIVERED
    assert events_in(owner, parcel) == ["accepted", "in_transit", "delivered"]
    assert standing_in(owner, parcel) == ("delivered", 3)


def test_what_is_known_already_is_not_audited_again(database, owner, parcel):
    recorded(database, parcel, event(E.ACCEPTED, 1))
    assert recorded(database, parcel, event(E.ACCEPTED, 1)).new == 0
    assert audited(owner, parcel).count("shipment:events_recorded") == 1


def test_telephone_numbers_are_not_kept(database, owner, parcel):
    recorded(database, parcel, event(E.OUT_FOR_DELIVERY, 2, note="快递员 13912345678 派送"))
    note = owner.execute(text("SELECT note FROM tracking_event")).scalar_one()
    assert note == "快递员 139****5678 派送"


def test_a_shipment_outside_the_scope_is_none(database, parcel):
    for number in (parcel, "SH2611-0000000Z"):
        with pytest.raises(NotFound):
            recorded(database, number, event(E.ACCEPTED), by=cast.south_desk)


def test_a_dealer_tells_nothing(database, parcel):
    with pytest.raises(Forbidden):
        recorded(database, parcel, event(E.DELIVERED), by=cast.huadong.buyer)


def test_of_a_shipment_that_has_not_left_nothing_is_told(database, given):
    number = given.a_parcel_of(given.an_order({cast.gloves: 2}).number)
    with pytest.raises(Conflict):
        recorded(database, number, event(E.ACCEPTED))


def test_all_or_nothing_and_every_fault(database, owner, parcel):
    with pytest.raises(Invalid) as refusal:
        recorded(database, parcel, event(E.ACCEPTED, 1), event(E.DELIVERED, 200), event(E.ESTIMATED, -90))
    assert {fault.code for fault in refusal.value.faults} == {
        "in_the_future",
        "before_shipment",
        "expected_on",
    }
    assert events_in(owner, parcel) == []


def test_a_file_is_taken_row_by_row(database, owner, parcel, given):
    picking = given.a_parcel_of(given.an_order({cast.gloves: 2}).number)
    outcomes = told(
        database,
        Told(parcel, event(E.ACCEPTED, 1), "/rows/2"),
        Told(parcel, event(E.ACCEPTED, 1), "/rows/3"),
        Told(tracking_no_of(owner, parcel), event(E.DELIVERED, 20), "/rows/4"),
        Told("SH-NOBODYS", event(E.DELIVERED, 20), "/rows/5"),
        Told(picking, event(E.DELIVERED, 20), "/rows/6"),
        Told(parcel, event(E.DELIVERED, 999), "/rows/7"),
    )
    assert [bool(one.faults) for one in outcomes] == [False, False, False, True, True, True]
    assert outcomes[3].faults[0].code == outcomes[4].faults[0].code == "unknown_parcel"
    assert events_in(owner, parcel) == ["accepted", "delivered"]


def tracking_no_of(owner, number: str) -> str:
    """The carrier's number of a shipment."""
    query = text("SELECT tracking_no FROM shipment WHERE number = :number")
    return owner.execute(query, {"number": number}).scalar_one()


def test_a_carrier_tells_of_its_own_parcels_only(database, owner, parcel, given):
    theirs = Told(tracking_no_of(owner, parcel), event(E.DELIVERED, 20))
    [refused] = told(database, theirs, carrier_names=["another carrier"])
    assert [fault.code for fault in refused.faults] == ["unknown_parcel"]
    assert events_in(owner, parcel) == []
    carrier = owner.exec_driver_sql("SELECT carrier FROM shipment WHERE number = %s", (parcel,)).scalar_one()
    [taken] = told(database, theirs, carrier_names=[carrier])
    assert taken.shipments == (parcel,)
    [by_our_number] = told(database, Told(parcel, event(E.DELIVERED, 21)), carrier_names=[carrier])
    assert by_our_number.faults  # a carrier knows its own number, not ours


def test_two_who_tell_the_same_at_once_are_both_right(database, owner, parcel):
    many = [event(E.IN_TRANSIT, hour / 10) for hour in range(10)]
    mine = [[*many, event(E.DELIVERED, 20)], [event(E.OUT_FOR_DELIVERY, 18), *reversed(many)]]
    ends = together(2, lambda place: recorded(database, parcel, *mine[place]))
    assert not any(isinstance(end, Exception) for end in ends), ends
    assert standing_in(owner, parcel) == ("delivered", 12)
    assert len(events_in(owner, parcel)) == 12


def test_the_carriers_word_on_the_day_moves(database, owner, parcel):
    first, second = date(2030, 1, 2), date(2030, 1, 5)
    recorded(database, parcel, event(E.ESTIMATED, 4, expected_on=second))
    late = recorded(database, parcel, event(E.ESTIMATED, 2, expected_on=first))
    assert late.standing.expected_on == second and late.standing.code is None


def test_what_was_told_long_before_is_another_parcels(database, parcel):
    with pytest.raises(Invalid):
        recorded(database, parcel, event(E.DELIVERED, -24 * 30))


def test_a_clock_a_little_ahead_is_no_fault(database, parcel):
    now = cast.NOW + timedelta(hours=2)
    assert recorded(database, parcel, event(E.ACCEPTED, 2.2), at=now).new == 1
    with pytest.raises(Invalid):
        recorded(database, parcel, event(E.ACCEPTED, 2.3), at=now)


def test_a_parcel_that_takes_the_number_while_another_is_locked_is_told_nothing(database, owner, given):
    parcel, other = (given.a_parcel_of(given.an_order({cast.gloves: 2}).number) for _ in range(2))
    parcel = shipped(database, parcel, tracking_no="SF77").shipment_number
    teller = Thread(target=lambda: told(database, Told("SF77", event(E.ACCEPTED, 1))), daemon=True)
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        session.execute(_ORDER_OF, {"number": parcel})
        teller.start()
        until_somebody_waits_for_a_row(owner)
        other = shipped(database, other, tracking_no="SF77").shipment_number
    teller.join(60)
    assert (events_in(owner, parcel), events_in(owner, other)) == (["accepted"], [])


_ORDER_OF = text(
    "SELECT o.id FROM sales_order o JOIN shipment s ON (s.dealer_id, s.order_id) = (o.dealer_id, o.id)"
    " WHERE s.number = :number FOR UPDATE OF o"
)


def test_of_two_carriers_that_want_a_name_at_once_one_gets_it(database, owner):
    def keep(place: int) -> None:
        with transaction(database.session_for(cast.order_desk.actor())) as session:
            keep_carrier(
                session,
                actor=cast.order_desk.actor(),
                code=("jd", "ems")[place],
                names=(f"承运{place}", f"Carrier {place}"),
                aliases=["同一个名字"],
                link="",
                adapter="none",
            )

    for _ in range(5):
        owner.execute(text("UPDATE carrier SET aliases = '{}' WHERE code IN ('jd', 'ems')"))
        [refusal] = failures(together(2, keep))
        assert isinstance(refusal, Invalid)
        assert [fault.code for fault in refusal.faults] == ["name_taken"]
