"""The words of the books: accounts, kinds of entries, documents and corrections, states. Pure."""

from __future__ import annotations

from enum import StrEnum


class Account(StrEnum):
    """Accounts of the journal."""

    RECEIVABLE = "receivable"
    REVENUE = "revenue"
    OUTPUT_VAT = "output_vat"
    BANK = "bank"
    OPENING_EQUITY = "opening_equity"
    REBATES = "rebates"
    CHANNEL_EXPENSE = "channel_expense"
    DEPOSITS_HELD = "deposits_held"
    BAD_DEBT = "bad_debt"
    INTEREST_INCOME = "interest_income"


class PeriodState(StrEnum):
    """Whether a month of the books takes entries."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class InvoiceKind(StrEnum):
    """A bill, or one that takes back (红字)."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class EntryKind(StrEnum):
    """What a journal entry records."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    OPENING = "opening"
    REVERSAL = "reversal"
    REBATE = "rebate"
    SERVICE = "service"
    DEPOSIT = "deposit"
    DEPOSIT_USE = "deposit_use"
    DEPOSIT_RETURN = "deposit_return"
    WRITE_OFF = "write_off"
    REFUND = "refund"
    INTEREST = "interest"


class DocumentKind(StrEnum):
    """What a document of the account is that is neither bill nor payment; its entry is of the same kind."""

    OPENING = "opening"
    DEPOSIT = "deposit"
    DEPOSIT_USE = "deposit_use"
    DEPOSIT_RETURN = "deposit_return"
    WRITE_OFF = "write_off"
    REFUND = "refund"
    INTEREST = "interest"


class NoteTreatment(StrEnum):
    """What a rebate note is for tax: a reduction of prices that were invoiced (a red-letter credit note), or
    the payment of a service that the dealer invoices to us.
    """

    PRICE_REDUCTION = "price_reduction"
    SERVICE = "service"


class Method(StrEnum):
    """Ways of paying that the pages offer, as the books name them in every language.

    A program may name others.
    """

    BANK_TRANSFER = "bank transfer"
    ACCEPTANCE_BILL = "acceptance bill"
    CHEQUE = "cheque"
    CASH = "cash"


class CorrectionKind(StrEnum):
    """What a second person may have to agree to: a document put right, a debt given up, money paid out."""

    REVERSAL = "reversal"
    CREDIT_NOTE = "credit_note"
    WRITE_OFF = "write_off"
    REFUND = "refund"
    DEPOSIT_RETURN = "deposit_return"


class CorrectionState(StrEnum):
    """Where the request for a correction stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


class Doubt(StrEnum):
    """What about a payment has to be confirmed before it is booked."""

    DUPLICATE = "duplicate_reference"
    AMOUNT = "unusual_amount"
