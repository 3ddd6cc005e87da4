"""The names that others use of the ledger: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class LedgerRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "hq:finance-read"
    POST = "hq:finance-post"
    APPROVE = "hq:finance-approve"


class LedgerAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    INVOICE_POSTED = "invoice:posted"
    CREDIT_NOTE_POSTED = "credit_note:posted"
    SERVICE_INVOICE_POSTED = "service_invoice:posted"
    REBATE_NOTE_POSTED = "rebate_note:posted"
    ADJUSTMENT_POSTED = "adjustment_note:posted"
    PAYMENT_POSTED = "payment:posted"
    ENTRY_REVERSED = "entry:reversed"
    CORRECTION_PROPOSED = "correction:proposed"
    CORRECTION_APPROVED = "correction:approved"
    CORRECTION_REJECTED = "correction:rejected"
