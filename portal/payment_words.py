"""The ways of paying, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from portal.ledger.rules import Method

METHODS = {
    Method.BANK_TRANSFER: _("Bank transfer"),
    Method.ACCEPTANCE_BILL: _("Bank acceptance bill"),
    Method.CHEQUE: _("Cheque"),
    Method.CASH: _("Cash"),
}
