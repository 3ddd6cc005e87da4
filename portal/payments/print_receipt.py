"""Hand out the receipt of a payment, however it was paid: by bank, by Stripe, or booked by hand."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.kernel.paper.kept import KeptPaper, handed_out, printed_in
from portal.ledger import documents
from portal.ledger.vocabulary import LedgerRight
from portal.payments.receipt_pdf import ReceiptPaper, Settled, render
from portal.payments.vocabulary import PaymentAction
from portal.statements.vocabulary import StatementRight


def print_receipt(
    session: Session,
    *,
    actor: Actor,
    number: str,
    locale: str,
    company: tuple[str, str],
    currency: str,
    at: datetime,
) -> KeptPaper:
    """The paper in a language, Chinese for one that it is not printed in. company: Chinese, English.

    Every download is written to the audit. Raises Conflict for a payment that was reversed, NotFound out of
    scope, Forbidden.
    """
    actor.require(StatementRight.READ, LedgerRight.READ)
    locale, payment = printed_in(locale), documents.payment(session, number)
    if payment.reversed_at is not None:
        message = N_("This payment was reversed; there is no receipt of it.")
        raise Conflict("payment_reversed", message)
    key = {"dealer_id": payment.dealer_id, "number": number, "locale": locale}
    settled = [
        Settled(row.document_no, row.kind, row.amount)
        for row in session.execute(_SETTLED, {"dealer_id": payment.dealer_id, "entry_id": payment.entry_id})
    ]
    names = company if locale == "zh" else (company[1], company[0])
    paper = handed_out(
        session,
        found=_KEPT,
        keep=_KEEP,
        key=key,
        filename=f"{number}-{locale}.pdf",
        render=partial(render, ReceiptPaper(locale, names, currency, payment, settled, payment.posted_at)),
        at=at,
    )
    action, after = PaymentAction.RECEIPT_DOWNLOADED, {"locale": locale}
    record(session, action, number, actor=actor, dealer_id=payment.dealer_id, after=after)
    return paper


_SETTLED = text(
    """
    SELECT d.document_no, d.kind, a.amount
      FROM allocation a JOIN journal_entry d ON (d.dealer_id, d.id) = (a.dealer_id, a.debit_id)
     WHERE a.dealer_id = :dealer_id AND a.credit_id = :entry_id AND a.posted_with_id = :entry_id
     ORDER BY a.id
    """
)
_KEPT = text(
    """
    SELECT content, sha256 FROM receipt_pdf
     WHERE dealer_id = :dealer_id AND number = :number AND locale = :locale
    """
)
_KEEP = text(
    """
    INSERT INTO receipt_pdf (dealer_id, number, locale, content, sha256, rendered_at)
    VALUES (:dealer_id, :number, :locale, :content, :sha256, :at) ON CONFLICT DO NOTHING
    """
)
