"""Kinds of entries and corrections, and the ways of paying, in words."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.ledger.rules import CorrectionKind, EntryKind, Method

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
