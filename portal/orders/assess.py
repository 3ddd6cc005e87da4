"""The assessment on an order: one set-based fetch of offers, then the pure rules.

Used by cart page, validation and placing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.kernel import money
from portal.kernel.errors import Fault
from portal.orders import rules
from portal.orders.compliance_rules import compliance
from portal.orders.context import OrderContext
from portal.orders.expected import differences
from portal.orders.gifts import MissingGift, gifts_of
from portal.orders.lifecycle import Progress, Status, resting
from portal.orders.lines import AssessedLine, priced
from portal.orders.offered import offered
from portal.orders.promised import promised
from portal.orders.promoted import Promoted, promote
from portal.orders.request import OrderRequest
from portal.orders.rules import Demand, Demanded
from portal.orders.severity_rules import Verdict, judge
from portal.orders.standing import Standing
from portal.orders.standing_faults import agreed_faults, money_faults, sold_by_production
from portal.orders.substitutes import Days, with_substitutes
from portal.orders.terms import OrderLimits
from portal.pricing.queries import Offer


@dataclass(frozen=True, slots=True)
class Assessment:
    """All faults at once; with none, everything an order needs.

    faults: what refuses it. verdict: these, what holds it and what is only told, by the severities in force.
    made_in_time: SKUs that may be sold by the day they were made, not by a certificate in force.
    unexpected: where the orderer expected another price. warehouse: its code, empty without one.
    lines: what is bought, then the gifts.
    promoted: what promotions did, and what they would do to more. missing_gifts: what it does not get.
    demanded: what has to be acknowledged first.
    """

    faults: tuple[Fault, ...]
    unexpected: tuple[Fault, ...]
    holds: tuple[str, ...]
    lines: tuple[AssessedLine, ...]
    warehouse_id: int | None
    warehouse: str
    total: Decimal
    tax: Decimal
    promoted: Promoted
    missing_gifts: tuple[MissingGift, ...] = ()
    demanded: tuple[Demanded, ...] = ()
    verdict: Verdict = field(default_factory=Verdict)
    made_in_time: frozenset[str] = frozenset()

    @property
    def status(self) -> Status:
        """The state in which the order starts."""
        units = sum(line.demand.quantity for line in self.lines)
        waiting = sum(line.waiting for line in self.lines)
        return resting(Progress(0, units, holds=self.holds, waiting=waiting))

    @property
    def discount_total(self) -> Decimal:
        """¥ that promotions take off all lines."""
        return self.promoted.outcome.discount_total

    @property
    def seen(self) -> str:
        """Fingerprint of what a buyer is shown: products, quantities, prices and amounts, in their order."""
        shown = ";".join(
            f"{line.offer.sku} {line.demand.quantity} {line.price.unit_price} {line.amount}"
            for line in self.lines
        )
        return hashlib.sha256(shown.encode()).hexdigest()


def assess(
    session: Session,
    *,
    context: OrderContext,
    request: OrderRequest,
    limits: OrderLimits,
    today: date,
    lock: bool = False,
) -> Assessment:
    """Check and price what is requested for a dealer.

    Writes nothing. lock: hold the budgets of promotions until the commit.
    """
    demands, faults = rules.demands(
        request.lines, lines_max=limits.lines_max, quantity_max=limits.quantity_max
    )
    known, in_force, standing = offered(
        session,
        dealer=context.dealer,
        skus=[d.sku for d in demands],
        at=context.moment,
        today=today,
        margin_days=limits.margin_days,
        grace_days=limits.grace_days,
    )
    lines = _lines(context, demands, known, faults)
    made_in_time = sold_by_production(lines, standing)
    faults += _bound_faults(context, lines, standing, today, made_in_time)
    promise = promised(session, context, lines, request.supply, today, limits.replenishment_days)
    warehouse_id, lines = promise.warehouse_id, promise.lines
    faults += promise.faults
    days = Days(today, limits.margin_days, limits.grace_days)
    faults = with_substitutes(session, context, demands, faults, request.supply, days)
    faults += rules.acknowledgement_faults(context.demanded)
    promoted = promote(
        session,
        dealer=context.dealer,
        lines=lines,
        at=context.moment,
        today=today,
        in_force=in_force,
        lock=lock,
        margin_days=limits.margin_days,
    )
    gifts, missing_gifts = gifts_of(promoted, context.permissions, warehouse_id, today)
    promoted = promoted.giving([line.given for line in gifts if line.given is not None])
    faults += money_faults(context.credit, standing, promoted.outcome.total, limits.grace_days)
    unexpected = differences(
        request.lines, _unit_prices(lines), request.expected_total, promoted.outcome.total
    )
    verdict = judge(faults, standing.severities)
    return _assessment(
        verdict, unexpected, promoted, gifts, missing_gifts, warehouse_id, made_in_time, context
    )


def _assessment(
    verdict: Verdict,
    unexpected: Sequence[Fault],
    promoted: Promoted,
    gifts: Sequence[AssessedLine],
    missing_gifts: Sequence[MissingGift],
    warehouse_id: int | None,
    made_in_time: frozenset[str],
    context: OrderContext,
) -> Assessment:
    return Assessment(
        faults=verdict.errors,
        unexpected=tuple(unexpected),
        holds=verdict.holds,
        lines=(*promoted.lines, *gifts),
        warehouse_id=warehouse_id,
        warehouse=dict(context.serving).get(warehouse_id, "") if warehouse_id is not None else "",
        total=promoted.outcome.total,
        tax=sum((line.tax for line in promoted.lines), money.ZERO),
        promoted=promoted,
        missing_gifts=tuple(missing_gifts),
        demanded=context.demanded,
        verdict=verdict,
        made_in_time=made_in_time,
    )


def _unit_prices(lines: Sequence[AssessedLine]) -> dict[str, Decimal]:
    return {line.demand.sku: line.price.unit_price for line in lines}


def _lines(
    context: OrderContext, demands: Sequence[Demand], known: Mapping[str, Offer], faults: list[Fault]
) -> list[AssessedLine]:
    """The lines that can be priced; what is wrong with products and quantities is added to `faults`."""
    lines = []
    for demand in demands:
        offer = known.get(demand.sku)
        found = rules.product_faults(demand, offer)
        faults += found
        if offer is None or any(fault.pointer.endswith("/sku") for fault in found):
            continue
        if demand.quantity > 0:
            lines.append(priced(demand, offer, offer.price(demand.quantity, context.dealer)))
    return lines


def _bound_faults(
    context: OrderContext,
    lines: Sequence[AssessedLine],
    standing: Standing,
    today: date,
    made_in_time: frozenset[str],
) -> list[Fault]:
    """What law, contract and agreed terms say of the lines."""
    regulated = [(line.demand.pointer, line.offer) for line in lines]
    return [
        *compliance(context.permissions, regulated, today, made_in_time),
        *agreed_faults(lines, standing, today),
    ]
