"""The proof that an order may leave, asked when it is picked and again when it is shipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Protocol

from sqlalchemy.orm import Session

from portal.kernel.errors import Fault
from portal.orders.compliance_rules import Regulated, compliance
from portal.orders.context import read_context


class RegulatedLine(Regulated, Protocol):
    """An order line with what the law wants to know of its product."""

    @property
    def line_no(self) -> int: ...


def compliance_faults(
    session: Session, *, dealer_id: int, ship_to: Mapping[str, Any], lines: Iterable[RegulatedLine], on: date
) -> list[Fault]:
    """What the law or the contract has against sending these lines of a dealer's order on a day.

    Pointers: ``/lines/<number>``.

    The dealer is read afresh: a licence that was in force when the order was placed may have ended since.
    """
    permissions = read_context(session, dealer_id=dealer_id, ship_to=ship_to.get("code")).permissions
    return compliance(permissions, [(f"/lines/{line.line_no}", line) for line in lines], on)
