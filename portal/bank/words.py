"""Words of the bank that are no statuses: parts of a table, reasons, what was done."""

from __future__ import annotations

from portal.bank.books_rules import MatchKind, Reason
from portal.bank.column_rules import Part
from portal.bank.rules import FileFormat, LeftOut
from portal.kernel.errors import N_

PARTS = {
    Part.DAY: N_("Day of the booking"),
    Part.VALUE_DAY: N_("Value date"),
    Part.MONEY_IN: N_("Money in"),
    Part.MONEY_OUT: N_("Money out"),
    Part.AMOUNT: N_("Amount with its sign"),
    Part.DIRECTION: N_("In or out"),
    Part.BALANCE: N_("Balance"),
    Part.CURRENCY: N_("Currency"),
    Part.ACCOUNT: N_("Own account"),
    Part.PARTY: N_("Other party"),
    Part.PARTY_ACCOUNT: N_("Its account"),
    Part.PAYER: N_("Payer"),
    Part.PAYER_ACCOUNT: N_("Account of the payer"),
    Part.PAYEE: N_("Payee"),
    Part.PAYEE_ACCOUNT: N_("Account of the payee"),
    Part.TEXT: N_("Remittance text"),
    Part.REFERENCE: N_("Bank reference"),
    Part.BANK_REFERENCE: N_("Number at the bank"),
    Part.STATE: N_("Status at the bank"),
}

REASONS = {
    Reason.REFERENCE: N_("The dealer's reference"),
    Reason.INVOICE_NUMBERS: N_("Invoice numbers in the text"),
    Reason.NAME_AND_AMOUNT: N_("Name and amount"),
    Reason.ACCOUNT_AND_AMOUNT: N_("Known account and amount"),
    Reason.TOGETHER: N_("Pays an invoice together with other bookings"),
    Reason.NAME: N_("Name alone"),
    Reason.ACCOUNT: N_("Known account alone"),
    Reason.AMOUNT: N_("Amount alone"),
    Reason.BOOKED: N_("Was booked by hand already"),
    Reason.REVERSAL: N_("Takes this payment back"),
    Reason.BY_HAND: N_("Chosen by hand"),
}

MATCH_KINDS = {
    MatchKind.POSTED: N_("Posted to the books"),
    MatchKind.LINKED: N_("Found in the books"),
    MatchKind.REVERSED: N_("Payment reversed"),
}

FORMATS = {
    FileFormat.CAMT: N_("camt.053"),
    FileFormat.MT940: N_("MT940"),
    FileFormat.TABLE: N_("Spreadsheet or CSV"),
}

LEFT_OUT = {
    LeftOut.NEUTRAL: N_("Neither money in nor money out"),
    LeftOut.CLOSED: N_("Closed: no money moved"),
    LeftOut.ZERO: N_("An amount of zero"),
    LeftOut.PENDING: N_("Not booked yet"),
}
