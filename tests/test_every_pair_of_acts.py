"""Any two acts in the same instant, on one order where a state allows both, else on two orders of one dealer.

One company carries all pairs. Where the acts exclude each other one wins and the other is told why; nothing
ever deadlocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

import pytest
from sqlalchemy import text

from portal.kernel.actor import Actor
from portal.kernel.db import Database, transaction
from portal.kernel.errors import Conflict, DomainError, Invalid, NotFound
from portal.ledger.post_credit_note import Returned
from portal.pricing.publish_policy import publish_policy
from portal.shipping.ship_order import ship_order
from portal.statements.begin_close import begin_close
from tests import cast
from tests.builders import Given, Terms, a_lot
from tests.conftest import owner_engine
from tests.invariants import broken_promises
from tests.ledger.acts import paid, returned, reversed_
from tests.orders.acts import held
from tests.orders.test_change_order import change
from tests.pricing.acts import FALL_SHARE
from tests.purchasing import acts as purchasing
from tests.races import failures, together
from tests.roles import Dealer, Product
from tests.shipping.acts import cancelled, picked, put_back, received, released, retired, shipped
from tests.statements.acts import LAST_DAY, LAST_MONTH

NO_MARGIN = {"margin_days": 0}  # so that a parcel may hold what the retirement takes out of the sale
UNITS = 5


@dataclass
class Company:
    """Where it all happens."""

    given: Given
    database: Database
    dealer: Dealer
    product: Product


@dataclass
class Order:
    """An order with what became of it."""

    number: str
    shipment: str = ""
    invoice: str = ""


@dataclass
class Scene:
    """A company, an order in each state somebody asked for, and a payment."""

    company: Company
    product: Product
    orders: dict[str, Order] = field(default_factory=dict)
    payment: str = ""

    def order(self, state: str) -> Order:
        """The order in that state; it is brought there the first time."""
        if state not in self.orders:
            self.orders[state] = self._brought_to(state)
        return self.orders[state]

    def approved(self) -> Any:
        """A colleague's order above their amount is approved."""
        database, dealer = self.company.database, self.company.dealer
        return purchasing.approve(database, dealer.boss, purchasing.ask(database, dealer, self.product))

    def recurred(self) -> Any:
        """A recurring order comes to its day and is placed."""
        return purchasing.comes_to_its_day(self.company.database, self.company.dealer.boss, self.product)

    def _brought_to(self, state: str) -> Order:
        given, database, dealer = self.company.given, self.company.database, self.company.dealer
        given.credit_limit_of(dealer, "0.00" if state == "on_hold" else "100000000.00")
        order = Order(given.an_order({self.product: UNITS}, by=dealer.buyer).number)
        given.on_terms(order.number, {1: Terms(discount="0.03")})  # so that its units cost unequal shares
        if state in ("picking", "shipped"):
            order.shipment = picked(database, order.number, **NO_MARGIN).shipment_number
        if state == "shipped":
            order.invoice = shipped(database, order.shipment, **NO_MARGIN).invoice_number
        return order


@dataclass(frozen=True)
class Act:
    """What somebody does to an order in one of these states; none for an act that needs no order."""

    name: str
    do: Callable[[Scene, Order | None], Any]
    states: tuple[str, ...] = ()


class _Undone(Exception):
    """Ends a transaction without a trace: it held its locks like any other."""


def _undone(database: Database, actor: Actor, act: Callable[[Any], Any]) -> None:
    try:
        with transaction(database.session_for(actor)) as session:
            act(session)
            raise _Undone
    except _Undone:
        pass


def _ship_order(scene: Scene, order: Order) -> Any:
    actor = cast.erp.actor()
    with transaction(scene.company.database.session_for(actor)) as session:
        return ship_order(
            session,
            actor=actor,
            number=order.number,
            carrier="顺丰速运",
            tracking_no="SF1020304050",
            today=cast.TODAY,
            at=cast.NOW,
            **NO_MARGIN,
        )


def _publish(scene: Scene, _order: object) -> None:
    actor = cast.national_manager.actor()
    about = {"actor": actor, "policy_id": cast.policy_draft, "revision": 1, "fall_share": FALL_SHARE}
    _undone(scene.company.database, actor, lambda session: publish_policy(session, **about))


def _close(scene: Scene, _order: object) -> None:
    about = {"actor": cast.hq_finance.actor(), "period": LAST_MONTH, "today": cast.TODAY, "at": cast.NOW}
    _undone(scene.company.database, about["actor"], lambda session: begin_close(session, **about))


def _on_database(act: Callable[..., Any], **how: Any) -> Callable[[Scene, Order | None], Any]:
    return lambda scene, order: act(scene.company.database, order.number, **how)


