"""No serial number outlives its unit: what leaves a lot leaves by a number that came with it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.kernel.errors import Invalid
from portal.shipping.review_rules import Check, Outcome
from tests import cast
from tests.builders import a_lot
from tests.receiving import acts as receiving
from tests.shipping.acts import picked, reviewed, shipped
from tests.transfers.acts import untrue


@pytest.fixture
def product(given):
    return given.a_product(serial_controlled=True)


@pytest.fixture
def parcel(given, database, product):
    """Of so many units that came without numbers and those that came with theirs, some are picked."""

    def made(unnumbered: int, serials: tuple[str, ...], units: int) -> str:
        if unnumbered:
            given.stock_of(
                product, cast.shanghai_warehouse, a_lot("A", unnumbered, expires_on=receiving.FAR_OFF)
            )
        receiving.received(database, receiving.line(product, "A", len(serials), serials=serials))
        return picked(database, given.an_order({product: units}).number).shipment_number

    return made


def left_behind(owner, product) -> list[str]:
    """Serial numbers that still lie in a warehouse."""
    query = "SELECT serial FROM serial_unit WHERE product_id = :p AND warehouse_id IS NOT NULL ORDER BY 1"
    return list(owner.execute(text(query), {"p": product.id}).scalars())


@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.DAMAGED])
@pytest.mark.parametrize("named", [("NEVER", "S2"), ("S1", "NEVER"), ("NEVER", "EVER")])
def test_a_number_that_never_came_does_not_pass_where_every_unit_has_another(
    database, parcel, outcome, named
):
    number = parcel(0, ("S1", "S2", "S3"), 2)
    check = Check(1, "A", 2, outcome, named, note="wet", pointer="/lines/0")
    with pytest.raises(Invalid) as refusal:
        reviewed(database, number, check)
    unknown = sorted(set(named) - {"S1", "S2"})
    assert sorted(fault.params["serial"] for fault in refusal.value.faults) == unknown
    assert {fault.pointer for fault in refusal.value.faults} == {"/lines/0/serials"}


@pytest.mark.parametrize(
    ("unnumbered", "named"), [(1, ("S1", "NEW")), (2, ("NEW", "NEWER")), (3, ("NEW", "S1"))]
)
def test_units_without_a_number_get_theirs_as_they_leave(database, owner, product, parcel, unnumbered, named):
    number = parcel(unnumbered, ("S1", "S2"), 2)
    reviewed(database, number, Check(1, "A", 2, serials=named))
    shipped(database, number)
    assert left_behind(owner, product) == sorted({"S1", "S2"} - set(named))
    assert untrue(database) == []


@pytest.mark.parametrize("named", [None, {(1, "A"): ["NEVER", "EVER"]}, {(1, "A"): ["S1", "NEVER"]}])
def test_a_program_names_the_units_of_a_lot_that_has_numbers(database, owner, product, parcel, named):
    number = parcel(0, ("S1", "S2", "S3"), 2)
    with pytest.raises(Invalid) as refusal:
        shipped(database, number, by=cast.erp, review=False, serials=named)
    assert {(fault.pointer, fault.code) for fault in refusal.value.faults} == {
        ("/serials/1/A", "serials_unaccounted")
    }
    assert left_behind(owner, product) == ["S1", "S2", "S3"]
    shipped(database, number, by=cast.erp, review=False, serials={(1, "A"): ["S1", "S3"]})
    assert left_behind(owner, product) == ["S2"]
    assert untrue(database) == []
