"""The rules of `terms_rules` on the lines of an assessment. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from portal.kernel.errors import Fault
from portal.orders import terms_rules
from portal.orders.compliance_rules import made_while_registered
from portal.orders.lines import AssessedLine
from portal.orders.rules import Credit
from portal.orders.standing import Standing
from portal.orders.terms_rules import Wish


def sold_by_production(lines: Sequence[AssessedLine], standing: Standing) -> frozenset[str]:
    """SKUs of which there are enough units at hand that were made while the registration ran."""
    return frozenset(
        line.offer.sku
        for line in lines
        if line.offer.sku in standing.lots
        and sum(
            lot.units
            for lot in standing.lots[line.offer.sku]
            if lot.produced_on is not None and made_while_registered(line.offer, lot.produced_on)
        )
        >= line.demand.quantity
    )


def agreed_faults(lines: Sequence[AssessedLine], standing: Standing, today: date) -> list[Fault]:
    """What the terms agreed with the dealer say of its lines."""
    wishes = (
        Wish(
            line.demand.pointer,
            line.offer.sku,
            line.offer.id,
            line.demand.quantity,
            line.offer.pack_multiple,
            standing.lots.get(line.offer.sku, ()),
        )
        for line in lines
    )
    return terms_rules.quantity_faults(standing.terms, wishes, today)


def money_faults(credit: Credit, standing: Standing, total: Decimal, grace_days: int) -> list[Fault]:
    """What an order of `total` meets in the account: credit, debts, the least amount."""
    return [
        *terms_rules.credit_faults(credit, total),
        *terms_rules.overdue_faults(standing.overdue, grace_days),
        *terms_rules.stop_faults(standing.is_stopped),
        *terms_rules.amount_faults(standing.terms, total),
    ]
