"""The kinds of entries and corrections, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from portal.ledger.rules import CorrectionKind, EntryKind

ENTRY_KINDS = {
    EntryKind.OPENING: _("Opening entry"),
    EntryKind.INVOICE: _("Invoice"),
    EntryKind.CREDIT_NOTE: _("Credit note"),
    EntryKind.PAYMENT: _("Payment"),
    EntryKind.REVERSAL: _("Reversal"),
}
CORRECTION_KINDS = {
    CorrectionKind.REVERSAL: _("Reversal of a payment"),
    CorrectionKind.CREDIT_NOTE: _("Credit note"),
}
