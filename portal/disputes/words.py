"""Words for what disputes are made of, English, translated where they are shown."""

from __future__ import annotations

from portal.disputes.rules import DisputeKind, EntryKind, Outcome
from portal.kernel.errors import N_

KINDS = {
    DisputeKind.AMOUNT: N_("Wrong amount"),
    DisputeKind.PRICE: N_("Wrong price"),
    DisputeKind.NOT_RECEIVED: N_("Goods not received"),
    DisputeKind.RETURNED: N_("Goods were returned"),
    DisputeKind.PAID: N_("Paid already"),
    DisputeKind.REBATE: N_("Rebate missing or wrong"),
    DisputeKind.DUPLICATE: N_("Booked twice"),
    DisputeKind.MISSING: N_("Missing on the statement"),
    DisputeKind.OTHER: N_("Other reason"),
}
OUTCOMES = {
    Outcome.STANDS: N_("The figure stands"),
    Outcome.REVERSED: N_("The payment is reversed"),
    Outcome.DOCUMENT: N_("Put right by a document"),
    Outcome.ADJUSTED: N_("The price is adjusted"),
}
ENTRIES = {
    EntryKind.OPENED: N_("Disputed"),
    EntryKind.MESSAGE: N_("Message"),
    EntryKind.WITHDRAWN: N_("Taken back"),
    EntryKind.RESOLVED: N_("Resolved"),
}
