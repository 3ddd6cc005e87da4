"""Acts on the ledger, each in a transaction of its own, and what the tables then say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from portal.kernel.db import Database, transaction
from portal.ledger.billing import Bill
from portal.ledger.journal import Posted
from portal.ledger.post_credit_note import Returned, post_credit_note
from portal.ledger.record_payment import record_payment
from portal.ledger.reverse_entry import reverse_entry
from portal.ledger.rules import Caution
from portal.shipping.ship import Shipped
from tests import cast
from tests.builders import Given
from tests.roles import Dealer, Person, Product, System
from tests.shipping.acts import picked, shipped

CAUTION = Caution(
    payment_max=Decimal("5000000.00"), advance_max=Decimal("200000.00"), paid_back_max=Decimal("10000.00")
)


def delivered(
    given: Given,
    database: Database,
    lines: Mapping[Product, int],
    *,
    to: Dealer = cast.huadong,
    on: date = cast.TODAY,
) -> Shipped:
    """Ordered, picked and shipped on a day."""
    order = given.an_order(lines, by=to.buyer)
    parcel = picked(database, order.number, today=on)
    return shipped(database, parcel.shipment_number, today=on)


def paid(
    database: Database,
    amount: str,
    *,
    dealer: Dealer = cast.huadong,
    on: date = cast.TODAY,
    by: Person | System = cast.hq_finance,
    **how: Any,
) -> Posted:
    """Money received by bank transfer."""
    usual = {
        "method": "bank transfer",
        "today": cast.TODAY,
        "at": cast.NOW,
        "reference": "",
        "caution": CAUTION,
    }
    with transaction(database.session_for(by.actor())) as session:
        return record_payment(
            session,
            actor=by.actor(),
            dealer_id=dealer.id,
            amount=Decimal(amount),
            received_on=on,
            **usual | how,
        )


def returned(
    database: Database,
    invoice_number: str,
    *lines: Returned,
    by: Person | System = cast.hq_finance,
    reason: str = "damaged",
    on: date = cast.TODAY,
) -> Bill:
    """Goods that came back."""
    with transaction(database.session_for(by.actor())) as session:
        return post_credit_note(
            session,
            actor=by.actor(),
            invoice_number=invoice_number,
            lines=lines,
            reason=reason,
            on=on,
            at=cast.NOW,
        )


def reversed_(
    database: Database,
    document_no: str,
    *,
    dealer: Dealer = cast.huadong,
    by: Person | System = cast.hq_finance,
    reason: str = "booked twice",
    on: date = cast.TODAY,
) -> Posted:
    """A posting undone."""
    with transaction(database.session_for(by.actor())) as session:
        return reverse_entry(
            session,
            actor=by.actor(),
            dealer_id=dealer.id,
            document_no=document_no,
            reason=reason,
            today=on,
            at=cast.NOW,
        )


def no_books_yet(owner: Connection) -> None:
    """No month has been opened: the first posting opens its own."""
    owner.execute(text("DELETE FROM accounting_period"))


def shut(owner: Connection, period: str, state: str = "closed") -> None:
    """A month is closed without statements."""
    owner.execute(
        text(
            "INSERT INTO accounting_period (period, state) VALUES (:p, :s) ON CONFLICT (period) DO UPDATE"
            " SET state = :s"
        ),
        {"p": period, "s": state},
    )


def journal(owner: Connection, document_no: str) -> dict[str, Decimal]:
    """Amount by account of the entry of a document."""
    rows = owner.execute(
        text(
            "SELECT l.account, l.amount FROM journal_line l"
            " JOIN journal_entry e ON (e.dealer_id, e.id) = (l.dealer_id, l.entry_id)"
            " WHERE e.document_no = :n AND e.reverses_id IS NULL"
        ),
        {"n": document_no},
    )
    return {row.account: row.amount for row in rows}


def entry(owner: Connection, document_no: str, kind: str | None = None) -> Any:
    """The journal entry of a document."""
    query = "SELECT * FROM journal_entry WHERE document_no = :n AND (CAST(:k AS text) IS NULL OR kind = :k)"
    return owner.execute(text(query), {"n": document_no, "k": kind}).one()


def balance(owner: Connection, dealer: Dealer = cast.huadong) -> Decimal:
    """What the dealer owes."""
    return owner.execute(
        text("SELECT balance FROM dealer_account WHERE dealer_id = :d"), {"d": dealer.id}
    ).scalar_one()
