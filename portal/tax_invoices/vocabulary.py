"""The names that others use of tax invoices: acts of the audit and events."""

from __future__ import annotations

from enum import StrEnum


class TaxInvoiceAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    TAKEN = "tax_invoice:taken"
    ACCEPTED = "tax_invoice:accepted"
    REMOVED = "tax_invoice:removed"
    LIMITS_SET = "tax_invoice_limit:set"
    RED_FORM_NOTED = "red_form:noted"
    RED_FORM_MOVED = "red_form:moved"


ISSUED = "tax_invoice.issued"
