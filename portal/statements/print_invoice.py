"""Hand out an invoice as PDF: rendered when it is first asked for in a language, and kept from then on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.ledger.issued import issued_invoice
from portal.ledger.vocabulary import LedgerRight
from portal.statements.invoice_pdf import LOCALES, InvoicePaper, render
from portal.statements.vocabulary import StatementAction, StatementRight


@dataclass(frozen=True, slots=True)
class PrintedInvoice:
    """A PDF with the name it is saved under and the hash of its bytes."""

    filename: str
    content: bytes
    sha256: str


def print_invoice(
    session: Session, *, actor: Actor, number: str, locale: str, company: tuple[str, str], at: datetime
) -> PrintedInvoice:
    """The paper in a language, Chinese for one that it is not printed in. company: Chinese, English.

    Every download is written to the audit. Raises NotFound out of scope, Forbidden.
    """
    actor.require(StatementRight.READ, LedgerRight.READ)
    locale = locale if locale in LOCALES else LOCALES[0]
    invoice = issued_invoice(session, number)
    key = {"dealer_id": invoice.dealer_id, "number": number, "locale": locale}
    kept = session.execute(_KEPT, key).one_or_none()
    if kept is not None:
        content, sha256 = kept.content, kept.sha256
    else:
        names = company if locale == "zh" else (company[1], company[0])
        stream = BytesIO()
        render(InvoicePaper(locale, names, invoice, invoice.posted_at), stream)
        content = stream.getvalue()
        sha256 = hashlib.sha256(content).hexdigest()
        session.execute(_KEEP, key | {"content": content, "sha256": sha256, "at": at})
    action, after = StatementAction.INVOICE_DOWNLOADED, {"locale": locale}
    record(session, action, number, actor=actor, dealer_id=invoice.dealer_id, after=after)
    return PrintedInvoice(f"{number}-{locale}.pdf", content, sha256)


_KEPT = text(
    """
    SELECT content, sha256 FROM invoice_pdf
     WHERE dealer_id = :dealer_id AND number = :number AND locale = :locale
    """
)
_KEEP = text(
    """
    INSERT INTO invoice_pdf (dealer_id, number, locale, content, sha256, rendered_at)
    VALUES (:dealer_id, :number, :locale, :content, :sha256, :at) ON CONFLICT DO NOTHING
    """
)
