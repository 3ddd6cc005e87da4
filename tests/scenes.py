"""A company with orders in every state, so that acts on them can meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, text

from portal.kernel.db import Database
from portal.orders.terms import SupplyTerms
from tests import cast, servers
from tests.builders import Given, Terms, a_lot
from tests.conftest import owner_engine
from tests.invariants import broken_promises
from tests.ledger.acts import paid
from tests.purchasing import acts as purchasing
from tests.replenishment import acts as supply
from tests.roles import Dealer, Product
from tests.servers import Cluster
from tests.shipping.acts import picked, shipped
from tests.statements.acts import LAST_DAY
from tests.transfers.acts import untrue

NO_MARGIN = {"margin_days": 0}  # so that a parcel may hold what the retirement takes out of the sale
UNITS = 5
LOTS = count(1)
SOON = cast.TODAY + timedelta(days=3)

# States of orders that wait for goods: none are there and nobody asked for them; they have arrived and nobody
# was given them; some are there, and even in a parcel; the order is held, too; the ERP was asked for them.
WAITING = ("short", "waiting", "part_waiting", "part_picking", "held_waiting", "asked")
PARTLY = ("part_waiting", "part_picking")
HELD = ("on_hold", "held_waiting")
SPLIT = ("split", "split_picking", "split_sent")  # from two warehouses; the first has sent its parcel


@dataclass
class Company:
    """Where it all happens."""

    owner: Connection
    given: Given
    database: Database
    dealer: Dealer
    product: Product

    def sold_out(self, but_for_some: bool) -> Product:
        """A product that nobody has in stock, or that somebody has a few units of."""
        product = self.given.a_product()
        if but_for_some:
            self.arrived(product)
        return product

    def spread(self) -> Product:
        """A product of which two warehouses have a few units each."""
        product = self.given.a_product()
        for warehouse in cast.warehouses:
            self.given.stock_of(product, warehouse, a_lot(f"NEW-{next(LOTS)}", UNITS))
        return product

    def arrived(self, product: Product) -> None:
        """Goods arrive, in a lot that is never due."""
        self.given.stock_of(product, cast.shanghai_warehouse, a_lot(f"NEW-{next(LOTS)}", UNITS))

    def limited(self) -> None:
        """Somebody takes the dealer's credit away, on a connection of their own."""
        with self.owner.engine.begin() as connection:
            connection.execute(
                text("UPDATE dealer_account SET credit_limit = 0 WHERE dealer_id = :d"), {"d": self.dealer.id}
            )

    def request_for(self, product: Product) -> str:
        """The ERP is asked for a product: the number of the request."""
        supply.asked(self.database)
        number: str = self.owner.execute(
            text("SELECT number FROM supply_request WHERE product_id = :p"), {"p": product.id}
        ).scalar_one()
        return number


@dataclass
class Order:
    """An order with what became of it, and the request for goods it waits for."""

    number: str
    product: Product
    request: str = ""
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

    def _goods_for(self, state: str) -> Product:
        if state in SPLIT:
            return self.company.spread()
        return self.company.sold_out(state in PARTLY) if state in WAITING else self.product

    def _brought_to(self, state: str) -> Order:
        given, database, dealer = self.company.given, self.company.database, self.company.dealer
        given.credit_limit_of(dealer, "0.00" if state in HELD else "100000000.00")
        product = self._goods_for(state)
        units = 2 * UNITS if state in (*PARTLY, *SPLIT) else UNITS
        supply = SupplyTerms(backorder=state in WAITING, split=state in SPLIT)
        placed = given.an_order({product: units}, by=dealer.buyer, supply=supply)
        order = Order(placed.number, product)
        given.on_terms(order.number, {1: Terms(discount="0.03")})  # so that its units cost unequal shares
        if state in ("picking", "part_picking", "shipped", "split_picking", "split_sent"):
            order.shipment = picked(database, order.number, **NO_MARGIN).shipment_number
        if state in ("shipped", "split_sent"):
            order.invoice = shipped(database, order.shipment, **NO_MARGIN).invoice_number
        if state == "asked":
            order.request = self.company.request_for(product)
        if state in WAITING and state != "short":
            self.company.arrived(product)
        return order


def company_at_work(cluster: Cluster, template: str, name: str) -> Iterator[Company]:
    """A database of its own for all pairs; in the end every promise holds, no check finds anything and
    PostgreSQL counted no deadlock.
    """
    name = cluster.create(name, template=template)
    engine = owner_engine(cluster, name)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
        database = servers.database(cluster.app_url(name))
        given = Given(owner, database)
        given.is_approved(cast.policy_draft)
        product = given.a_product()
        given.stock_of(
            product, cast.shanghai_warehouse, *(a_lot(f"LOT-{number}", 1_000) for number in range(3))
        )
        given.a_payment_by(cast.huadong, "10.00", on=LAST_DAY)  # last month is in the books
        yield Company(owner, given, database, cast.huadong, product)
        assert broken_promises(owner) == {}
        assert untrue(database) == []
        database.dispose()  # a connection that ends hands in what it counted
        assert (
            owner.execute(
                text("SELECT deadlocks FROM pg_stat_database WHERE datname = :name"), {"name": name}
            ).scalar_one()
            == 0
        )
    engine.dispose()
    cluster.drop(name)


def scene_of(company: Company, acts: set[str]) -> Scene:
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
