"""Kinds of entries and corrections, and the ways of paying, in words."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.ledger.kinds import Account, CorrectionKind, DocumentKind, EntryKind, Method

ENTRY_KINDS = {
    EntryKind.OPENING: N_("Opening entry"),
    EntryKind.INVOICE: N_("Invoice"),
    EntryKind.CREDIT_NOTE: N_("Credit note"),
    EntryKind.PAYMENT: N_("Payment"),
    EntryKind.REVERSAL: N_("Reversal"),
    EntryKind.REBATE: N_("Rebate"),
    EntryKind.SERVICE: N_("Service invoice"),
    EntryKind.DEPOSIT: N_("Deposit"),
    EntryKind.DEPOSIT_USE: N_("Deposit applied"),
    EntryKind.DEPOSIT_RETURN: N_("Deposit paid back"),
    EntryKind.WRITE_OFF: N_("Write-off"),
    EntryKind.REFUND: N_("Refund"),
    EntryKind.INTEREST: N_("Interest"),
}
ACCOUNTS = {
    Account.RECEIVABLE: N_("Accounts receivable"),
    Account.REVENUE: N_("Revenue"),
    Account.OUTPUT_VAT: N_("Output VAT"),
    Account.BANK: N_("Bank"),
    Account.OPENING_EQUITY: N_("Opening balances"),
    Account.REBATES: N_("Rebates and allowances"),
    Account.CHANNEL_EXPENSE: N_("Channel expenses"),
    Account.DEPOSITS_HELD: N_("Deposits held"),
    Account.BAD_DEBT: N_("Bad debts"),
    Account.INTEREST_INCOME: N_("Interest income"),
}
DOCUMENT_KINDS = {kind: ENTRY_KINDS[EntryKind(kind)] for kind in DocumentKind}
CORRECTION_KINDS = {
    CorrectionKind.REVERSAL: N_("Reversal"),
    CorrectionKind.CREDIT_NOTE: N_("Credit note"),
    CorrectionKind.WRITE_OFF: N_("Write-off"),
    CorrectionKind.REFUND: N_("Refund"),
    CorrectionKind.DEPOSIT_RETURN: N_("Deposit paid back"),
}
METHODS = {
    Method.BANK_TRANSFER: N_("Bank transfer"),
    Method.ACCEPTANCE_BILL: N_("Bank acceptance bill"),
    Method.CHEQUE: N_("Cheque"),
    Method.CASH: N_("Cash"),
}
