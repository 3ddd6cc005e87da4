"""The names that others use of the ledger: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class LedgerRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "hq:finance-read"
    POST = "hq:finance-post"
    APPROVE = "hq:finance-approve"


class LedgerTold(StrEnum):
    """What systems are told of by webhooks, beside invoices and payments."""

    DEPOSIT_RECEIVED = "deposit.received"
    DEPOSIT_USED = "deposit.used"
    DEPOSIT_RETURNED = "deposit.returned"
    DOCUMENT_POSTED = "account_document.posted"
    REVERSED = "document.reversed"


class LedgerAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    INVOICE_POSTED = "invoice:posted"
    CREDIT_NOTE_POSTED = "credit_note:posted"
    SERVICE_INVOICE_POSTED = "service_invoice:posted"
    REBATE_NOTE_POSTED = "rebate_note:posted"
    ADJUSTMENT_POSTED = "adjustment_note:posted"
    PAYMENT_POSTED = "payment:posted"
    OPENING_POSTED = "opening_balance:posted"
    DEPOSIT_RECEIVED = "deposit:received"
    DEPOSIT_USED = "deposit:used"
    DEPOSIT_RETURNED = "deposit:returned"
    WRITE_OFF_POSTED = "write_off:posted"
    REFUND_POSTED = "refund:posted"
    INTEREST_POSTED = "interest:posted"
    ENTRY_REVERSED = "entry:reversed"
    CORRECTION_PROPOSED = "correction:proposed"
    CORRECTION_APPROVED = "correction:approved"
    CORRECTION_REJECTED = "correction:rejected"
