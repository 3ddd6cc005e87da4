"""Units that may not be sold are reported, quality decides, and what is destroyed is seen destroyed."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid
from portal.nonconforming.queries import report, unreported
from portal.nonconforming.rules import TRANSITIONS, Decision, ReportState, Source
from tests import cast
from tests.builders import a_lot
from tests.nonconforming.acts import HERE, decided, reported, witnessed
from tests.races import failures, together
from tests.shipping.acts import audited, level, retired
from tests.transfers.acts import serials, serials_here, standing, untrue_of_goods

DIAGRAM = Path(__file__).parents[2] / "docs" / "non-conforming.md"


@pytest.fixture(autouse=True)
def _everything_adds_up(database):
    yield
    assert untrue_of_goods(database) == []


@pytest.fixture
def goods(given):
    """A product with 10 units of lot A for sale and 4 expired ones of lot OLD."""
    product = given.a_product()
    given.stock_of(product, HERE, a_lot("A", 10), a_lot("OLD", 4, state="expired"))
    return product


def codes(refusal) -> set[str]:
    return {fault.code for fault in refusal.value.faults}


def kinds(owner, number: str) -> list[tuple]:
    rows = owner.execute(
        text(
            "SELECT kind, on_hand_delta, quarantined_delta FROM stock_movement"
            " WHERE document = :n ORDER BY id"
        ),
        {"n": number},
    )
    return [tuple(row) for row in rows]


def test_the_diagram_is_the_code():
    [chart] = re.findall(r"```mermaid\n(.*?)```", DIAGRAM.read_text(encoding="utf-8"), re.DOTALL)
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)", chart, re.MULTILINE))
    assert drawn == {(str(start), str(end)) for start, end in TRANSITIONS}
    assert set(re.findall(r"\[\*\] --> (\w+)", chart)) == {"reported"}


def test_saleable_units_are_set_apart_and_released_again(database, owner, goods):
    number = reported(database, goods, "A", 3, apart=True)
    assert (standing(owner, goods, "A", HERE), level(owner, goods)) == ((7, 0, 3), (7, 0))
    assert decided(database, number, Decision.RELEASE) is ReportState.RELEASED
    assert (standing(owner, goods, "A", HERE), level(owner, goods)) == ((10, 0, 0), (10, 0))
    assert kinds(owner, number) == [("quarantine", -3, 3), ("quarantine", 3, -3)]
    assert audited(owner, number) == ["nonconforming:reported", "nonconforming:decided"]


def test_units_that_orders_hold_are_not_set_apart(given, database, owner, goods):
    given.an_order({goods: 8})
    with pytest.raises(Conflict) as refusal:
        reported(database, goods, "A", 3, apart=True)
    assert refusal.value.code == "stock_short"
    reported(database, goods, "A", 2, apart=True)
    assert level(owner, goods) == (8, 8)


def test_units_go_back_to_the_supplier(database, owner, goods):
    number = reported(database, goods, "OLD", 4, source=Source.EXPIRY)
    assert decided(database, number, Decision.SEND_BACK) is ReportState.SENT_BACK
    assert standing(owner, goods, "OLD", HERE) == (0, 0, 0)
    assert kinds(owner, number) == [("dispatch", 0, -4)]


def test_units_are_destroyed_when_somebody_else_has_seen_it(database, owner, goods):
    number = reported(database, goods, "OLD", 3, source=Source.EXPIRY)
    assert decided(database, number, Decision.DESTROY) is ReportState.TO_DESTROY
    assert standing(owner, goods, "OLD", HERE) == (0, 0, 4)
    with pytest.raises(Forbidden) as refusal:
        witnessed(database, number, by=cast.quality)
    assert refusal.value.code == "same_person"
    witnessed(database, number)
    assert standing(owner, goods, "OLD", HERE) == (0, 0, 1)
    assert kinds(owner, number) == [("scrap", 0, -3)]
    with pytest.raises(Conflict):
        witnessed(database, number)
    with transaction(database.session_for(cast.quality.actor())) as session:
        kept = report(session, actor=cast.quality.actor(), number=number)
    assert (kept.decided_by_label, kept.witnessed_by_label) == (
        cast.quality.display_name,
        cast.order_desk.display_name,
    )


@pytest.mark.parametrize("program", [cast.erp, cast.controller])
def test_a_program_sees_nothing_destroyed(database, owner, goods, program):
    number = reported(database, goods, "OLD", 3, source=Source.EXPIRY)
    decided(database, number, Decision.DESTROY)
    with pytest.raises(Forbidden) as refusal:
        witnessed(database, number, by=program)
    assert refusal.value.code == "person_needed"
    assert standing(owner, goods, "OLD", HERE) == (0, 0, 4)


def test_who_reported_does_not_decide_and_nobody_decides_twice(database, goods):
    number = reported(database, goods, "OLD", 1, by=cast.quality)
    with pytest.raises(Forbidden):
        decided(database, number, Decision.DESTROY)
    with pytest.raises(Forbidden):
        decided(database, number, Decision.DESTROY, by=cast.order_desk)
    decided(database, number, Decision.DESTROY, by=cast.controller)
    with pytest.raises(Conflict):
        decided(database, number, Decision.SEND_BACK, by=cast.controller)


def test_no_unit_is_in_two_reports(database, goods):
    reported(database, goods, "OLD", 3)
    with pytest.raises(Invalid) as refusal:
        reported(database, goods, "OLD", 2)
    assert refusal.value.faults[0].code == "not_so_many" and refusal.value.faults[0].params["there"] == 1
    actor = cast.quality.actor()
    with transaction(database.session_for(actor)) as session:
        left = [(one.lot_no, one.units) for one in unreported(session, actor=actor) if one.sku == goods.sku]
    assert left == [("OLD", 1)]


@pytest.mark.parametrize(
    ("lot_no", "units", "reason", "found"),
    [
        ("OLD", 0, "why", {"quantity_out_of_range"}),
        ("OLD", 1, " ", {"reason_missing"}),
        ("OLD", 9, "x" * 501, {"not_so_many", "reason_long"}),
        ("NONE", 1, "why", {"lot_not_here"}),
        ("A", 1, "why", {"not_so_many"}),
    ],
)
def test_a_report_that_cannot_be_is_refused_with_every_fault(database, goods, lot_no, units, reason, found):
    with pytest.raises(Invalid) as refusal:
        reported(database, goods, lot_no, units, reason=reason)
    assert codes(refusal) == found
    assert all(fault.fix for fault in refusal.value.faults)


def test_expired_units_are_not_released(given, database, owner):
    product = given.a_product()
    given.stock_of(product, HERE, a_lot("A", 5, expires_on=cast.TODAY + timedelta(days=3)))
    number = reported(database, product, "A", 2, apart=True)
    retired(database, today=cast.TODAY + timedelta(days=4))
    with pytest.raises(Conflict) as refusal:
        decided(database, number, Decision.RELEASE)
    assert refusal.value.code == "lot_not_saleable" and refusal.value.fix
    assert standing(owner, product, "A", HERE) == (0, 0, 5)


def test_serials_follow_their_units(given, database, owner):
    product = given.a_product(serial_controlled=True)
    [lot] = given.stock_of(product, HERE, a_lot("A", 3))
    serials_here(owner, product, lot.id, "S1", "S2", "S3")
    with pytest.raises(Invalid) as refusal:
        reported(database, product, "A", 1, apart=True)
    assert codes(refusal) == {"serial_count"}
    first = reported(database, product, "A", 2, apart=True, serials=["S1", "S2"])
    with pytest.raises(Invalid) as refusal:
        reported(database, product, "A", 1, serials=["S1"])
    assert "serial_reported" in codes(refusal)
    decided(database, first, Decision.DESTROY)
    witnessed(database, first)
    second = reported(database, product, "A", 1, apart=True, serials=["S3"])
    decided(database, second, Decision.RELEASE)
    assert serials(owner, product) == {
        "S1": ("scrapped", None),
        "S2": ("scrapped", None),
        "S3": ("saleable", HERE.id),
    }


def test_a_release_and_a_destruction_at_once_are_one_of_them(database, owner, goods):
    number = reported(database, goods, "A", 5, apart=True)
    ways = [Decision.RELEASE, Decision.DESTROY, Decision.SEND_BACK]
    outcomes = together(3, lambda place: decided(database, number, ways[place]))
    assert [type(error) for error in failures(outcomes)] == [Conflict, Conflict]


def test_two_witnesses_at_once_scrap_once(database, owner, goods):
    number = reported(database, goods, "OLD", 2)
    decided(database, number, Decision.DESTROY)
    outcomes = together(2, lambda _: witnessed(database, number))
    assert [type(error) for error in failures(outcomes)] == [Conflict]
    assert standing(owner, goods, "OLD", HERE) == (0, 0, 2)


def test_two_reports_at_once_never_name_more_than_lies_there(database, goods):
    outcomes = together(3, lambda _: reported(database, goods, "OLD", 2))
    assert [type(error) for error in failures(outcomes)] == [Invalid]
