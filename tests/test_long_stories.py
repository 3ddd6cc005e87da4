"""Any sequence of acts on orders, parcels and money leaves every promise kept: hypothesis makes the
stories up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal.kernel.db import Database
from portal.kernel.errors import DomainError
from portal.kernel.money import to_fen
from portal.ledger.post_credit_note import Returned
from portal.orders.holds_rules import PUT_BY_HAND
from portal.orders.severity_rules import Hold
from portal.shipping.ship import Shipped
from tests import cast
from tests.builders import Given, Terms
from tests.conftest import owner_engine
from tests.invariants import broken_promises
from tests.ledger.acts import paid, returned, reversed_
from tests.orders.acts import held
from tests.orders.test_change_order import change
from tests.roles import Dealer
from tests.shipping import acts

T = TypeVar("T")

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


class Story(RuleBasedStateMachine):
    """A month at two dealers and headquarters.

    What is refused has changed nothing; what is done keeps the promises.
    """

    def __init__(self, copy: Callable[[], tuple[str, Any]]) -> None:
        super().__init__()
        self._name, self._cluster = copy()
        self._engine = owner_engine(self._cluster, self._name)
        self.owner = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self.database = Database(self._cluster.app_url(self._name), pool_size=1)
        self.orders: list[tuple[str, Dealer]] = []
        self.parcels: list[str] = []
        self.deliveries: list[tuple[Shipped, Dealer]] = []
        self.payments: list[tuple[str, Dealer]] = []

    @initialize()
    def begin(self) -> None:
        self.given = Given(self.owner, self.database)

    @rule(dealer=st.sampled_from(DEALERS), wanted=units, terms=st.lists(terms, min_size=1, max_size=3))
    def order(self, dealer: Dealer, wanted: dict, terms: list[Callable[[int], Terms]]) -> None:
        lines = {product: quantity * PACKS[product] for product, quantity in wanted.items()}
        placed = tried(lambda: self.given.an_order(lines, by=dealer.buyer))
        if placed is None:
            return
        self.orders.append((placed.number, dealer))
        of_line = enumerate(zip(lines.values(), terms, strict=False), start=1)
        self.given.on_terms(placed.number, {line: on(quantity) for line, (quantity, on) in of_line})

    @precondition(lambda self: self.orders)
    @rule(which=some, by_desk=st.booleans())
    def cancel(self, which: int, by_desk: bool) -> None:
        number, dealer = one_of(self.orders, which)
        tried(lambda: acts.cancelled(self.database, number, by=cast.order_desk if by_desk else dealer.buyer))

    @precondition(lambda self: self.orders)
    @rule(which=some, wanted=units)
    def change(self, which: int, wanted: dict) -> None:
        number, dealer = one_of(self.orders, which)
        lines = {product: quantity * PACKS[product] for product, quantity in wanted.items()}
        changed = tried(lambda: change(self.database, number, lines, by=dealer.buyer))
        if changed is not None:
            self.orders.append((changed.number, dealer))

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
    @rule(which=some)
    def receive(self, which: int) -> None:
        shipped, dealer = one_of(self.deliveries, which)
        tried(lambda: acts.received(self.database, shipped.shipment_number, by=dealer.buyer))

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

    @invariant()
    def every_promise_is_kept(self) -> None:
        assert broken_promises(self.owner) == {}
        assert acts.differences(self.database) == []

    def teardown(self) -> None:
        self.database.dispose()
        self.owner.close()
        self._engine.dispose()
        self._cluster.drop(self._name)


def tried(act: Callable[[], T]) -> T | None:
    """The result of an act, None for one that the domain refuses.

    Anything else it raises is a fault of ours.
    """
    try:
        return act()
    except DomainError:
        return None


def one_of(things: Sequence[T], which: int) -> T:
    """A thing that is there, whatever number hypothesis thought of."""
    return things[which % len(things)]


@pytest.mark.timeout(
    3600
)  # a story that breaks a promise is told again and again until it is short; the others need seconds
def test_no_story_of_orders_parcels_and_money_breaks_a_promise(cluster, template, counter):
    def copy() -> tuple[str, Any]:
        return cluster.create(f"story_{next(counter)}", template=template), cluster

    run_state_machine_as_test(
        lambda: Story(copy),
        settings=settings(
            max_examples=settings.default.max_examples // 8,
            stateful_step_count=30,
            suppress_health_check=list(HealthCheck),
        ),
    )
