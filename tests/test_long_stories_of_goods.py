"""Any sequence of acts on goods, among those on orders, leaves every promise kept and every check of the
portal silent: hypothesis makes the stories up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from sqlalchemy import Row, text

from portal.kernel.db import transaction
from portal.returns.judged import Judged
from portal.returns.receive_return import Arrived
from portal.returns.rules import Disposition
from portal.shipping.parcel_sheet import SheetLine, parcel_sheet
from portal.shipping.review_rules import Check, Outcome
from portal.shipping.start_wave import Started, start_wave
from tests import cast
from tests.dealerstock import acts as dealerstock
from tests.deliveries import acts as deliveries
from tests.returns import acts as returns
from tests.roles import Dealer
from tests.shipping import acts as shipping
from tests.stories import Copy, one_of, told, tried
from tests.warehouse_stories import GOODS, Warehouses, few, some, units

PACKS = {"SYRINGE": 10}
ANSWERS = st.sampled_from([*[returns.approved] * 4, returns.rejected, returns.withdrawn])


class Goods(Warehouses):
    """A month at two warehouses, and what leaves them for dealers and comes back."""

    def __init__(self, copy: Copy) -> None:
        super().__init__(copy)
        self.returns: list[str] = []

    @initialize()
    def begin(self) -> None:
        """Goods with serial numbers lie there from the first day, and a parcel of them is on its way."""
        self.goods_come("STENT", "S-1", 12, cast.shanghai_warehouse, inspection=False, days=900, known=False)
        self.placed(cast.huadong, {cast.gauze: 9, cast.syringe: 20}, waits=False, split=False)
        self.work_on_an_order(0, "pick")
        self.work_on_a_parcel(0, "ship")

    @rule(
        dealer=st.sampled_from([cast.huadong, cast.huadong, cast.suzhou]),
        wanted=st.dictionaries(st.sampled_from(list(GOODS)), units, min_size=1, max_size=2),
        waits=st.booleans(),
        split=st.booleans(),
    )
    def order(self, dealer: Dealer, wanted: dict[str, int], waits: bool, split: bool) -> None:
        lines = {GOODS[sku]: packs * PACKS.get(sku, 1) for sku, packs in wanted.items()}
        self.placed(dealer, lines, waits=waits, split=split)

    # The way out

    @precondition(lambda self: self.orders)
    @rule(which=some, act=st.sampled_from(["pick", "pick", "wave", "put back", "cancel", "fill"]))
    def work_on_an_order(self, which: int, act: str) -> None:
        numbers = [number for number, _ in self.orders]
        number, _ = self.due("sales_order", numbers, which, "confirmed", "partially_shipped", "picking")
        if act == "pick":
            picked = tried(lambda: shipping.picked(self.database, number))
            self.parcels += [picked.shipment_number] if picked else []
        elif act == "wave":
            wave = self.wave_of(number, one_of(numbers, which + 1))
            self.parcels += wave.parcels
        elif act == "put back":
            tried(lambda: shipping.put_back(self.database, number))
        elif act == "cancel":
            tried(lambda: shipping.cancelled(self.database, number, by=cast.order_desk))
        else:
            shipping.filled(self.database)

    def wave_of(self, *numbers: str) -> Started:
        """A wave of Shanghai's; what cannot be picked is left out of it."""
        return start_wave(
            self.database,
            actor=cast.order_desk.actor(),
            warehouse_code=cast.shanghai_warehouse.code,
            numbers=numbers,
            today=cast.TODAY,
            at=cast.NOW,
        )

    @precondition(lambda self: self.parcels)
    @rule(which=some, act=st.sampled_from(["ship", "ship", "sign", "sign short"]))
    def work_on_a_parcel(self, which: int, act: str) -> None:
        state = "picking" if act == "ship" else "in_transit"
        number, _ = self.due("shipment", self.parcels, which, state)
        if act == "ship":
            shipped = tried(lambda: shipping.shipped(self.database, number))
            self.deliveries += [(shipped, dict(self.orders)[shipped.order_number])] if shipped else []
            return
        dealer = next((dealer for one, dealer in self.deliveries if one.shipment_number == number), None)
        if dealer is not None:
            short = 1 if act == "sign short" else 0
            tried(lambda: deliveries.counted_and_signed(self.database, number, by=dealer.buyer, short=short))

    @precondition(lambda self: self.parcels)
    @rule(which=some, wrong=few, outcome=st.sampled_from(Outcome), known=st.booleans())
    def review(self, which: int, wrong: int, outcome: Outcome, known: bool) -> None:
        """All of a parcel's first lot is looked at, and some of it did not pass."""
        number, _ = self.due("shipment", self.parcels, which, "picking")
        with transaction(self.database.session_for(cast.order_desk.actor())) as session:
            sheet = tried(lambda: parcel_sheet(session, number))
        lines = [] if sheet is None else [line for line in sheet.lines if line.left]
        if lines:
            checks = self.checks_of(lines[0], min(wrong, lines[0].left), outcome, known)
            tried(lambda: shipping.reviewed(self.database, number, *checks))

    def checks_of(self, line: SheetLine, wrong: int, outcome: Outcome, known: bool) -> list[Check]:
        """Some units of a line did not pass, all others did."""
        product = GOODS.get(line.sku, cast.gloves)
        serials: tuple[str, ...] = ()
        if product.serial_controlled:
            there = [lot for lot in self.lots() if lot.id == line.lot_id and known]
            serials = self.serials_of(there[0], "saleable", line.left) if there else ()
            serials += self.new_serials(product, line.left - len(serials))
        parts = ((outcome, wrong, serials[:wrong]), (Outcome.PASSED, line.left - wrong, serials[wrong:]))
        return [
            Check(line.line_no, line.lot_no, many, result, mine, note="wet" if many == wrong else "")
            for result, many, mine in parts
            if many
        ]

    # The way back

    @precondition(lambda self: self.deliveries)
    @rule(which=some, place=few, quantity=units)
    def ask_back(self, which: int, place: int, quantity: int) -> None:
        shipped, dealer = one_of(self.deliveries, which)
        lines = self.owner.execute(
            text(
                "SELECT p.sku, l.lot_no, l.serials FROM shipment s JOIN shipment_line l"
                "    ON (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id)"
                "  JOIN product p ON p.id = l.product_id WHERE s.number = :number"
                " ORDER BY l.line_no, l.lot_no"
            ),
            {"number": shipped.shipment_number},
        ).all()
        line = one_of(lines, place)
        asked = returns.asked(
            GOODS.get(line.sku, cast.gloves), quantity, line.lot_no, 0, "surplus", *line.serials[:quantity]
        )
        requested = tried(
            lambda: returns.requested(self.database, shipped.shipment_number, asked, by=dealer.buyer)
        )
        if requested is not None:
            self.returns.append(requested.number)

    @precondition(lambda self: self.returns)
    @rule(which=some, less=few, answer=ANSWERS, disposition=st.sampled_from(Disposition))
    def go_on_with_a_return(
        self, which: int, less: int, answer: Callable[..., Any], disposition: Disposition
    ) -> None:
        number, state = self.due("return_request", self.returns, which, "requested", "approved", "received")
        line = self.returned_line(number)
        if state == "requested":
            tried(lambda: answer(self.database, number))
        elif state == "approved":
            came = max(0, line.quantity - less)
            arrived = Arrived(line.sku, line.lot_no, came, "/lines/0", tuple(line.serials[:came]))
            tried(lambda: returns.arrived(self.database, number, [arrived]))
        else:
            judged = self.judged(line, min(less, line.received), disposition)
            tried(lambda: returns.inspected(self.database, number, *judged))

    def judged(self, line: Row[Any], other: int, disposition: Disposition) -> list[Judged]:
        """Something is said of some units of a line; all others may be sold again."""
        product, serials = GOODS.get(line.sku, cast.gloves), tuple(line.serials)
        parts = (
            (disposition, other, serials[:other]),
            (Disposition.SALEABLE, line.received - other, serials[other:]),
        )
        return [
            returns.judged(product, line.lot_no, many, of, serials=mine) for of, many, mine in parts if many
        ]

    def returned_line(self, number: str) -> Row[Any]:
        """The one line of a return."""
        return self.owner.execute(
            text(
                "SELECT p.sku, t.lot_no, l.quantity, l.received, l.serials FROM return_request r"
                "  JOIN return_line l ON (l.dealer_id, l.return_id) = (r.dealer_id, r.id)"
                "  JOIN lot t ON t.id = l.lot_id JOIN product p ON p.id = t.product_id"
                " WHERE r.number = :number"
            ),
            {"number": number},
        ).one()

    @rule(days=st.sampled_from([0, 0, 39, 400]))
    def let_time_pass(self, days: int) -> None:
        shipping.retired(self.database, today=cast.TODAY + timedelta(days=days))

    @precondition(lambda self: self.deliveries)
    @rule(which=some, quantity=units, sku=st.sampled_from(list(GOODS)))
    def tell_of_their_stock(self, which: int, quantity: int, sku: str) -> None:
        dealer = one_of(self.deliveries, which)[1]
        line = dealerstock.sold(sku, "S-1-900", quantity)
        tried(lambda: dealerstock.reported(self.database, [line], by=dealer.buyer))


@pytest.mark.timeout(3600)  # as for the stories of orders
def test_no_story_of_goods_breaks_a_promise(cluster, template, counter):
    told(Goods, cluster, template, counter, steps=50)
