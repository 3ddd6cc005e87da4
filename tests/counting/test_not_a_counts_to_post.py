"""Differences that are not a count's to post: what waits for inspection, and what is not released."""

from __future__ import annotations

import pytest

from portal.counting.rules import Standing
from portal.kernel.errors import Conflict
from tests.builders import a_lot
from tests.counting.acts import HERE, approved, entered, opened, rejected, shown, submitted
from tests.receiving.acts import decision, inspected, line, received
from tests.returns import acts as returns
from tests.shipping.acts import picked, shipped
from tests.statement_count import counted_statements
from tests.transfers.acts import serials, serials_here, standing, untrue_of_goods


@pytest.fixture(autouse=True)
def _everything_adds_up(database):
    yield
    assert untrue_of_goods(database) == []


def codes(refusal) -> set[str]:
    return {fault.code for fault in refusal.value.faults}


def twice_as(database, number, product, lot: str, **areas: int | list[str]) -> None:
    """Count areas of a lot both times alike, by units or by serials, and hand in."""
    for _ in range(2):
        due = {one.standing for one in shown(database, number) if one.is_due}
        for area, found in areas.items():
            if area not in due:
                continue
            units, scanned = (found, []) if isinstance(found, int) else (len(found), found)
            entered(database, number, product, lot, units, standing=Standing(area), serials=scanned)
        submitted(database, number)


@pytest.fixture
def half_refused(given, database):
    """A product with 10 units of lot L1 that may be sold, and 4 that an inspection refused."""
    product = given.a_product()
    receipt = received(database, line(product, "L1", 14, inspection=True))
    inspected(database, receipt.number, decision(product, "L1", 10, 4))
    return product


@pytest.mark.parametrize(("shelf", "apart"), [(12, 2), (11, 0), (14, 3)])
def test_no_unit_gets_for_sale_out_of_quarantine_by_being_found_there(
    database, owner, half_refused, shelf, apart
):
    number = opened(database, half_refused)
    twice_as(database, number, half_refused, "L1", saleable=shelf, quarantined=apart)
    with pytest.raises(Conflict) as refusal:
        approved(database, number)
    assert codes(refusal) == {"not_released"} and all(fault.fix for fault in refusal.value.faults)
    assert standing(owner, half_refused, "L1", HERE) == (10, 0, 4)


@pytest.mark.parametrize(("shelf", "apart"), [(10, 3), (8, 6), (12, 4), (12, 5), (9, 3)])
def test_what_is_found_elsewhere_is_posted_where_it_sells_nothing_unreleased(
    database, owner, half_refused, shelf, apart
):
    number = opened(database, half_refused)
    twice_as(database, number, half_refused, "L1", saleable=shelf, quarantined=apart)
    approved(database, number)
    assert standing(owner, half_refused, "L1", HERE) == (shelf, 0, apart)


@pytest.fixture
def stent(given):
    """A product whose units have serials."""
    return given.a_product(serial_controlled=True)


def test_a_serial_does_not_change_places_with_one_in_quarantine(database, owner, stent):
    """As many units lie in either place as should, and one of them was refused."""
    stents = line(stent, "S9", 3, serials=("S1", "S2", "S3"), inspection=True)
    receipt = received(database, stents)
    refused = decision(stent, "S9", 2, 1, refused_serials=["S3"])
    inspected(database, receipt.number, refused)
    number = opened(database, stent)
    twice_as(database, number, stent, "S9", saleable=["S1", "S3"], quarantined=["S2"])
    with pytest.raises(Conflict) as refusal:
        approved(database, number)
    assert codes(refusal) == {"not_released"}
    assert serials(owner, stent)["S3"] == ("quarantined", HERE.id)


@pytest.mark.parametrize(
    ("units", "code"), [(9, "inspection_waits"), (0, "inspection_waits"), (11, "not_received")]
)
def test_what_waits_for_inspection_is_decided_by_its_inspection(given, database, owner, units, code):
    product = given.a_product()
    receipt = received(database, line(product, "L1", 10, inspection=True))
    number = opened(database, product)
    twice_as(database, number, product, "L1", inspecting=units)
    with pytest.raises(Conflict) as refusal:
        approved(database, number)
    [fault] = refusal.value.faults
    assert (fault.code, fault.params.get("documents", receipt.number)) == (code, receipt.number)
    rejected(database, number)
    inspected(database, receipt.number, decision(product, "L1", 9, 1))
    assert standing(owner, product, "L1", HERE) == (9, 0, 1)


def test_a_serial_that_waits_for_inspection_is_not_exchanged_for_another(database, owner, stent):
    receipt = received(database, line(stent, "S9", 2, serials=("S1", "S2"), inspection=True))
    number = opened(database, stent)
    twice_as(database, number, stent, "S9", inspecting=["S1", "X9"])
    with pytest.raises(Conflict) as refusal:
        approved(database, number)
    assert refusal.value.faults[0].params["documents"] == receipt.number
    assert set(serials(owner, stent)) == {"S1", "S2"}


def test_a_return_that_waits_for_inspection_is_named(given, database):
    product = given.a_product()
    given.stock_of(product, HERE, a_lot("A", 4))
    parcel = picked(database, given.an_order({product: 4}).number).shipment_number
    shipped(database, parcel)
    number = returns.requested(database, parcel, returns.asked(product, 4)).number
    returns.approved(database, number)
    returns.arrived(database, number)
    count = opened(database, product)
    twice_as(database, count, product, "A", inspecting=3)
    with pytest.raises(Conflict) as refusal:
        approved(database, count)
    [fault] = refusal.value.faults
    assert (fault.code, fault.params["documents"]) == ("inspection_waits", number)


def test_serials_of_many_lots_are_posted_by_as_many_statements_as_of_one(
    given, database, owner, cluster, stent
):
    names = [f"L{place}" for place in range(6)]
    for name, lot in zip(
        names, given.stock_of(stent, HERE, *(a_lot(name, 2) for name in names)), strict=True
    ):
        serials_here(owner, stent, lot.id, f"{name}-1", f"{name}-2")
    lies = {name: [f"{name}-1", f"{name}-2"] for name in names}

    def posted(exchanged: list[str]) -> int:
        """Statements about serials of a count in which some lots have one for another."""
        number = opened(database, stent)
        lies.update({name: [f"{name}-1", f"{name}-X"] for name in exchanged})
        for _ in range(2):
            for due in [one.lot_no for one in shown(database, number) if one.is_due]:
                entered(database, number, stent, due, 2, serials=lies[due])
            submitted(database, number)
        with counted_statements(cluster.app.username) as counted:
            approved(database, number)
        return sum("serial_unit" in statement for statement in counted.work)

    assert posted(names[:1]) == posted(names[1:]) == 2
    found = {serial for serial, (state, _) in serials(owner, stent).items() if state == "saleable"}
    assert found == {f"{name}-{which}" for name in names for which in ("1", "X")}
