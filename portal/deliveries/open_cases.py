"""Differences of a delivery become cases, one of each kind. Part of signing: asks for no right of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.deliveries.rules import CaseKind, Difference
from portal.deliveries.vocabulary import DeliveryAction
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.numbering import new_number

PREFIX = "DC"
OPENED = "delivery_case.opened"


def open_cases(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    shipment_id: int,
    shipment_number: str,
    found: Sequence[Difference],
    today: date,
    at: datetime,
) -> tuple[str, ...]:
    """A case for each kind of difference, and one letter about all of them. Their numbers."""
    numbers = []
    for kind in sorted(CaseKind):
        lines = [one for one in found if one.kind is kind]
        if lines:
            numbers.append(new_number(PREFIX, today))
            case = {"dealer_id": dealer_id, "shipment_id": shipment_id, "number": numbers[-1], "at": at}
            columns = {
                "products": [one.lot.product_id for one in lines],
                "lots": [one.lot.lot_no for one in lines],
                "came": [one.came_lot for one in lines],
                "quantities": [one.quantity for one in lines],
            }
            session.execute(_OPEN, {**case, "kind": str(kind), **columns})
            audit.record(
                session,
                DeliveryAction.CASE_OPENED,
                numbers[-1],
                actor=actor,
                dealer_id=dealer_id,
                after={
                    "shipment": shipment_number,
                    "kind": str(kind),
                    "units": sum(one.quantity for one in lines),
                },
            )
    if numbers:
        outbox.add(session, OPENED, dealer_id=dealer_id, shipment=shipment_number, numbers=numbers)
    return tuple(numbers)


_OPEN = text(
    """
    WITH opened AS (
      INSERT INTO delivery_case (dealer_id, number, shipment_id, kind, opened_at)
      VALUES (:dealer_id, :number, :shipment_id, :kind, :at) RETURNING dealer_id, id
    )
    INSERT INTO delivery_case_line (dealer_id, case_id, product_id, lot_no, came_lot, quantity)
    SELECT o.dealer_id, o.id, l.*
      FROM opened o,
           unnest(CAST(:products AS bigint[]), CAST(:lots AS text[]), CAST(:came AS text[]),
                  CAST(:quantities AS integer[])) AS l
    """
)