ACTS = (
    Act(
        "place",
        lambda scene, _: scene.company.given.an_order({scene.product: 1}, by=scene.company.dealer.buyer),
    ),
    Act("approve", lambda scene, _: scene.approved()),
    Act("recur", lambda scene, _: scene.recurred()),
    Act("cancel", _on_database(cancelled, by=cast.order_desk), ("confirmed", "on_hold", "picking")),
    Act(
        "change",
        lambda scene, order: change(
            scene.company.database, order.number, {scene.product: UNITS - 1}, by=scene.company.dealer.buyer
        ),
        ("confirmed", "on_hold"),
    ),
    Act("hold", _on_database(held), ("confirmed", "on_hold")),
    Act("release", _on_database(released), ("on_hold",)),
    Act("pick", _on_database(picked, **NO_MARGIN), ("confirmed",)),
    Act("ship_order", _ship_order, ("confirmed",)),
    Act("unpick", _on_database(put_back), ("picking",)),
    Act(
        "ship",
        lambda scene, order: shipped(scene.company.database, order.shipment, **NO_MARGIN),
        ("picking",),
    ),
    Act(
        "receive",
        lambda scene, order: received(scene.company.database, order.shipment, by=scene.company.dealer.buyer),
        ("shipped",),
    ),
    Act(
        "credit",
        lambda scene, order: returned(scene.company.database, order.invoice, Returned(1, UNITS)),
        ("shipped",),
    ),
    Act("pay", lambda scene, _: paid(scene.company.database, "10.00", dealer=scene.company.dealer)),
    Act(
        "reverse",
        lambda scene, _: reversed_(scene.company.database, scene.payment, dealer=scene.company.dealer),
    ),
    Act("retire", lambda scene, _: retired(scene.company.database)),
    Act("close", _close),
    Act("publish", _publish),
)

ONE_WINS = {
    ("cancel", "cancel"),
    ("cancel", "change"),
    ("change", "change"),
    ("change", "pick"),
    ("change", "ship_order"),
    ("hold", "pick"),
    ("hold", "ship_order"),
    ("cancel", "pick"),
    ("cancel", "ship_order"),
    ("cancel", "ship"),
    ("release", "release"),
    ("pick", "pick"),
    ("pick", "ship_order"),
    ("ship_order", "ship_order"),
    ("unpick", "unpick"),
    ("unpick", "ship"),
    ("ship", "ship"),
    ("credit", "credit"),
    ("reverse", "reverse"),
}
# Who comes first decides whether the other still can: a released order is cancelled, a cancelled one is not
# released.
AS_IT_HAPPENS = {
    ("cancel", "hold"),
    ("change", "hold"),
    ("change", "release"),
    ("cancel", "release"),
    ("cancel", "unpick"),
    ("ship", "retire"),
    ("unpick", "retire"),
    ("cancel", "retire"),
}


@pytest.fixture(scope="module")
def company(cluster, template) -> Iterator[Company]:
    """A database of its own for all pairs; in the end every promise holds and PostgreSQL counted no
    deadlock.
    """
    name = cluster.create("every_pair", template=template)
    engine = owner_engine(cluster, name)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
        database = Database(cluster.app_url(name))
        given = Given(owner, database)
        given.is_approved(cast.policy_draft)
        product = given.a_product()
        given.stock_of(
            product, cast.shanghai_warehouse, *(a_lot(f"LOT-{number}", 1_000) for number in range(3))
        )
        given.a_payment_by(cast.huadong, "10.00", on=LAST_DAY)  # last month is in the books
        yield Company(given, database, cast.huadong, product)
        assert broken_promises(owner) == {}
        database.dispose()  # a connection that ends hands in what it counted
        assert (
            owner.execute(
                text("SELECT deadlocks FROM pg_stat_database WHERE datname = :name"), {"name": name}
            ).scalar_one()
            == 0
        )
    engine.dispose()
    cluster.drop(name)


@pytest.mark.parametrize(
    ("one", "other"), list(combinations_with_replacement(ACTS, 2)), ids=lambda act: act.name
)
def test_two_acts_at_once(company, one, other):
    scene = _scene(company, {one.name, other.name})
    shared = next((state for state in one.states if state in other.states), None)
    does = [
        partial(act.do, scene, scene.order(shared or act.states[0]) if act.states else None)
        for act in (one, other)
    ]
    lost = failures(together(2, lambda place: does[place]()))
    pair = (one.name, other.name)
    assert len(lost) in ({1} if pair in ONE_WINS else {0, 1} if pair in AS_IT_HAPPENS else {0}), lost
    for refusal in lost:
        assert isinstance(refusal, (Conflict, Invalid, NotFound)), refusal
        assert isinstance(refusal, DomainError) and (refusal.faults or refusal.message)


def _scene(company: Company, acts: set[str]) -> Scene:
    scene = Scene(company, _perishing(company) if "retire" in acts else company.product)
    if "reverse" in acts:
        scene.payment = paid(company.database, "10.00", dealer=company.dealer).document_no
    return scene


def _perishing(company: Company) -> Product:
    """A product whose first lot is due for retirement."""
    product = company.given.a_product()
    due = a_lot("DUE", UNITS, expires_on=cast.TODAY + timedelta(days=1))
    company.given.stock_of(product, cast.shanghai_warehouse, due, a_lot("GOOD", 100))
    return product
