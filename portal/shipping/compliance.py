"""The proof that an order may leave, asked when it is picked and again when it is shipped."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy.orm import Session

from portal.errors import Fault
from portal.orders import rules, standing
from portal.orders.locking import LockedOrder


def compliance_faults(session: Session, order: LockedOrder, *, line_nos: Collection[int], on: date) -> list[Fault]:
    """What the law or the contract has against sending these lines on a day. Pointers are ``/lines/<line number>``.

    The standing is read afresh: a licence that was in force when the order was placed may have ended since.
    """
    permissions = standing.look(session, dealer_id=order.dealer_id, ship_to=order.ship_to.get("code")).permissions
    products = [(f"/lines/{line.line_no}", line) for line in order.lines if line.line_no in line_nos]
    return rules.compliance(permissions, products, on)
