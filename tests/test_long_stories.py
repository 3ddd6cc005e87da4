"""Any sequence of acts on orders, parcels and money leaves every promise kept: hypothesis makes the
stories up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from portal.deliveries.rules import Outcome
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.money import to_fen
from portal.ledger.post_credit_note import Returned
from portal.orders.holds_rules import PUT_BY_HAND
from portal.orders.severity_rules import Hold
from portal.orders.terms import SupplyTerms
from portal.scanning.scan import scan
from tests import cast
from tests.builders import Terms, a_lot
from tests.deliveries import acts as deliveries
from tests.ledger.acts import paid, returned, reversed_
from tests.orders.acts import held
from tests.replenishment import acts as supply
from tests.roles import Dealer, Product, Warehouse
from tests.shipping import acts
from tests.stories import Copy, Month, one_of, told, tried

DEALERS = (cast.huadong, cast.suzhou)  # the second has little credit: its orders are soon on hold
PACKS = {cast.gloves: 1, cast.syringe: 10, cast.gauze: 1}
DAYS = st.sampled_from([0, 59, 400])  # after 59 days the short-dated gauze may not be sold any more

some = st.integers(0, 999)


def discounted(per_mille: int) -> Callable[[int], Terms]:
    """So much off the 2.50 that a unit costs."""
    return lambda quantity: Terms(
        ((quantity, "2.50"),), str(to_fen(Decimal("0.0025") * quantity * per_mille))
    )


def banded(price: str, discount: str) -> Callable[[int], Terms]:
    """One unit at a price of its own, and something off the whole."""
    bands = ((1, price),)
    return lambda quantity: Terms(bands if quantity == 1 else (*bands, (quantity - 1, "0.07")), discount)


terms = st.one_of(
    st.just(lambda _quantity: Terms(gift=True)),
    st.builds(discounted, st.integers(0, 1000)),
    st.builds(banded, st.sampled_from(["0.01", "1.99", "803.33"]), st.sampled_from(["0.00", "0.01"])),
)
units = st.dictionaries(st.sampled_from(list(PACKS)), st.integers(1, 40), min_size=1)


class Story(Month):
    """A month of orders, parcels and money."""

    def __init__(self, copy: Copy) -> None:
        super().__init__(copy)
        self.requests: list[str] = []
        self._lots = count(1)
        self.payments: list[tuple[str, Dealer]] = []

    @initialize()
    def begin(self) -> None:
        """One order waits from the first day, so that every story has to do with goods that arrive."""
        self.order(cast.huadong, {cast.gauze: 130}, [], waits=True, split=False)

    @rule(
        dealer=st.sampled_from(DEALERS),
        wanted=units,
        terms=st.lists(terms, min_size=1, max_size=3),
        waits=st.booleans(),
        split=st.booleans(),
    )
    def order(
        self,
        dealer: Dealer,
        wanted: dict,
        terms: list[Callable[[int], Terms]],
        waits: bool,
        split: bool,
    ) -> None:
        lines = in_packs(wanted)
        number = self.placed(dealer, lines, waits=waits, split=split)
        if number is None:
            return
        of_line = enumerate(zip(lines.values(), terms, strict=False), start=1)
        self.given.on_terms(number, {line: on(quantity) for line, (quantity, on) in of_line})

    @precondition(lambda self: self.orders)
    @rule(which=some, wanted=units, waits=st.booleans(), split=st.booleans())
    def change(self, which: int, wanted: dict, waits: bool, split: bool) -> None:
        number, dealer = one_of(self.orders, which)
        lines = in_packs(wanted)
        changed = tried(
            lambda: acts.changed(
                self.database,
                number,
                lines,
                by=dealer.buyer,
                supply=SupplyTerms(backorder=waits, split=split),
            )
        )
        if changed is not None:
            self.orders.append((changed.number, dealer))

    @rule(
        product=st.sampled_from(list(PACKS)),
        packs=st.integers(1, 60),
        where=st.sampled_from(cast.warehouses),
        filled=st.booleans(),
    )
    def goods_arrive(self, product: Product, packs: int, where: Warehouse, filled: bool) -> None:
        lot = a_lot(f"NEW-{next(self._lots)}", packs * PACKS[product])
        self.given.stock_of(product, where, lot)
        if filled:
            self.fill()

    @rule()
    def fill(self) -> None:
        acts.filled(self.database)

    @rule()
    def ask_for_goods(self) -> None:
        self.requests += supply.asked(self.database)

    @precondition(lambda self: self.requests)
    @rule(
        which=some,
        state=st.sampled_from(["confirmed", "in_transit", "received", "rejected"]),
        units=st.none() | st.integers(1, 60),
        days=st.none() | st.integers(0, 30),
    )
    def hear_of_goods(self, which: int, state: str, units: int | None, days: int | None) -> None:
        day = None if days is None else cast.TODAY + timedelta(days=days)
        number = one_of(self.requests, which)
        tried(lambda: supply.reported(self.database, number, state, quantity=units, expected_on=day))

    @rule(data=st.sampled_from(["", " ", "(01)", "]C1", "\x1d", "00"]))
    def scan_nothing(self, data: str) -> None:
        buyer = cast.huadong.buyer.actor()
        with pytest.raises(Invalid), transaction(self.database.session_for(buyer)) as session:
            scan(session, actor=buyer, data=data, today=cast.TODAY)

    @rule(dealer=st.sampled_from(DEALERS), limit=st.sampled_from(["0.00", "500.00", "1000000.00"]))
    def set_limit(self, dealer: Dealer, limit: str) -> None:
        self.given.credit_limit_of(dealer, limit)

    @precondition(lambda self: self.orders)
    @rule(which=some, by_desk=st.booleans())
    def cancel(self, which: int, by_desk: bool) -> None:
        number, dealer = one_of(self.orders, which)
        tried(lambda: acts.cancelled(self.database, number, by=cast.order_desk if by_desk else dealer.buyer))

    @precondition(lambda self: self.orders)
    @rule(which=some, kind=st.sampled_from(PUT_BY_HAND))
    def hold(self, which: int, kind: Hold) -> None:
        number, _dealer = one_of(self.orders, which)
        tried(lambda: held(self.database, number, kind=str(kind)))

    @precondition(lambda self: self.orders)
    @rule(which=some, cancel_missing=st.booleans())
    def release(self, which: int, cancel_missing: bool) -> None:
        number, _dealer = one_of(self.orders, which)
        tried(lambda: acts.released(self.database, number, cancel_missing=cancel_missing))

    @precondition(lambda self: self.orders)
    @rule(
        which=some, quantities=st.none() | st.dictionaries(st.integers(1, 3), st.integers(0, 20), min_size=1)
    )
    def pick(self, which: int, quantities: dict[int, int] | None) -> None:
        number, _dealer = one_of(self.orders, which)
        picked = tried(lambda: acts.picked(self.database, number, quantities=quantities))
        if picked is not None:
            self.parcels.append(picked.shipment_number)

    @precondition(lambda self: self.orders)
    @rule(which=some)
    def put_back(self, which: int) -> None:
        number, _dealer = one_of(self.orders, which)
        tried(lambda: acts.put_back(self.database, number))

    @precondition(lambda self: self.parcels)
    @rule(which=some)
    def ship(self, which: int) -> None:
        shipped = tried(lambda: acts.shipped(self.database, one_of(self.parcels, which)))
        if shipped is not None:
            self.deliveries.append((shipped, dict(self.orders)[shipped.order_number]))

    @precondition(lambda self: self.deliveries)
    @rule(which=some, short=st.integers(-2, 3), damaged=st.integers(0, 2))
    def receive(self, which: int, short: int, damaged: int) -> None:
        shipped, dealer = one_of(self.deliveries, which)
        number = shipped.shipment_number
        signed = tried(
            lambda: deliveries.counted_and_signed(
                self.database, number, by=dealer.buyer, short=short, damaged=damaged
            )
        )
        if signed is not None:
            self.cases.extend(signed.cases)

    @precondition(lambda self: self.cases)
    @rule(which=some, outcome=st.sampled_from([*Outcome, None]))
    def decide(self, which: int, outcome: Outcome | None) -> None:
        tried(lambda: deliveries.decided(self.database, one_of(self.cases, which), outcome))

    @precondition(lambda self: self.deliveries)
    @rule(
        which=some,
        line=st.integers(1, 3),
        quantity=st.integers(1, 12),
        lot=st.sampled_from(["", "GZ-SHORT", "SY-EARLY"]),
    )
    def send_back(self, which: int, line: int, quantity: int, lot: str) -> None:
        shipped, _dealer = one_of(self.deliveries, which)
        tried(lambda: returned(self.database, shipped.invoice_number, Returned(line, quantity, lot)))

    @rule(dealer=st.sampled_from(DEALERS), amount=st.sampled_from(["0.01", "33.33", "1000.00", "-5.00"]))
    def pay(self, dealer: Dealer, amount: str) -> None:
        posted = tried(lambda: paid(self.database, amount, dealer=dealer))
        if posted is not None:
            self.payments.append((posted.document_no, dealer))

    @precondition(lambda self: self.payments)
    @rule(which=some)
    def reverse(self, which: int) -> None:
        number, dealer = one_of(self.payments, which)
        tried(lambda: reversed_(self.database, number, dealer=dealer))

    @rule(days=DAYS)
    def let_time_pass(self, days: int) -> None:
        tried(lambda: acts.retired(self.database, today=cast.TODAY + timedelta(days=days)))


def in_packs(wanted: dict[Product, int]) -> dict[Product, int]:
    """Units of so many packs."""
    return {product: packs * PACKS[product] for product, packs in wanted.items()}


@pytest.mark.timeout(
    3600
)  # a story that breaks a promise is told again and again until it is short; the others need seconds
def test_no_story_of_orders_parcels_and_money_breaks_a_promise(cluster, template, counter):
    told(Story, cluster, template, counter, steps=30)
