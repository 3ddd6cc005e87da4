"""Returned units to be destroyed: reported by the inspection, decided on and seen destroyed as others."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.kernel.errors import Forbidden
from portal.nonconforming.rules import Decision
from tests import cast
from tests.builders import a_lot
from tests.ledger.acts import delivered
from tests.nonconforming.acts import decided, witnessed
from tests.returns.acts import asked, come_back, inspected, judged
from tests.shipping.acts import differences, picked, shipped


def reports(owner):
    return owner.execute(
        text(
            "SELECT n.number, n.quantity, n.source, n.document, n.reason, n.serials, n.state, l.lot_no"
            " FROM nonconforming_report n JOIN lot l ON l.id = n.lot_id WHERE n.document <> '' ORDER BY n.id"
        )
    ).all()


def quarantined(owner, product) -> int:
    about = {"p": product.id}
    return owner.execute(
        text("SELECT sum(quarantined) FROM lot_stock WHERE product_id = :p"), about
    ).scalar_one()


def test_units_to_be_destroyed_open_a_report_of_the_return_and_others_none(given, database, owner):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 4), a_lot("B", 9))
    parcel = delivered(given, database, {product: 8}).shipment_number
    number = come_back(database, parcel, asked(product, 4, "A"), asked(product, 3, "B", 1))
    inspected(
        database,
        number,
        judged(product, "A", 2, "scrap", note="leaks"),
        judged(product, "A", 2, "quarantine", 1),
        judged(product, "B", 1, "scrap", 2, note="crushed"),
        judged(product, "B", 1, "saleable", 3),
        judged(product, "B", 1, "refused", 4),
    )
    assert [(*one[1:5], one.lot_no) for one in reports(owner)] == [
        (2, "return", number, "leaks", "A"),
        (1, "return", number, "crushed", "B"),
    ]
    assert differences(database) == []


def test_it_is_decided_by_another_and_destroyed_before_a_witness(given, database, owner):
    product = given.a_product(serial_controlled=True)
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 2))
    parcel = picked(database, given.an_order({product: 2}).number).shipment_number
    shipped(database, parcel, serials={(1, "A"): ["S1", "S2"]})
    number = come_back(database, parcel, asked(product, 2, "A", 0, "defective", "S1", "S2"))
    inspected(
        database,
        number,
        judged(product, "A", 1, "scrap", serials=("S2",)),
        judged(product, "A", 1, "saleable", 1, serials=("S1",)),
    )
    [report] = reports(owner)
    assert (report.serials, report.document) == (["S2"], number)
    decided(database, report.number, Decision.DESTROY)
    with pytest.raises(Forbidden):
        witnessed(database, report.number, by=cast.quality)
    witnessed(database, report.number)
    states = dict(owner.execute(text("SELECT serial, state FROM serial_unit")).all())
    assert (states, quarantined(owner, product)) == ({"S1": "saleable", "S2": "scrapped"}, 0)
    assert differences(database) == []
