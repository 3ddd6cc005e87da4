"""A statement on screen.

The kinds of its documents in words, and what a page shows of it beside the document.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from portal.statements.document import EntryKind, StatementDocument
from portal.statements.pdf.capitals import in_capitals
from portal.web import language

KINDS = {
    EntryKind.OPENING: _("Opening entry"),
    EntryKind.INVOICE: _("Invoice"),
    EntryKind.CREDIT_NOTE: _("Credit note"),
    EntryKind.PAYMENT: _("Payment"),
    EntryKind.REFUND: _("Refund"),
    EntryKind.REVERSAL: _("Reversal"),
    EntryKind.REBATE: _("Rebate"),
    EntryKind.SERVICE: _("Service invoice"),
    EntryKind.DEPOSIT: _("Deposit"),
    EntryKind.DEPOSIT_USE: _("Deposit applied"),
    EntryKind.DEPOSIT_RETURN: _("Deposit paid back"),
    EntryKind.WRITE_OFF: _("Write-off"),
    EntryKind.INTEREST: _("Interest"),
}


def shown(document: StatementDocument) -> dict[str, Any]:
    """Context of `statements/_document.html`."""
    in_words = document.closing > 0 and document.currency == "CNY" and language.current() == "zh"
    return {
        "document": document,
        "kinds": KINDS,
        "in_capitals": in_capitals(document.closing) if in_words else "",
    }
