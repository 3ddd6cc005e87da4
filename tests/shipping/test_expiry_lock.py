"""No lot at its expiry leaves, whichever way is tried: there is no override."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from config import Settings
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, DomainError
from portal.shipping.pick_list import pick_list
from portal.shipping.review_rules import Check
from portal.shipping.rules import LotChoice
from portal.shipping.ship_order import ship_order
from portal.shipping.start_wave import start_wave
from tests import cast
from tests.builders import a_lot
from tests.shipping.acts import differences, lots, parcel, passed, picked, reviewed, shipped, status

SOON = cast.TODAY + timedelta(days=1)  # within the margin of a day


@pytest.fixture
def expiring(given):
    """An order of a product whose only lot expires tomorrow. Nobody promises it, so the level is widened."""
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("SOON", 10, expires_on=cast.TODAY + timedelta(30)))
    return product, given.an_order({product: 5}).number


def let_expire(owner, day=SOON) -> None:
    owner.execute(text("UPDATE lot SET expires_on = :d WHERE lot_no = 'SOON'"), {"d": day})


def choice(reason="the customer insists") -> LotChoice:
    return LotChoice(1, "SOON", 5, reason, "/lots/0")


@pytest.mark.parametrize("by", [cast.order_desk, cast.erp], ids=["person", "program"])
@pytest.mark.parametrize("day", [SOON, cast.TODAY, cast.TODAY - timedelta(days=1)], ids=str)
@pytest.mark.parametrize("choices", [(), (choice(),)], ids=["planned", "chosen with a reason"])
def test_it_is_not_picked(database, owner, expiring, by, day, choices):
    _, number = expiring
    let_expire(owner, day)
    with pytest.raises(DomainError) as refusal:
        picked(database, number, by=by, choices=choices)
    assert {fault.code for fault in refusal.value.faults} & {"lots_short", "lot_expired"}
    assert status(owner, number) == "confirmed"


@pytest.mark.parametrize("choices", [(), (choice(),)], ids=["planned", "chosen with a reason"])
def test_it_is_not_shipped_in_one_call(database, owner, expiring, choices):
    _, number = expiring
    let_expire(owner)
    with pytest.raises(DomainError), transaction(database.session_for(cast.erp.actor())) as session:
        ship_order(
            session,
            actor=cast.erp.actor(),
            number=number,
            carrier="SF",
            tracking_no="1",
            today=cast.TODAY,
            at=cast.NOW,
            choices=choices,
        )
    assert status(owner, number) == "confirmed"


def test_no_wave_takes_it(database, owner, expiring):
    _, number = expiring
    let_expire(owner)
    started = start_wave(
        database,
        actor=cast.order_desk.actor(),
        warehouse_code=cast.shanghai_warehouse.code,
        numbers=[number],
        today=cast.TODAY,
        at=cast.NOW,
    )
    assert started.parcels == () and [order for order, _ in started.refused] == [number]


def test_the_pick_list_does_not_plan_it(database, owner, expiring):
    _, number = expiring
    let_expire(owner)
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        [line] = pick_list(session, number=number, today=cast.TODAY).lines
    assert (line.taken, line.missing, [lot.usable for lot in line.lots]) == (0, 5, [False])


@pytest.mark.parametrize("by", [cast.order_desk, cast.erp], ids=["person", "program"])
@pytest.mark.parametrize("review_required", [True, False])
def test_a_parcel_in_which_it_lies_already_does_not_leave(database, owner, expiring, by, review_required):
    _, number = expiring
    shipment = picked(database, number).shipment_number
    passed(database, shipment)
    let_expire(owner)
    with pytest.raises(Conflict) as refusal:
        shipped(database, shipment, by=by, review=False, review_required=review_required)
    assert [fault.code for fault in refusal.value.faults] == ["lot_not_saleable"]
    assert status(owner, number) == "picking"


def test_a_review_that_passed_is_no_leave_to_go(database, owner, expiring):
    _, number = expiring
    shipment = picked(database, number).shipment_number
    let_expire(owner)
    reviewed(database, shipment, Check(1, "SOON", 5))
    with pytest.raises(Conflict):
        shipped(database, shipment, review=False)


def test_a_reviewer_who_finds_it_expired_sets_it_apart(database, owner, expiring):
    _, number = expiring
    shipment = picked(database, number).shipment_number
    reviewed(database, shipment, Check(1, "SOON", 5, outcome="expired", note="label says last year"))
    assert parcel(owner, shipment) == [] and differences(database) == []


@pytest.mark.parametrize("margin", ["-1", "-30"])
def test_no_setting_makes_the_margin_less_than_none(monkeypatch, settings, margin):
    values = settings.model_dump() | {"saleable_days_before_expiry": margin}
    with pytest.raises(ValidationError, match="saleable_days_before_expiry"):
        Settings.model_validate(values)


def test_a_margin_of_none_lets_nothing_go_on_the_day_itself(database, owner, expiring):
    _, number = expiring
    let_expire(owner, cast.TODAY)
    with pytest.raises(DomainError):
        picked(database, number, margin_days=0, choices=(choice(),))


def test_the_database_refuses_it_even_from_its_owner(database, owner, expiring):
    product, number = expiring
    shipment = picked(database, number).shipment_number
    let_expire(owner, cast.TODAY)
    with pytest.raises(DBAPIError) as refusal:
        owner.execute(
            text(
                "UPDATE shipment SET status = 'shipped', carrier = 'x', tracking_no = 'x',"
                " shipped_at = now(), shipped_on = :d WHERE number = :n"
            ),
            {"n": shipment, "d": cast.TODAY},
        )
    assert refusal.value.orig.sqlstate == "TL003"
    assert lots(owner, product)["SOON"] == (10, 5, "saleable")
