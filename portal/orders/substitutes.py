"""What a dealer may order instead of what it cannot have: named by headquarters, offered, never sent unasked.

Nothing is read unless a line cannot be served, and then all that is needed by one statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.errors import Fault, Proposal
from portal.orders.compliance_rules import compliance
from portal.orders.context import OrderContext
from portal.orders.lines import AssessedLine, priced
from portal.orders.rules import Demand, product_faults
from portal.orders.severity_rules import judge
from portal.orders.standing import STANDING_COLUMNS, Standing, standing_from, standing_parameters
from portal.orders.standing_faults import agreed_faults, sold_by_production
from portal.orders.substitute_rules import PROPOSALS_MAX, UNSERVED, at_hand, in_place_of
from portal.orders.terms import SupplyTerms
from portal.pricing.queries import OFFER_COLUMNS, Offer, offer_parameters, offers_from


@dataclass(frozen=True, slots=True)
class Days:
    """The day of the order, and the days of grace and of margin that its limits name."""

    today: date
    margin_days: int
    grace_days: int


@dataclass(frozen=True, slots=True)
class Named:
    """Substitutes of several products, each by the SKU it is for, in the order in which to offer them.

    standing: what the dealer's orders of them are judged by.
    """

    offers: Mapping[str, tuple[Offer, ...]]
    standing: Standing


def with_substitutes(
    session: Session,
    context: OrderContext,
    demands: Sequence[Demand],
    faults: Sequence[Fault],
    supply: SupplyTerms,
    days: Days,
) -> list[Fault]:
    """The faults, those of lines that cannot be served with what this dealer may buy and can have instead.

    What is in the order already is not proposed: the dealer knows of it, and its stock is spoken for.
    """
    unserved = {fault.pointer.rpartition("/")[0] for fault in faults if fault.code in UNSERVED}
    short = {demand.pointer: demand for demand in demands if demand.pointer in unserved and demand.quantity}
    if not short:
        return list(faults)
    named = _named(session, context, [demand.sku for demand in short.values()], days)
    ordered = {demand.sku for demand in demands}
    proposals = {
        pointer: tuple(islice(_proposals(context, demand, named, ordered, supply, days), PROPOSALS_MAX))
        for pointer, demand in short.items()
    }
    return [
        replace(fault, proposals=proposals.get(fault.pointer.rpartition("/")[0], ()))
        if fault.code in UNSERVED
        else fault
        for fault in faults
    ]


def _proposals(
    context: OrderContext, short: Demand, named: Named, ordered: set[str], supply: SupplyTerms, days: Days
) -> Iterator[Proposal]:
    serving = [identity for identity, code in context.serving if supply.warehouse in (None, code)]
    for offer in named.offers.get(short.sku, ()):
        stock = {level.warehouse_id: level.available for level in offer.stock}
        available = at_hand(stock, serving, split=supply.split)
        demand = Demand(offer.sku, in_place_of(short.quantity, available, offer.pack_multiple), short.pointer)
        if offer.sku in ordered or not demand.quantity or product_faults(demand, offer):
            continue
        line = priced(demand, offer, offer.price(demand.quantity, context.dealer))
        if _may_buy(context, line, named.standing, days.today):
            yield Proposal(offer.sku, demand.quantity, available, line.price.unit_price)


def _may_buy(context: OrderContext, line: AssessedLine, standing: Standing, today: date) -> bool:
    """Whether the dealer could order it as it stands: nothing refuses it, and nothing would hold it."""
    regulated = [(line.demand.pointer, line.offer)]
    made_in_time = sold_by_production([line], standing)
    verdict = judge(
        [
            *compliance(context.permissions, regulated, today, made_in_time),
            *agreed_faults([line], standing, today),
        ],
        standing.severities,
    )
    return not (verdict.errors or verdict.held)


def _named(session: Session, context: OrderContext, skus: Sequence[str], days: Days) -> Named:
    parameters = {
        **offer_parameters(context.dealer, context.moment, days.today, days.margin_days),
        **standing_parameters(days.today, days.grace_days),
        "skus": list(skus),
    }
    rows = session.execute(_NAMED, parameters).all()
    ranked: dict[str, list[tuple[int, Offer]]] = {}
    for row, offer in zip(rows, offers_from(rows), strict=True):
        for sku, rank in row.instead_of.items():
            ranked.setdefault(sku, []).append((rank, offer))
    return Named(
        {
            sku: tuple(offer for _, offer in sorted(of, key=lambda one: (one[0], one[1].sku)))
            for sku, of in ranked.items()
        },
        standing_from(rows),
    )


_NAMED = text(
    f"""
    SELECT {OFFER_COLUMNS}, {STANDING_COLUMNS}, n.instead_of
      FROM (SELECT x.substitute_id, json_object_agg(o.sku, x.rank) AS instead_of
              FROM product o JOIN product_substitute x ON x.product_id = o.id
             WHERE o.sku = ANY (:skus) GROUP BY x.substitute_id) n
      JOIN product p ON p.id = n.substitute_id
     WHERE p.state = 'active'
    """
)
