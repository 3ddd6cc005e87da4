"""The part of the random stories that happens in warehouses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import Row, text

from portal.counting.rules import Standing
from portal.nonconforming.rules import Decision
from portal.transfers.rules import Arrived as Unloaded
from portal.transfers.rules import Moved
from tests import cast
from tests.counting import acts as counting
from tests.nonconforming import acts as nonconforming
from tests.receiving import acts as receiving
from tests.roles import Product, Warehouse
from tests.stories import Copy, Month, one_of, tried
from tests.transfers import acts as transfers

GOODS = {product.sku: product for product in (cast.gauze, cast.syringe, cast.stent)}
few = st.integers(0, 3)
some = st.integers(0, 999)
ENDS = st.sampled_from([*[counting.approved] * 4, counting.rejected, counting.cancelled])
units = st.integers(1, 12)


class Warehouses(Month):
    """A month at two warehouses."""

    def __init__(self, copy: Copy) -> None:
        super().__init__(copy)
        self.receipts: list[str] = []
        self.transfers: list[str] = []
        self.counts: dict[str, Warehouse] = {}
        self.reports: list[str] = []
        self._serials = count(1)

    def due(self, table: str, numbers: Sequence[str], which: int, *states: str) -> tuple[str, str]:
        """A document that waits for something, with its state; now and then, or where none does, any."""
        state = "status" if table in ("sales_order", "shipment") else "state"
        rows = self.owner.execute(
            text(f"SELECT number, {state} FROM {table} WHERE number = ANY (:numbers) ORDER BY id"),
            {"numbers": list(numbers)},
        )
        known = [(row[0], row[1]) for row in rows] or [(numbers[0], "")]
        open_ones = [one for one in known if one[1] in states]
        return one_of(known if which % 8 == 7 or not open_ones else open_ones, which)

    # What lies where

    def lots(self) -> list[Row[Any]]:
        """Every lot that a warehouse has units of, by what it is called."""
        return list(
            self.owner.execute(
                text(
                    "SELECT p.sku, l.lot_no, l.id, w.code, k.on_hand, k.inspecting, k.quarantined"
                    "  FROM lot_stock k JOIN lot l ON l.id = k.lot_id JOIN product p ON p.id = l.product_id"
                    "  JOIN warehouse w ON w.id = k.warehouse_id"
                    " WHERE k.on_hand + k.inspecting + k.quarantined > 0 AND p.sku = ANY (:skus)"
                    " ORDER BY k.lot_id, w.code"
                ),
                {"skus": list(GOODS)},
            )
        )

    def serials_of(self, lot: Row[Any], state: str, most: int) -> tuple[str, ...]:
        """Serials that are written down of a lot."""
        found = self.owner.execute(
            text(
                "SELECT u.serial FROM serial_unit u JOIN warehouse w ON w.id = u.warehouse_id"
                " WHERE u.lot_id = :lot AND w.code = :code AND u.state = :state ORDER BY 1 LIMIT :most"
            ),
            {"lot": lot.id, "code": lot.code, "state": state, "most": most},
        )
        return tuple(found.scalars())

    def new_serials(self, product: Product, many: int) -> tuple[str, ...]:
        """So many that nobody has heard of."""
        return tuple(f"U{next(self._serials)}" for _ in range(many)) if product.serial_controlled else ()

    # Receipts

    @rule(
        sku=st.sampled_from(list(GOODS)),
        lot=st.sampled_from(["S-1", "S-2"]),
        quantity=units,
        where=st.sampled_from(cast.warehouses),
        inspection=st.booleans(),
        days=st.sampled_from([40, 900]),
        known=st.booleans(),
    )
    def goods_come(
        self,
        sku: str,
        lot: str,
        quantity: int,
        where: Warehouse,
        inspection: bool,
        days: int,
        known: bool,
    ) -> None:
        product = GOODS[sku]
        serials = self.new_serials(product, quantity)
        if known and serials:
            serials = (f"U{max(1, int(serials[0][1:]) - 3)}", *serials[1:])
        line = receiving.line(
            product,
            f"{lot}-{days}",
            quantity,
            expires_on=cast.TODAY + timedelta(days=days),
            serials=serials,
            inspection=inspection,
        )
        came = tried(lambda: receiving.received(self.database, line, warehouse=where))
        if came is not None:
            self.receipts.append(came.number)

    @precondition(lambda self: self.receipts)
    @rule(which=some, refused=few, left=few)
    def inspect(self, which: int, refused: int, left: int) -> None:
        number = self.due("goods_receipt", self.receipts, which, "inspecting")[0]
        line = self.owner.execute(
            text(
                "SELECT p.sku, t.lot_no, l.inspecting, l.serials FROM goods_receipt r"
                "  JOIN goods_receipt_line l ON l.receipt_id = r.id JOIN lot t ON t.id = l.lot_id"
                "  JOIN product p ON p.id = l.product_id WHERE r.number = :number"
            ),
            {"number": number},
        ).one()
        refused = min(refused, line.inspecting)
        said = receiving.decision(
            GOODS[line.sku],
            line.lot_no,
            max(0, line.inspecting - refused - left),
            refused,
            refused_serials=tuple(line.serials[:refused]),
        )
        tried(lambda: receiving.inspected(self.database, number, said))

    # Transfers

    @rule(which=some, quantity=units, back=st.booleans())
    def send(self, which: int, quantity: int, back: bool) -> None:
        lot = one_of(self.lots(), which)
        away = next(one.code for one in cast.warehouses if one.code != lot.code)
        line = Moved(lot.sku, lot.lot_no, quantity, self.serials_of(lot, "saleable", quantity), "/lines/0")
        made = tried(lambda: transfers.made(self.database, line, origin=lot.code, destination=away))
        if made is not None:
            self.transfers.append(made)
            if not back:
                tried(lambda: transfers.left(self.database, made))

    @precondition(lambda self: self.transfers)
    @rule(which=some, bad=few, missing=few)
    def go_on_with_a_transfer(self, which: int, bad: int, missing: int) -> None:
        number, state = self.due("stock_transfer", self.transfers, which, "draft", "in_transit", "differing")
        here = self.unloaded(number, bad, missing)
        act = {"draft": transfers.left, "differing": transfers.settled}.get(state, transfers.arrived)
        tried(lambda: act(self.database, number, *[] if state == "draft" else [here]))

    def unloaded(self, number: str, bad: int, missing: int) -> Unloaded:
        """What is open of a transfer but for some units, some of it bad."""
        line = self.owner.execute(
            text(
                "SELECT p.sku, o.lot_no, l.quantity - l.received - l.damaged - l.lost AS open,"
                "       ARRAY(SELECT serial FROM serial_unit u WHERE u.document = t.number"
                "                AND u.state = 'in_transit' ORDER BY 1) AS serials"
                "  FROM stock_transfer t JOIN stock_transfer_line l ON l.transfer_id = t.id"
                "  JOIN lot o ON o.id = l.lot_id JOIN product p ON p.id = l.product_id"
                " WHERE t.number = :number"
            ),
            {"number": number},
        ).one()
        here = max(0, line.open - missing)
        bad = min(bad, here)
        serials = tuple(line.serials)
        return Unloaded(line.sku, line.lot_no, here - bad, bad, serials[bad:here], serials[:bad], "/lines/0")

    # Counts

    @rule(sku=st.sampled_from(list(GOODS)), where=st.sampled_from(cast.warehouses))
    def open_a_count(self, sku: str, where: Warehouse) -> None:
        opened = tried(lambda: counting.opened(self.database, GOODS[sku], warehouse=where))
        if opened is not None:
            self.counts[opened] = where

    @precondition(lambda self: self.counts)
    @rule(which=some, off=st.integers(-2, 2), at=few, act=ENDS)
    def go_on_with_a_count(self, which: int, off: int, at: int, act: Callable[..., None]) -> None:
        number, state = self.due(
            "stock_count", list(self.counts), which, "counting", "recounting", "submitted"
        )
        if state in ("counting", "recounting"):
            self.count(number, off, at)
        else:
            tried(lambda: act(self.database, number))

    def count(self, number: str, off: int, at: int) -> None:
        """Everything of a count is counted, one lot of it wrongly; it is handed in."""
        where = self.counts[number]
        here = {(lot.sku, lot.lot_no): lot for lot in self.lots() if lot.code == where.code}
        lines = self.owner.execute(
            text(
                "SELECT p.sku, t.lot_no, l.standing FROM stock_count c"
                "  JOIN stock_count_line l ON l.count_id = c.id JOIN lot t ON t.id = l.lot_id"
                "  JOIN product p ON p.id = l.product_id WHERE c.number = :number ORDER BY 1, 2, 3"
            ),
            {"number": number},
        ).all()
        for place, line in enumerate(lines):
            lot = here.get((line.sku, line.lot_no))
            standing = Standing(line.standing)
            there = (
                0 if lot is None else lot.on_hand if standing is Standing.SALEABLE else lot._mapping[standing]
            )
            found = max(0, there + (off if place == at % len(lines) else 0))
            serials: tuple[str, ...] = ()
            if GOODS[line.sku].serial_controlled and lot is not None:
                serials = self.serials_of(lot, standing, found)
                serials += self.new_serials(GOODS[line.sku], found - len(serials))
            tried(
                lambda line=line, found=found, standing=standing, serials=serials: counting.entered(
                    self.database,
                    number,
                    GOODS[line.sku],
                    line.lot_no,
                    found,
                    standing=standing,
                    serials=serials,
                )
            )
        tried(lambda: counting.submitted(self.database, number))

    # Goods that may not be sold

    @rule(which=some, quantity=few, apart=st.booleans())
    def report(self, which: int, quantity: int, apart: bool) -> None:
        lot = one_of(self.lots(), which)
        serials = self.serials_of(lot, "saleable" if apart else "quarantined", quantity)
        where = next(one for one in cast.warehouses if one.code == lot.code)
        reported = tried(
            lambda: nonconforming.reported(
                self.database,
                GOODS[lot.sku],
                lot.lot_no,
                quantity,
                apart=apart,
                serials=serials,
                warehouse=where,
            )
        )
        if reported is not None:
            self.reports.append(reported)

    @precondition(lambda self: self.reports)
    @rule(which=some, decision=st.sampled_from(Decision))
    def go_on_with_a_report(self, which: int, decision: Decision) -> None:
        number, state = self.due("nonconforming_report", self.reports, which, "reported", "to_destroy")
        if state == "reported":
            tried(lambda: nonconforming.decided(self.database, number, decision))
        else:
            tried(lambda: nonconforming.witnessed(self.database, number))
