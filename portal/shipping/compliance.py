"""The proof that an order may leave, asked when it is picked and again when it is shipped."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy.orm import Session

from portal.kernel.errors import Fault
from portal.orders.compliance_rules import Regulated, compliance, proof
from portal.orders.context import read_context


class RegulatedLine(Regulated, Protocol):
    """An order line with what the law wants to know of its product."""

    @property
    def line_no(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Proven:
    """What is against sending lines, and what entitles the dealer to each, by line number."""

    faults: list[Fault]
    proofs: dict[str, dict[str, Any]]


def prove(
    session: Session,
    *,
    dealer_id: int,
    ship_to: Mapping[str, Any],
    hospital: str,
    lines: Collection[RegulatedLine],
    on: date,
    made_in_time: Collection[str],
) -> Proven:
    """Judge the sending of these lines of a dealer's order on a day.

    Pointers: ``/lines/<number>``. made_in_time: SKUs all of whose lots were made while the registration ran.

    The dealer is read afresh: a licence that was in force when the order was placed may have ended since.
    """
    permissions = read_context(
        session, dealer_id=dealer_id, ship_to=ship_to.get("code"), hospital=hospital
    ).permissions
    regulated = [(f"/lines/{line.line_no}", line) for line in lines]
    return Proven(
        compliance(permissions, regulated, on, made_in_time),
        {
            str(line.line_no): proof(permissions, line, on, made_in_time=line.sku in made_in_time).as_json()
            for line in lines
        },
    )
