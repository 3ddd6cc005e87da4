"""What the classes of differences, their answers and the columns of ledgers are called."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.own_ledgers.difference_rules import Kind
from portal.own_ledgers.layout_rules import Books, Field
from portal.own_ledgers.rules import Side, Verdict

KINDS: dict[Kind, str] = {
    Kind.MISSING_HERE: N_("Not in our books"),
    Kind.MISSING_THERE: N_("Not in the dealer's books"),
    Kind.AMOUNT: N_("Different amount"),
    Kind.DATE: N_("Different date or month"),
    Kind.DUPLICATE: N_("Booked twice"),
    Kind.SIGN: N_("On the wrong side"),
    Kind.TAX: N_("With and without tax"),
    Kind.ROUNDING: N_("Rounded"),
    Kind.TRANSPOSED: N_("Digits swapped"),
    Kind.REFERENCE: N_("Wrong document number"),
}
ADVICE: dict[Kind, str] = {
    Kind.MISSING_HERE: N_("The dealer's books have a document that ours do not: send a copy of it."),
    Kind.MISSING_THERE: N_(
        "Our books have a document that the dealer's do not: it may not have arrived yet."
    ),
    Kind.AMOUNT: N_("Both have the document, with different amounts: compare the paper."),
    Kind.DATE: N_("Both have it, in different months: it evens out with the next month."),
    Kind.DUPLICATE: N_("One of the books has it twice: one of the two is to be reversed."),
    Kind.SIGN: N_("Debit and credit are exchanged: the amount counts twice in the difference."),
    Kind.TAX: N_("One amount is with VAT and the other without, or with another rate."),
    Kind.ROUNDING: N_("A few fen from rounding."),
    Kind.TRANSPOSED: N_("Two neighbouring digits of the amount changed places when it was typed."),
    Kind.REFERENCE: N_("Amount and day agree, the number was typed wrongly: the balance is right."),
}
FIELDS: dict[Field, str] = {
    Field.DAY: N_("Day"),
    Field.YEAR: N_("Year"),
    Field.MONTH: N_("Month"),
    Field.DAY_OF_MONTH: N_("Day of the month"),
    Field.DOCUMENT: N_("Document number"),
    Field.SUMMARY: N_("Summary"),
    Field.DEBIT: N_("Debit"),
    Field.CREDIT: N_("Credit"),
    Field.AMOUNT: N_("Amount (one column for both sides)"),
    Field.SIDE: N_("Side of the amount"),
    Field.BALANCE: N_("Balance"),
    Field.BALANCE_SIDE: N_("Side of the balance"),
}
BOOKS: dict[Books, str] = {
    Books.THEIRS: N_("The dealer's books: our invoices are credits"),
    Books.OURS: N_("From our side: our invoices are debits"),
}
SIDES: dict[Side, str] = {
    Side.DEALER: N_("Dealer"),
    Side.HEADQUARTERS: N_("Headquarters"),
}
VERDICTS: dict[Verdict, str] = {
    Verdict.ACCEPTED: N_("Accepted"),
    Verdict.DISPUTED: N_("Disputed"),
    Verdict.NOTE: N_("Remark"),
}
