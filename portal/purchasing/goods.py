"""The products and quantities of a list that is kept: understood and known, or refused line by line."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.errors import N_, Fault, Invalid
from portal.orders import rules
from portal.orders.rules import Demand, Wanted
from portal.orders.terms import OrderLimits

_KNOWN = text("SELECT id, sku FROM product WHERE sku = ANY (:skus)")


def known_goods(
    session: Session, wanted: Sequence[Wanted], *, limits: OrderLimits
) -> list[tuple[int, Demand]]:
    """Product ids with what is wanted of them, each product once, in one statement.

    Whether it can be ordered is asked when it is. Raises Invalid with every fault.
    """
    demands, faults = rules.demands(wanted, lines_max=limits.lines_max, quantity_max=limits.quantity_max)
    rows = session.execute(_KNOWN, {"skus": [demand.sku for demand in demands]})
    known: dict[str, int] = {row.sku: row.id for row in rows}
    faults += [_unknown(demand) for demand in demands if demand.sku not in known]
    if faults:
        raise Invalid(faults=faults)
    return [(known[demand.sku], demand) for demand in demands]


def _unknown(demand: Demand) -> Fault:
    message, fix = N_("There is no product %(sku)s."), N_("Check the SKU, or remove the line.")
    return Fault(f"{demand.pointer}/sku", "unknown_sku", message, fix, {"sku": demand.sku[:40]})
