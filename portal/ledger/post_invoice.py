"""Bill what a shipment took along: one invoice a shipment, its tax split by line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import money, numbering, outbox
from portal.kernel.actor import Actor
from portal.ledger import rules
from portal.ledger.billing import Bill, Draft, billed_lines, post_document
from portal.ledger.rules import EntryKind
from portal.ledger.vocabulary import LedgerAction, LedgerRight
from portal.shipping.vocabulary import ShippingRight

_TERMS = text("SELECT payment_terms_days FROM dealer WHERE id = :dealer_id")


class BilledOrder(Protocol):
    """The order a shipment belongs to."""

    @property
    def dealer_id(self) -> int: ...

    @property
    def id(self) -> int: ...

    @property
    def number(self) -> str: ...


class BilledShipment(Protocol):
    """The shipment that is billed."""

    @property
    def id(self) -> int: ...


def post_invoice(
    session: Session,
    *,
    actor: Actor,
    order: BilledOrder,
    shipment: BilledShipment,
    lines: Mapping[int, int],
    on: date,
    at: datetime,
) -> Bill:
    """Invoice the units shipped now on business date `on`, and add them to the balance.

    lines: order line → units.

    Part of shipping: the caller has the dealer's account locked, and takes the amount off the open orders
    itself. Raises ValueError when more would be billed than ordered.
    """
    actor.require(ShippingRight.SHIP, LedgerRight.POST)
    billed = billed_lines(session, order.dealer_id, order.id)
    parts = {no: billed[no].next(units) for no, units in lines.items()}
    terms_days = session.execute(_TERMS, {"dealer_id": order.dealer_id}).scalar_one()
    draft = Draft(
        EntryKind.INVOICE,
        numbering.new_number("IN", on),
        order.id,
        order.number,
        shipment.id,
        issued_on=on,
        due_on=rules.due_date(on, terms_days),
        parts=parts,
    )
    bill = post_document(session, draft, billed, actor=actor, dealer_id=order.dealer_id, at=at)
    after = {
        "order": order.number,
        "gross": money.as_text(bill.gross),
        "due_on": str(bill.due_on),
        "period": bill.period,
    }
    audit.record(
        session, LedgerAction.INVOICE_POSTED, bill.number, actor=actor, dealer_id=order.dealer_id, after=after
    )
    told = {"number": bill.number, "kind": str(EntryKind.INVOICE), "order": order.number}
    outbox.add(session, "invoice.issued", dealer_id=order.dealer_id, **told)
    return bill
