"""What was agreed with a dealer about its orders: amounts, quantities, quotas, shelf life, debts. Pure.

The messages name no sum of the order and none of the account: who may order does not always see prices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, Protocol

from portal.kernel.errors import N_, Fault


class Lot(NamedTuple):
    """Units of a saleable lot that no parcel has, in a warehouse that serves the dealer."""

    warehouse_id: int
    units: int
    produced_on: date | None
    expires_on: date | None


class Term(NamedTuple):
    """What a dealer's orders keep to; `product_id` None: all of them.

    ordered: units of the product that the dealer has ordered within `quota_days`, None without a quota.
    """

    product_id: int | None
    min_amount: Decimal | None
    min_quantity: int | None
    max_quantity: int | None
    quota: int | None
    quota_days: int | None
    shelf_life_days: int | None
    ordered: int | None


@dataclass(frozen=True, slots=True)
class Wish:
    """A line as the terms see it."""

    pointer: str
    sku: str
    product_id: int
    quantity: int
    multiple: int
    lots: tuple[Lot, ...] = ()


class Exposed(Protocol):
    """Position of a dealer."""

    @property
    def limit(self) -> Decimal: ...

    @property
    def balance(self) -> Decimal: ...

    @property
    def open_orders(self) -> Decimal: ...


def credit_faults(credit: Exposed, total: Decimal) -> list[Fault]:
    """A new order that would take the exposure above the limit."""
    if credit.balance + credit.open_orders + total <= credit.limit:
        return []
    message = N_("The order takes the account above its credit limit.")
    return [Fault("", "credit", message, N_("Pay first, or order less."))]


def overdue_faults(overdue: Decimal, grace_days: int) -> list[Fault]:
    """Debt that has been due for more than `grace_days` days."""
    if overdue <= 0:
        return []
    message = N_("Part of the account has been overdue for more than %(days)s days.")
    fix = N_("Pay what is overdue; the statement lists it.")
    return [Fault("", "overdue", message, fix, {"days": grace_days})]


def stop_faults(is_stopped: bool) -> list[Fault]:
    """A dealer on the stop list orders, and waits until headquarters lets the order go."""
    if not is_stopped:
        return []
    message = N_("New orders wait: headquarters has put this account on its stop list.")
    fix = N_("Pay what is overdue, or call finance at headquarters; the order goes on when the stop ends.")
    return [Fault("", "stopped", message, fix)]


def amount_faults(terms: Iterable[Term], total: Decimal) -> list[Fault]:
    """An order that is worth less than agreed."""
    least = max((term.min_amount for term in terms if term.min_amount is not None), default=None)
    if least is None or total >= least:
        return []
    message, fix = N_("An order is worth at least ¥%(least)s."), N_("Add products until it is.")
    return [Fault("", "min_amount", message, fix, {"least": least})]


def quantity_faults(terms: Sequence[Term], lines: Iterable[Wish], today: date) -> list[Fault]:
    """Lines with too few or too many units, beyond a quota, or without lots that last long enough."""
    if not terms:
        return []
    everywhere = [term for term in terms if term.product_id is None]
    faults: list[Fault] = []
    for line in lines:
        own = [term for term in terms if term.product_id == line.product_id]
        for term in own:
            faults.extend(_of_term(line, term))
        faults.extend(_of_shelf_life(line, own or everywhere, today))
    return faults


def _of_term(line: Wish, term: Term) -> Iterator[Fault]:
    pointer, sku = f"{line.pointer}/quantity", line.sku
    if term.min_quantity is not None and line.quantity < term.min_quantity:
        message, fix = N_("At least %(least)s of %(sku)s in an order."), N_("Order %(least)s or more.")
        least = term.min_quantity + -term.min_quantity % line.multiple
        yield Fault(pointer, "min_quantity", message, fix, {"least": least, "sku": sku})
    if term.max_quantity is not None and line.quantity > term.max_quantity:
        most = term.max_quantity - term.max_quantity % line.multiple
        message, fix = N_("At most %(most)s of %(sku)s in an order."), N_("Order %(most)s or less.")
        yield Fault(pointer, "max_quantity", message, fix, {"most": most, "sku": sku})
    if term.quota is not None and (term.ordered or 0) + line.quantity > term.quota:
        left = max(0, term.quota - (term.ordered or 0))
        left -= left % line.multiple
        message = N_("The quota of %(sku)s is %(quota)s in %(days)s days, of which %(ordered)s are ordered.")
        fix = (
            N_("Order at most %(left)s now.") if left else N_("Order it later, or ask your channel manager.")
        )
        params = {"sku": sku, "quota": term.quota, "days": term.quota_days, "ordered": term.ordered or 0}
        yield Fault(pointer, "quota", message, fix, {**params, "left": left})


def _of_shelf_life(line: Wish, terms: Sequence[Term], today: date) -> Iterator[Fault]:
    days = max((term.shelf_life_days for term in terms if term.shelf_life_days is not None), default=None)
    if days is None:
        return
    until = today + timedelta(days=days)
    lasting = sum(lot.units for lot in line.lots if lot.expires_on is None or lot.expires_on >= until)
    if lasting < line.quantity:
        message = N_("Only %(lasting)s of %(sku)s in stock keep for %(days)s days or more.")
        fix = N_("Order %(lasting)s, or agree to a shorter shelf life.")
        params = {"lasting": lasting, "sku": line.sku, "days": days}
        yield Fault(f"{line.pointer}/quantity", "shelf_life", message, fix, params)
