"""Whatever warehouses do one after the other, every sum stays true and no unit comes from nowhere."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st
from sqlalchemy import text

from portal.counting.rules import CountState
from portal.kernel.errors import Conflict, Invalid
from portal.nonconforming.rules import Decision
from tests.builders import a_lot
from tests.counting import acts as counting
from tests.nonconforming import acts as nonconforming
from tests.transfers import acts as transfers
from tests.transfers.acts import FROM, TO, going, here, untrue

UNITS = st.integers(1, 6)
WORK = st.lists(
    st.one_of(
        st.tuples(st.just("transfer"), UNITS, st.integers(0, 6), st.integers(0, 3)),
        st.tuples(st.just("count"), st.integers(-2, 2)),
        st.tuples(st.just("report"), UNITS, st.sampled_from(Decision)),
        st.tuples(st.just("order"), UNITS),
    ),
    min_size=1,
    max_size=8,
)


class Warehouse:
    """Acts upon one product, and how many units of it there should be in all."""

    def __init__(self, database, owner, given, product) -> None:
        self.database, self.owner, self.given, self.product = database, owner, given, product
        self.gone = 0

    def transfer(self, units: int, good: int, bad: int) -> None:
        """Some arrive fit and some damaged; half of what is missing is found."""
        number = transfers.made(self.database, going(self.product, "A", units))
        transfers.left(self.database, number)
        good = min(good, units)
        bad = min(bad, units - good)
        missing = transfers.arrived(self.database, number, here(self.product, "A", good, bad)).missing
        if missing:
            lost = missing - missing // 2
            transfers.settled(self.database, number, here(self.product, "A", missing - lost, lost))
            self.gone += lost

    def count(self, off: int) -> None:
        """The shelf holds some more or fewer than is written."""
        there = transfers.standing(self.owner, self.product, "A", FROM)[0]
        number = counting.opened(self.database, self.product)
        for line in counting.shown(self.database, number):
            here_now = there if line.standing == "saleable" else None
            units = self._lying(line.standing) if here_now is None else max(there + off, 0)
            counting.entered(self.database, number, self.product, "A", units, standing=line.standing)
        if counting.submitted(self.database, number) is CountState.RECOUNTING:
            counting.entered(self.database, number, self.product, "A", max(there + off, 0))
            counting.submitted(self.database, number)
        try:
            counting.approved(self.database, number)
        except Conflict:
            counting.rejected(self.database, number)
            raise
        self.gone -= max(there + off, 0) - there

    def report(self, units: int, decision: Decision) -> None:
        """Some are set apart, and quality decides."""
        number = nonconforming.reported(self.database, self.product, "A", units, apart=True)
        nonconforming.decided(self.database, number, decision)
        if decision is Decision.DESTROY:
            nonconforming.witnessed(self.database, number)
        if decision is not Decision.RELEASE:
            self.gone += units

    def order(self, units: int) -> None:
        """Somebody orders some: they stay where they are, and are promised."""
        self.given.an_order({self.product: units})

    def _lying(self, standing: str) -> int:
        return dict(
            zip(
                ("saleable", "inspecting", "quarantined"),
                transfers.standing(self.owner, self.product, "A", FROM),
                strict=True,
            )
        )[standing]

    def lying(self) -> int:
        """All units of the product, wherever and however they lie."""
        return self.owner.execute(
            text("SELECT sum(on_hand + inspecting + quarantined) FROM lot_stock WHERE product_id = :p"),
            {"p": self.product.id},
        ).scalar_one()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@drawn(work=WORK)
def test_no_unit_comes_from_nowhere_and_every_sum_stays_true(given, database, owner, work):
    product = given.a_product()
    given.stock_of(product, FROM, a_lot("A", 20))
    warehouse = Warehouse(database, owner, given, product)
    for act, *how in work:
        try:
            getattr(warehouse, act)(*how)
        except (Conflict, Invalid):
            continue  # promised, or not there any more: nothing has changed
    assert warehouse.lying() == 20 - warehouse.gone
    assert untrue(database) == []
    assert transfers.standing(owner, product, "A", TO)[1] == 0
