"""The kinds of documents on a statement, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from portal.statements.document import EntryKind

KINDS = {
    EntryKind.OPENING: _("Opening entry"),
    EntryKind.INVOICE: _("Invoice"),
    EntryKind.CREDIT_NOTE: _("Credit note"),
    EntryKind.PAYMENT: _("Payment"),
    EntryKind.REFUND: _("Refund"),
    EntryKind.REVERSAL: _("Reversal"),
    EntryKind.REBATE: _("Rebate"),
}
