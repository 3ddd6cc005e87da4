"""A product in two warehouses with documents of goods in every state, so that acts on them can meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from portal.ledger.post_credit_note import Returned
from portal.nonconforming.rules import Decision
from portal.shipping.review_rules import Check, Outcome
from portal.shipping.start_wave import start_wave
from tests import cast
from tests.builders import Terms, a_lot
from tests.counting import acts as counting
from tests.dealerstock import acts as dealerstock
from tests.deliveries import acts as deliveries
from tests.ledger.acts import returned
from tests.nonconforming import acts as nonconforming
from tests.receiving import acts as receiving
from tests.returns import acts as returns
from tests.roles import Product, Warehouse
from tests.scenes import NO_MARGIN, UNITS, Company
from tests.shipping import acts as shipping
from tests.transfers import acts as transfers

PLENTY = 20 * UNITS
FROM, TO = transfers.FROM, transfers.TO


@dataclass
class GoodsScene:
    """A product of which Shanghai has so many units of lot A, and one document of each kind asked for."""

    company: Company
    product: Product
    documents: dict[str, Any] = field(default_factory=dict)
    picked_order: str = ""

    def document(self, kind: str) -> Any:
        """The document of a kind: its number. It is made the first time."""
        if kind not in self.documents:
            self.documents[kind] = getattr(self, f"_{kind}")()
        return self.documents[kind]

    # Documents

    def _draft(self) -> str:
        return transfers.made(self.company.database, transfers.going(self.product, "A", UNITS))

    def _in_transit(self) -> str:
        number = self._draft()
        transfers.left(self.company.database, number, **NO_MARGIN)
        return number

    def _differing(self) -> str:
        number = self._in_transit()
        transfers.arrived(self.company.database, number, transfers.here(self.product, "A", UNITS - 2))
        return number

    def _counting(self) -> str:
        """In the other warehouse, so that both counts are open at once."""
        return counting.opened(self.company.database, self.product, warehouse=TO)

    def _counted(self) -> str:
        """Of what is for sale in lot A, some units were missing twice."""
        database = self.company.database
        number = counting.opened(database, self.product, warehouse=FROM)
        for _time in ("first", "second"):
            for line in counting.shown(database, number):
                column = ("saleable", "inspecting", "quarantined").index(line.standing)
                there = transfers.standing(self.company.owner, self.product, line.lot_no, FROM)[column]
                missing = UNITS if (line.lot_no, line.standing) == ("A", "saleable") else 0
                if _time == "first" or missing:
                    units = there - missing
                    counting.entered(
                        database, number, self.product, line.lot_no, units, standing=line.standing
                    )
            counting.submitted(database, number)
        return number

    def _waiting(self) -> str:
        """A receipt whose goods wait for their inspection."""
        return receiving.received(self.company.database, self.lot_b(inspection=True)).number

    def _reported(self) -> str:
        return nonconforming.reported(self.company.database, self.product, "A", UNITS, apart=True)

    def _to_destroy(self) -> str:
        number = self._reported()
        nonconforming.decided(self.company.database, number, Decision.DESTROY)
        return number

    def _confirmed(self) -> str:
        given, dealer = self.company.given, self.company.dealer
        given.credit_limit_of(dealer, "100000000.00")
        number = given.an_order({self.product: UNITS}, by=dealer.buyer).number
        given.on_terms(number, {1: Terms(discount="0.03")})  # so that its units cost unequal shares
        return number

    def _picking(self) -> str:
        self.picked_order = self._confirmed()
        return shipping.picked(self.company.database, self.picked_order, **NO_MARGIN).shipment_number

    def _shipped(self) -> Any:
        """A parcel that has left, with its invoice."""
        picked = shipping.picked(self.company.database, self._confirmed(), **NO_MARGIN)
        return shipping.shipped(self.company.database, picked.shipment_number, **NO_MARGIN)

    def _requested(self) -> str:
        return self.asked_back(self._shipped(), UNITS)

    def _approved(self) -> str:
        number = self._requested()
        returns.approved(self.company.database, number)
        return number

    def _returned(self) -> str:
        number = self._approved()
        returns.arrived(self.company.database, number)
        return number

    # What acts need

    def lot_b(self, **how: Any) -> Any:
        """A delivery of another lot, which counts in the same level."""
        return receiving.line(self.product, "B", UNITS, **how)

    def asked_back(self, parcel: Any, units: int) -> str:
        """Units of a parcel are asked back; the number of the return."""
        asked = returns.asked(self.product, units, "A")
        buyer = self.company.dealer.buyer
        return returns.requested(self.company.database, parcel.shipment_number, asked, by=buyer).number

    def waved(self, order: str) -> None:
        """An order is picked in a wave. Raises why it was left out."""
        wave = start_wave(
            self.company.database,
            actor=cast.order_desk.actor(),
            warehouse_code=FROM.code,
            numbers=[order],
            today=cast.TODAY,
            at=cast.NOW,
            **NO_MARGIN,
        )
        for _, refusal in wave.refused:
            raise refusal

    def reviewed(self, parcel: str, outcome: Outcome) -> None:
        """A colleague looks at a parcel."""
        check = Check(1, "A", UNITS, outcome, note="wet")
        shipping.reviewed(self.company.database, parcel, check)


def goods_scene(company: Company, *, units: int = PLENTY, due: bool = False) -> GoodsScene:
    """Lot A in Shanghai, due for retirement if asked for; where there is plenty, some in Guangzhou."""
    product = company.given.a_product()
    expires_on = cast.TODAY + timedelta(days=1) if due else receiving.FAR_OFF
    places: list[tuple[Warehouse, str]] = [(FROM, "A")] if units < PLENTY else [(FROM, "A"), (TO, "G")]
    for warehouse, lot in places:
        company.given.stock_of(product, warehouse, a_lot(lot, units, expires_on=expires_on))
    return GoodsScene(company, product)


@dataclass(frozen=True)
class GoodsAct:
    """What somebody does to goods, to a document of this kind where one is needed.

    touches: what it writes beside its document; acts that touch nothing in common do not meet.
    """

    name: str
    do: Callable[[GoodsScene, Any], Any]
    on: str | None = None
    touches: frozenset[str] = frozenset({"stock"})


def _db(act: Callable[..., Any], **how: Any) -> Callable[[GoodsScene, Any], Any]:
    return lambda scene, document: act(scene.company.database, document, **how)


def _only(*tables: str) -> frozenset[str]:
    return frozenset(tables)


ACTS = (
    GoodsAct("reserve", lambda s, _: s.company.given.an_order({s.product: UNITS}, by=s.company.dealer.buyer)),
    GoodsAct("cancel", _db(shipping.cancelled, by=cast.order_desk), "confirmed"),
    GoodsAct("pick", _db(shipping.picked, **NO_MARGIN), "confirmed"),
    GoodsAct("wave", lambda s, order: s.waved(order), "confirmed"),
    GoodsAct("unpick", lambda s, _: shipping.put_back(s.company.database, s.picked_order), "picking"),
    GoodsAct("pass", lambda s, parcel: s.reviewed(parcel, Outcome.PASSED), "picking", _only("shipment")),
    GoodsAct("fail", lambda s, parcel: s.reviewed(parcel, Outcome.DAMAGED), "picking"),
    GoodsAct("ship", _db(shipping.shipped, by=cast.erp, review=False, **NO_MARGIN), "picking"),
    GoodsAct(
        "sign",
        lambda s, parcel: deliveries.signed(
            s.company.database, parcel.shipment_number, by=s.company.dealer.buyer
        ),
        "shipped",
        _only("shipment"),
    ),
    GoodsAct(
        "credit",
        lambda s, parcel: returned(s.company.database, parcel.invoice_number, Returned(1, UNITS)),
        "shipped",
    ),
    GoodsAct("ask_back", lambda s, parcel: s.asked_back(parcel, UNITS), "shipped", _only("shipment")),
    GoodsAct("approve_return", _db(returns.approved), "requested", _only("return")),
    GoodsAct(
        "withdraw_return",
        lambda s, number: returns.withdrawn(s.company.database, number, by=s.company.dealer.buyer),
        "approved",
        _only("shipment", "return"),
    ),
    GoodsAct("take_back", _db(returns.arrived), "approved"),
    GoodsAct(
        "judge",
        lambda s, number: returns.inspected(
            s.company.database, number, returns.judged(s.product, "A", UNITS)
        ),
        "returned",
    ),
    GoodsAct("receive", lambda s, _: receiving.received(s.company.database, s.lot_b())),
    GoodsAct(
        "accept",
        lambda s, number: receiving.inspected(
            s.company.database, number, receiving.decision(s.product, "B", UNITS - 1, 1)
        ),
        "waiting",
    ),
    GoodsAct("dispatch", _db(transfers.left, **NO_MARGIN), "draft"),
    GoodsAct(
        "unload",
        lambda s, number: transfers.arrived(
            s.company.database, number, transfers.here(s.product, "A", UNITS - 1, 1)
        ),
        "in_transit",
    ),
    GoodsAct(
        "settle",
        lambda s, number: transfers.settled(s.company.database, number, transfers.here(s.product, "A", 1, 1)),
        "differing",
    ),
    GoodsAct(
        "enter",
        lambda s, number: counting.entered(s.company.database, number, s.product, "G", UNITS),
        "counting",
        _only("count"),
    ),
    GoodsAct("approve_count", _db(counting.approved), "counted"),
    GoodsAct(
        "set_apart",
        lambda s, _: nonconforming.reported(s.company.database, s.product, "A", UNITS, apart=True),
    ),
    GoodsAct(
        "release_goods",
        lambda s, number: nonconforming.decided(s.company.database, number, Decision.RELEASE),
        "reported",
    ),
    GoodsAct("destroy", _db(nonconforming.witnessed), "to_destroy"),
    GoodsAct("retire", lambda s, _: shipping.retired(s.company.database)),
    GoodsAct(
        "tell_of_stock",
        lambda s, _: dealerstock.reported(
            s.company.database,
            [dealerstock.sold(s.product.sku, "A", 1)],
            by=s.company.dealer.buyer,
        ),
        touches=_only("shipment"),
    ),
)
"""Every act, one a line; those on orders and money alone meet in `test_every_pair_of_acts`."""
