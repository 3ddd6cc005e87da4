"""What is said of tax invoices in words."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.tax_invoices.rules import Kind, Refusal, Verdict

KINDS = {
    Kind.ROUNDING: N_("Rounding"),
    Kind.ROUNDING_TOO_MUCH: N_("Rounding beyond the limit of an invoice"),
    Kind.AMOUNT: N_("Amount differs"),
    Kind.TAX: N_("Tax differs"),
    Kind.RATE: N_("Tax rate differs"),
    Kind.QUANTITY: N_("Quantity differs"),
    Kind.MISSING_LINE: N_("Line missing on the tax invoice"),
    Kind.EXTRA_LINE: N_("Line on the tax invoice only"),
    Kind.MERGED: N_("Several lines in one"),
    Kind.SPLIT: N_("One line in several"),
    Kind.RED_WITHOUT_BLUE: N_("Red-letter invoice without the number it takes back"),
    Kind.BLUE_UNKNOWN: N_("The invoice it takes back is not here"),
    Kind.RED_BEYOND_BLUE: N_("More taken back than is left"),
}
VERDICTS = {
    Verdict.AGREE: N_("Agrees"),
    Verdict.WITH_ROUNDING: N_("Agrees but for rounding"),
    Verdict.DIFFER: N_("Differs"),
    Verdict.REFUSED: N_("Not taken in"),
}
REFUSALS = {
    Refusal.NUMBER: (
        N_("The number of the invoice is not one of 20 digits."),
        N_("Download the XML of the invoice from the tax platform once more."),
    ),
    Refusal.WRONG_SELLER: (
        N_("The invoice names another seller."),
        N_("Take in invoices of the company itself only."),
    ),
    Refusal.WRONG_BUYER: (
        N_("The invoice names another buyer than the document."),
        N_("Choose the document of that buyer, or have the invoice corrected."),
    ),
    Refusal.NUMBER_REUSED: (
        N_("This tax invoice is attached to another document."),
        N_("Remove it there if it belongs here."),
    ),
    Refusal.HEAD: (
        N_("The sums of the invoice are not those of its lines."),
        N_("Download the XML of the invoice from the tax platform once more."),
    ),
}
