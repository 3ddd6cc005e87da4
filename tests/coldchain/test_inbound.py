"""Without a record cold goods are not received."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest

from portal.coldchain.add_log import LogUpload
from portal.coldchain.cold_goods import range_of_products
from portal.coldchain.record_inbound import Inbound, decide_inbound, record_inbound
from portal.coldchain.require_record import require_record
from portal.coldchain.rules import Range, RecordState
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid
from tests import cast
from tests.coldchain.acts import TOLERANCE, log_of, made_cold

NUMBER = "GR2611-TEST"
LEFT = cast.NOW + timedelta(minutes=60)
THERE = cast.NOW + timedelta(minutes=120)


def recorded(database, arrival="6.0", *, log=None, left=LEFT, by=cast.order_desk):
    inbound = Inbound("refrigerated_van", left, D("5.0"), D(arrival), log and LogUpload("van.csv", log))
    with transaction(database.session_for(by.actor())) as session:
        return record_inbound(
            session,
            actor=by.actor(),
            number=NUMBER,
            bounds=Range(D(2), D(8)),
            inbound=inbound,
            zone=cast.ZONE,
            tolerance=TOLERANCE,
            at=THERE,
        )


def decided(database, by=cast.quality, is_released=True):
    with transaction(database.session_for(by.actor())) as session:
        return decide_inbound(
            session, actor=by.actor(), number=NUMBER, is_released=is_released, reason="stable", at=THERE
        )


def refused(database, product=cast.gloves) -> str | None:
    """Why goods of a receipt may not be accepted."""
    with database.session_for(cast.order_desk.actor()) as session:
        try:
            require_record(session, ("receipt", NUMBER), product_ids=[product.id])
        except Conflict as refusal:
            return refusal.code
    return None


def test_cold_goods_need_a_record_and_others_do_not(database, owner):
    made_cold(owner, cast.gloves)
    assert refused(database, cast.syringe) is None
    assert refused(database) == "cold_record_missing"
    assert recorded(database) is RecordState.WITHIN
    assert refused(database) is None


def test_what_came_too_warm_waits_for_quality(database, owner):
    made_cold(owner, cast.gloves)
    assert recorded(database, "9.0") is RecordState.WAITING
    assert refused(database) == "cold_goods_quarantined"
    with pytest.raises(Forbidden):
        decided(database, by=cast.order_desk)
    assert decided(database) is RecordState.RELEASED
    assert refused(database) is None


def test_condemned_goods_are_never_received(database, owner):
    made_cold(owner, cast.gloves)
    recorded(database, "9.0")
    decided(database, is_released=False)
    assert refused(database) == "cold_goods_condemned"


def test_the_vans_logger_is_judged_too(database):
    assert recorded(database, log=log_of("5.0", (20, "11"), (25, "11"))) is RecordState.WAITING


def test_a_transport_is_recorded_once_and_has_left_before_it_arrives(database):
    with pytest.raises(Invalid):
        recorded(database, left=THERE + timedelta(minutes=1))
    recorded(database)
    with pytest.raises(Conflict):
        recorded(database)


def test_goods_that_bear_no_temperature_together_are_told(database, owner):
    made_cold(owner, cast.gloves)
    made_cold(owner, cast.syringe, "-25.0", "-15.0")
    with database.session_for(cast.order_desk.actor()) as session, pytest.raises(Conflict) as refusal:
        range_of_products(session, [cast.gloves.id, cast.syringe.id])
    assert refusal.value.code == "no_common_temperature"
