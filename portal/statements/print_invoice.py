"""Hand out an invoice, or a note that adjusts one, as PDF.

It is rendered when it is first asked for in a language, and kept from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.paper.kept import KeptPaper, handed_out, printed_in
from portal.ledger.adjustments import adjustment
from portal.ledger.issued import issued_invoice
from portal.ledger.vocabulary import LedgerRight
from portal.statements import adjustment_pdf
from portal.statements.adjustment_pdf import AdjustmentPaper
from portal.statements.invoice_pdf import InvoicePaper, render
from portal.statements.vocabulary import StatementAction, StatementRight


def print_invoice(
    session: Session, *, actor: Actor, number: str, locale: str, company: tuple[str, str], at: datetime
) -> KeptPaper:
    """The paper in a language, Chinese for one that it is not printed in. company: Chinese, English.

    Every download is written to the audit. Raises NotFound out of scope, Forbidden.
    """
    actor.require(StatementRight.READ, LedgerRight.READ)
    locale = printed_in(locale)
    invoice = issued_invoice(session, number)
    names = company if locale == "zh" else (company[1], company[0])
    key = {"dealer_id": invoice.dealer_id, "number": number, "locale": locale}
    drawn = partial(render, InvoicePaper(locale, names, invoice, invoice.posted_at))
    printed = _kept(session, key, drawn, at)
    action, after = StatementAction.INVOICE_DOWNLOADED, {"locale": locale}
    record(session, action, number, actor=actor, dealer_id=invoice.dealer_id, after=after)
    return printed


def print_adjustment(
    session: Session, *, actor: Actor, number: str, locale: str, company: tuple[str, str], at: datetime
) -> KeptPaper:
    """As `print_invoice`, of a note that adjusts one."""
    actor.require(StatementRight.READ, LedgerRight.READ)
    locale = printed_in(locale)
    note = adjustment(session, number)
    names = company if locale == "zh" else (company[1], company[0])
    key = {"dealer_id": note.dealer_id, "number": number, "locale": locale}
    drawn = partial(adjustment_pdf.render, AdjustmentPaper(locale, names, note, note.posted_at))
    printed = _kept(session, key, drawn, at)
    action, after = StatementAction.ADJUSTMENT_DOWNLOADED, {"locale": locale}
    record(session, action, number, actor=actor, dealer_id=note.dealer_id, after=after)
    return printed


def _kept(
    session: Session, key: dict[str, Any], render_it: Callable[[BinaryIO], None], at: datetime
) -> KeptPaper:
    filename = f"{key['number']}-{key['locale']}.pdf"
    about: dict[str, Any] = {"key": key, "filename": filename, "render": render_it, "at": at}
    return handed_out(session, found=_KEPT, keep=_KEEP, **about)


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
