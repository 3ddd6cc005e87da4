"""Bill work and parts of a service: one invoice for what it is for, its tax split by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import lock_account
from portal.kernel import money, numbering, outbox
from portal.kernel.actor import Actor
from portal.kernel.money import ZERO
from portal.ledger import rules
from portal.ledger.journal import Entry, post
from portal.ledger.rules import EntryKind
from portal.ledger.service_models import ServiceInvoice, ServiceInvoiceLine
from portal.ledger.vocabulary import LedgerAction

_TERMS = text("SELECT payment_terms_days FROM dealer WHERE id = :dealer_id")


class ServiceLine(Protocol):
    """What is charged for a piece of the work, VAT included; the tax within is rounded for the line."""

    @property
    def text(self) -> str: ...

    @property
    def product_id(self) -> int | None: ...

    @property
    def quantity(self) -> Decimal: ...

    @property
    def unit_price(self) -> Decimal: ...

    @property
    def amount(self) -> Decimal: ...

    @property
    def tax_rate(self) -> Decimal: ...

    @property
    def tax(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class PostedService:
    """An invoice in the books, VAT-inclusive `gross`."""

    number: str
    gross: Decimal
    tax: Decimal
    due_on: date


def post_service_invoice(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    source: str,
    reference: str,
    lines: Sequence[ServiceLine],
    on: date,
    at: datetime,
) -> PostedService:
    """Invoice what was done on business date `on`, and add it to the balance.

    Part of a verb that has decided it; `source` is what it is for, and is billed once: the database refuses
    (``service_billed``) a second time. Raises ValueError for lines that cost nothing, NotFound out of scope.
    """
    gross = sum((line.amount for line in lines), ZERO)
    tax = sum((line.tax for line in lines), ZERO)
    if gross <= 0:
        raise ValueError(f"an invoice for {source} over nothing")
    lock_account(session, dealer_id)
    terms_days = session.execute(_TERMS, {"dealer_id": dealer_id}).scalar_one()
    number, due_on = numbering.new_number("SI", on), rules.due_date(on, terms_days)
    head = {
        "dealer_id": dealer_id,
        "number": number,
        "source": source,
        "reference": reference,
        "issued_on": on,
        "due_on": due_on,
        "net": gross - tax,
        "tax": tax,
        "gross": gross,
    }
    _write(session, head, lines)
    posting = rules.invoice_entry(gross - tax, tax)
    entry = Entry(dealer_id, EntryKind.SERVICE, number, on, posting, reference=reference, due_on=due_on)
    posted = post(session, entry, actor=actor, at=at)
    after = {"source": source, "gross": money.as_text(gross), "due_on": str(due_on), "period": posted.period}
    audit.record(
        session, LedgerAction.SERVICE_INVOICE_POSTED, number, actor=actor, dealer_id=dealer_id, after=after
    )
    told = {"number": number, "kind": str(EntryKind.SERVICE), "service_request": reference}
    outbox.add(session, "invoice.issued", dealer_id=dealer_id, **told)
    return PostedService(number, gross, tax, due_on)


def _write(session: Session, head: dict[str, object], lines: Sequence[ServiceLine]) -> None:
    made = insert(ServiceInvoice).values(head).returning(ServiceInvoice.id)
    invoice_id = session.execute(made).scalar_one()
    rows = [
        {
            "dealer_id": head["dealer_id"],
            "invoice_id": invoice_id,
            "line_no": line_no,
            "text": line.text,
            "product_id": line.product_id,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "amount": line.amount,
            "tax_rate": line.tax_rate,
            "tax": line.tax,
        }
        for line_no, line in enumerate(lines, start=1)
    ]
    session.execute(insert(ServiceInvoiceLine), rows)
