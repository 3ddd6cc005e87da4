"""What a test presupposes, said in one sentence: ``given.stock_of(product, warehouse, a_lot("A", 5))``.

Facts are inserted as the owner; acts go through the verbs, as the person who would do them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, text, update
from sqlalchemy.orm import Session
from stdnum import ean

from portal.catalogue import models as catalogue
from portal.dealers import models as dealers
from portal.dealers.models import DealerAccount
from portal.kernel.db import Database, transaction
from portal.kernel.money import ZERO, tax_within, to_fen
from portal.ledger.propose_correction import propose_reversal
from portal.ledger.record_payment import record_payment
from portal.ledger.rules import Caution
from portal.orders.answer import Placed
from portal.orders.place_order import place_order
from portal.orders.request import OrderRequest
from portal.orders.rules import Wanted
from portal.orders.terms import OrderLimits, OrderTerms
from portal.pricing.models import PricePolicy, PriceRule
from portal.promotions.models import Promotion, PromotionBudget, PromotionLot
from portal.returns.evidence import TemperatureFile
from portal.shipping.confirm_receipt import confirm_receipt
from portal.shipping.pick_order import pick_order
from portal.shipping.ship import Shipped, ship
from tests import cast, stage
from tests.feed import acts as feed
from tests.returns import acts as returns
from tests.roles import Dealer, Licence, Lot, Person, Product, Region, System, Warehouse
from tests.statements.acts import closed
from tests.tampering import tampering

# Without a margin, so that a scene may hold orders for lots that the acts under test, with the usual margin
# of a day, no longer sell.
TERMS = OrderTerms(OrderLimits(lines_max=1000, quantity_max=1_000_000, margin_days=0), "CNY", cast.ZONE)


class UnitsOfLot(NamedTuple):
    """Units of a lot that shall lie somewhere."""

    lot_no: str
    units: int
    expires_on: date | None
    state: str


class Terms(NamedTuple):
    """What a line costs beside its price times its units.

    bands: units with their unit prices, all units of the line together. discount: taken off in yuan.
    """

    bands: tuple[tuple[int, str], ...] = ()
    discount: str = "0.00"
    gift: bool = False


class Rule(NamedTuple):
    """A price rule before it has a policy: columns of `price_rule`."""

    columns: dict[str, Any]


def a_lot(
    lot_no: str, units: int, *, expires_on: date | None = date(2099, 12, 31), state: str = "saleable"
) -> UnitsOfLot:
    """Units of a lot, saleable until the far future unless said otherwise."""
    return UnitsOfLot(lot_no, units, expires_on, state)


def net(price: str | Mapping[int, str], **scope: Any) -> Rule:
    """A net unit price, or one by minimum quantity.

    Scope: dealer, region, tier, product, category; and further terms of the rule by their columns.
    """
    return _rule("net", price, scope)


def percent_off(percent: str | int | Mapping[int, str | int], **scope: Any) -> Rule:
    """So much per cent off the list price."""
    return _rule("percent_off", percent, scope)


def amount_off(amount: str | Mapping[int, str], **scope: Any) -> Rule:
    """So many yuan off the list price."""
    return _rule("amount_off", amount, scope)


def _rule(kind: str, value: Any, scope: dict[str, Any]) -> Rule:
    breaks = value if isinstance(value, Mapping) else {1: value}
    names = {
        "dealer": "dealer_id",
        "region": "region_id",
        "product": "product_id",
        "tier": "tier",
        "category": "category_code",
    }
    columns = {names.get(name, name): getattr(subject, "id", subject) for name, subject in scope.items()}
    return Rule(
        columns
        | {"kind": kind, "min_quantities": list(breaks), "values": [Decimal(str(v)) for v in breaks.values()]}
    )


def _priced(quantity: int, unit_price: Decimal, terms: Terms) -> dict[str, Any]:
    if terms.gift:
        return {"unit_price": ZERO, "discount": ZERO, "gift": True, "amount": ZERO}
    bands = terms.bands or ((quantity, str(unit_price)),)
    assert sum(units for units, _ in bands) == quantity
    together = sum((units * Decimal(price) for units, price in bands), ZERO)
    discount = Decimal(terms.discount)
    return {
        "unit_price": to_fen(together / quantity),
        "discount": discount,
        "gift": False,
        "amount": together - discount,
    }


_LINES_OF = text(
    "SELECT l.dealer_id, l.order_id, l.line_no, l.quantity, l.unit_price, l.tax_rate FROM order_line l"
    " JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id) WHERE o.number = :number"
)
_ON_TERMS = text(
    "UPDATE order_line SET unit_price = :unit_price, discount = :discount, gift = :gift, amount = :amount,"
    " tax = :tax WHERE (dealer_id, order_id, line_no) = (:dealer_id, :order_id, :line_no)"
)
_WORTH_ITS_LINES = text(
    """
    WITH worth AS (
      SELECT o.dealer_id, o.id, o.total AS before, sum(l.amount) AS total, sum(l.tax) AS tax
        FROM sales_order o JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
       WHERE o.number = :number GROUP BY o.dealer_id, o.id
    ), account AS (
      UPDATE dealer_account a SET open_orders = a.open_orders - w.before + w.total
        FROM worth w WHERE a.dealer_id = w.dealer_id
    )
    UPDATE sales_order o SET total = w.total, tax = w.tax
      FROM worth w WHERE (o.dealer_id, o.id) = (w.dealer_id, w.id)
    """
)


class Given:
    """Sets the scene of one test. What it makes is numbered from `first`."""

    def __init__(self, owner: Connection, database: Database, first: int = 90_001) -> None:
        self._owner = owner
        self._database = database
        self._next = count(first)

    # Dealers

    def a_dealer(
        self,
        *,
        region: Region = cast.shanghai,
        tier: str = "C",
        credit_limit: str = "100000.00",
        **changes: Any,
    ) -> Dealer:
        """Another dealer with its own people; like `cast.huadong` in everything not said."""
        key = next(self._next)
        code = changes.pop("code", f"dealer-{key}")
        known = {
            "name_zh": f"示例经销商 {key}",
            "name_en": f"Dealer {key}",
            "credit_code": f"CREDIT{key}",
        } | changes
        dealer = replace(
            cast.huadong,
            id=key,
            code=code,
            region=region,
            tier=tier,
            credit_limit=Decimal(credit_limit),
            licences=cast.licences_of(code),
            **cast.people_of(key, code),
            **known,
        )
        with self._owner.engine.begin() as connection:
            stage.put_dealers(connection, [dealer])
            stage.put_people(connection, dealer.people)
            stage.put_systems(connection, [dealer.system])
        return dealer

    def licences_of(self, dealer: Dealer, *licences: Licence) -> None:
        """These are all the licences the dealer has."""
        with self._owner.engine.begin() as connection:
            connection.execute(
                delete(dealers.DealerLicence).where(dealers.DealerLicence.dealer_id == dealer.id)
            )
            stage.put_licences(connection, dealer.id, licences)

    def authorisation_of(self, dealer: Dealer, *regions: Region, valid_to: date | None = None) -> None:
        """These are all the regions the dealer may sell in."""
        with self._owner.engine.begin() as connection:
            connection.execute(
                delete(dealers.DealerAuthorisation).where(dealers.DealerAuthorisation.dealer_id == dealer.id)
            )
            stage.put_authorisations(connection, dealer.id, regions, valid_to=valid_to)

    def tier_of(self, dealer: Dealer, tier: str, *, since: date) -> None:
        """From that day on the dealer has another tier."""
        self._from_then_on(dealers.DealerTier, dealer, since, tier=tier)

    def region_of(self, dealer: Dealer, region: Region, *, since: date) -> None:
        """From that day on the dealer belongs to another province."""
        self._from_then_on(dealers.DealerRegion, dealer, since, region_id=region.id)

    def _from_then_on(
        self, table: type[dealers.DealerTier | dealers.DealerRegion], dealer: Dealer, since: date, **held: Any
    ) -> None:
        last = (table.dealer_id == dealer.id, table.valid_to.is_(None))
        with self._owner.engine.begin() as connection:
            connection.execute(update(table).where(*last).values(valid_to=since))
            connection.execute(
                insert(table).values(dealer_id=dealer.id, valid_from=since, assigned_by="system", **held)
            )

    def credit_limit_of(self, dealer: Dealer, limit: str) -> None:
        """What the dealer may owe, open orders included."""
        statement = update(DealerAccount).where(DealerAccount.dealer_id == dealer.id)
        self._owner.execute(statement.values(credit_limit=Decimal(limit)))

    def state_of(self, dealer: Dealer, state: str) -> None:
        """active, suspended or closed."""
        self._owner.execute(update(dealers.Dealer).where(dealers.Dealer.id == dealer.id).values(state=state))

    # Goods

    def a_product(self, *, price: str | None = "100.00", **changes: Any) -> Product:
        """A product nobody has bought and nobody has in stock; like `cast.gauze` in everything not said."""
        key = next(self._next)
        body = f"06999{key:08d}"
        known = {"sku": f"SKU-{key}", "name_zh": f"示例产品 {key}", "name_en": f"Product {key}"} | changes
        product = replace(
            cast.gauze,
            id=key,
            udi_di=body + ean.calc_check_digit(body),
            price=None if price is None else Decimal(price),
            **known,
        )
        with self._owner.engine.begin() as connection:
            stage.put_products(connection, [product])
        return product

    def a_withdrawn(self, product: Product) -> None:
        """The product is sold no longer."""
        self._owner.execute(
            update(catalogue.Product).where(catalogue.Product.id == product.id).values(state="withdrawn")
        )

    def stock_of(self, product: Product, warehouse: Warehouse, *lots: UnitsOfLot) -> list[Lot]:
        """Units of a product arrive in a warehouse, in new lots."""
        stocked = [
            Lot(
                next(self._next), product, lot.lot_no, lot.expires_on, {warehouse: lot.units}, state=lot.state
            )
            for lot in lots
        ]
        with self._owner.engine.begin() as connection:
            stage.put_lots(connection, stocked, at=cast.NOW)
        return stocked

    # The feed

    def an_entry(self, *, by: Person = cast.national_manager, **said: Any) -> str:
        """An entry that dealers see; its number. What is not said is for everybody (`feed.acts.draft`)."""
        with transaction(self._database.session_for(by.actor())) as session:
            return feed.published(session, by.actor(), **said)

    # Prices

    def a_policy(
        self,
        *rules: Rule,
        region: Region | None = None,
        valid_from: datetime = cast.PRICES_SINCE,
        valid_to: datetime | None = None,
        published_at: datetime | None = cast.PRICES_SINCE,
        approved: bool = False,
        contract_of: Dealer | None = None,
        **said: Any,
    ) -> int:
        """A published policy and its rules; returns its id.

        With ``published_at=None`` it is a draft, or, `approved`, one that another person approved. said: more
        columns.
        """
        key = next(self._next)
        columns = {
            "id": key,
            "number": f"PP-{key}",
            "version": 1,
            "title_zh": f"价格政策 {key}",
            "title_en": f"Policy {key}",
            "region_id": region.id if region else None,
            "valid_from": valid_from,
            "valid_to": valid_to,
            "planned_to": valid_to,
            **({"kind": "contract", "dealer_id": contract_of.id} if contract_of else {}),
            **said,
            "created_by": cast.national_manager.id,
            "created_by_label": cast.national_manager.display_name,
            "written_by": [f"user:{cast.national_manager.id}"],
        }
        with self._owner.engine.begin() as connection:
            connection.execute(insert(PricePolicy).values(columns))
            for rule in rules:
                connection.execute(insert(PriceRule).values(policy_id=key, **rule.columns))
            if approved or published_at:
                stage.approve(connection, key)
            if published_at:
                published = {
                    "state": "published",
                    "published_at": published_at,
                    "published_by": cast.national_manager.id,
                }
                connection.execute(update(PricePolicy).where(PricePolicy.id == key).values(published))
        return key

    def a_promotion(
        self,
        kind: str = "percent_off",
        *,
        goods: Sequence[Product] = (),
        gift: tuple[Product, int, int | None] | None = None,
        lots: Mapping[Lot, int] | None = None,
        for_dealers: Sequence[Dealer] = (),
        budget: str | None = None,
        **changes: Any,
    ) -> str:
        """A published promotion that runs for everybody unless said otherwise; returns its number.

        gift: product, units, for each so many bought. lots: units offered of each. Other columns by name.
        """
        key = next(self._next)
        number = f"CX-{key}"
        columns: dict[str, Any] = {
            "id": key,
            "number": number,
            "title_zh": f"促销 {key}",
            "title_en": f"Promotion {key}",
            "kind": kind,
            "valid_from": cast.PRICES_SINCE,
            "valid_to": cast.NOW + timedelta(days=3650),
            "product_ids": [product.id for product in goods],
            "dealer_ids": [dealer.id for dealer in for_dealers],
            "budget": budget and Decimal(budget),
            "priority": 1,
            "combinable": True,
            "proposed_by": cast.national_manager.actor().key,
            "proposed_by_label": cast.national_manager.display_name,
            "state": "published",
            "published_at": cast.PRICES_SINCE,
        }
        if gift:
            columns |= dict(zip(("gift_quantity", "gift_for_each"), gift[1:], strict=True))
            columns["gift_product_id"] = gift[0].id
        columns |= changes
        with self._owner.engine.begin() as connection:
            connection.execute(insert(Promotion).values(columns))
            for lot, units in (lots or {}).items():
                values = {"promotion_id": key, "lot_id": lot.id, "product_id": lot.product.id, "units": units}
                connection.execute(insert(PromotionLot).values(values))
            if budget or lots:
                connection.execute(insert(PromotionBudget).values(promotion_id=key, budget=columns["budget"]))
        return number

    def is_approved(self, policy_id: int) -> int:
        """Another person approved this version as it is; returns its id. Its revision stays."""
        with self._owner.engine.begin() as connection:
            stage.approve(connection, policy_id)
        return policy_id

    # Acts

    def an_order(
        self, lines: Mapping[Product, int], *, by: Person | System = cast.huadong.buyer, **request: Any
    ) -> Placed:
        """Somebody places an order, now; raises what the verb raises."""
        wanted = [
            Wanted(product.sku, quantity, f"/lines/{place}")
            for place, (product, quantity) in enumerate(lines.items())
        ]
        return self.an_order_of(wanted, by=by, **request)

    def an_order_of(
        self, wanted: Sequence[Wanted], *, by: Person | System = cast.huadong.buyer, **request: Any
    ) -> Placed:
        """As `an_order`, for lines as somebody typed them."""
        with self._as(by) as session:
            return place_order(
                session,
                actor=by.actor(),
                dealer_id=by.dealer_id,
                request=OrderRequest(lines=wanted, **request),
                terms=TERMS,
            )

    def on_terms(self, number: str, terms: Mapping[int, Terms]) -> None:
        """Lines of a fresh order, by their numbers, have been placed on these terms."""
        with self._owner.engine.begin() as connection, tampering(connection, "order_line", "sales_order"):
            lines = connection.execute(_LINES_OF, {"number": number}).all()
            for line in lines:
                if line.line_no in terms:
                    priced = _priced(line.quantity, line.unit_price, terms[line.line_no])
                    tax = tax_within(priced["amount"], line.tax_rate)
                    connection.execute(_ON_TERMS, {**line._mapping, **priced, "tax": tax})
            connection.execute(_WORTH_ITS_LINES, {"number": number})

    def a_parcel_of(self, number: str, *, today: date = cast.TODAY) -> str:
        """The order desk picks what is reserved for an order; returns the number of the shipment."""
        with self._as(cast.order_desk) as session:
            picked = pick_order(
                session, actor=cast.order_desk.actor(), number=number, today=today, at=cast.NOW
            )
        return picked.shipment_number

    def a_delivery_of(self, number: str, *, on: date = cast.TODAY) -> Shipped:
        """An order is picked by the order desk and shipped by the ERP, which bills it on that day."""
        shipment = self.a_parcel_of(number, today=on)
        with self._as(cast.erp) as session:
            return ship(
                session,
                actor=cast.erp.actor(),
                shipment_number=shipment,
                carrier="顺丰速运",
                tracking_no=f"SF{next(self._next)}",
                today=on,
                at=cast.NOW,
            )

    def a_receipt_of(self, shipment_number: str, *, by: Person) -> None:
        """The dealer has got the parcel."""
        with self._as(by) as session:
            confirm_receipt(session, actor=by.actor(), shipment_number=shipment_number, at=cast.NOW)

    def a_payment_by(self, dealer: Dealer, amount: str, *, on: date = cast.TODAY) -> str:
        """Headquarters' finance books money from a dealer; returns the number of the payment."""
        with self._as(cast.hq_finance) as session:
            posted = record_payment(
                session,
                actor=cast.hq_finance.actor(),
                dealer_id=dealer.id,
                amount=Decimal(amount),
                received_on=on,
                method="bank",
                today=cast.TODAY,
                at=cast.NOW,
                caution=Caution(Decimal("1e12"), Decimal("1e12"), Decimal("1e12")),
            )
        return posted.document_no

    def a_reversal_asked_for(self, payment_number: str) -> str:
        """Headquarters' finance asks for the reversal of a payment, which nobody may reverse alone;
        returns the number of the request.
        """
        with self._as(cast.hq_finance) as session:
            asked = propose_reversal(
                session,
                actor=cast.hq_finance.actor(),
                payment_number=payment_number,
                reason="booked twice",
                today=cast.TODAY,
                at=cast.NOW,
                alone_max=Decimal(0),
            )
        return asked.request_no or ""

    def a_return_asked_for(
        self,
        shipment_number: str,
        dealer: Dealer = cast.huadong,
        product: Product = cast.gloves,
        files: Sequence[str] = (),
        temperatures: TemperatureFile | None = None,
    ) -> str:
        """A dealer asks to send one unit of a shipment back; returns the number of the return."""
        how = {"by": dealer.buyer, "files": files, "temperatures": temperatures}
        return returns.requested(self._database, shipment_number, returns.asked(product, 1), **how).number

    def a_closed_month(self, period: str) -> dict[int, str]:
        """Headquarters' finance closes a month; returns the number of each dealer's statement."""
        closed(self._database, period)
        rows = self._owner.execute(
            text("SELECT dealer_id, number FROM statement WHERE period = :period"), {"period": period}
        )
        return {row.dealer_id: row.number for row in rows}

    def _as(self, person: Person | System) -> AbstractContextManager[Session]:
        return transaction(self._database.session_for(person.actor()))
