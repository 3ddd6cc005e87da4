"""Words for what online payments are made of, English, translated where they are shown."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.ledger.words import METHODS
from portal.payments.rules import METHOD, PostingKind, Stage, Trouble

WAYS = {**{str(method): word for method, word in METHODS.items()}, METHOD: N_("Online (Stripe)")}
STAGES = {
    Stage.STARTING: N_("Begun"),
    Stage.OPEN: N_("Waits to be paid"),
    Stage.FAILED: N_("Failed"),
    Stage.PROCESSING: N_("Under way"),
    Stage.CANCELLED: N_("Cancelled"),
    Stage.SUCCEEDED: N_("Paid"),
}
POSTINGS = {
    PostingKind.PAID: N_("Money received"),
    PostingKind.REFUND: N_("Refund"),
    PostingKind.DISPUTE: N_("Dispute lost"),
}
TROUBLES = {
    Trouble.UNKNOWN_INTENT: N_("No payment of ours"),
    Trouble.WRONG_CURRENCY: N_("Another currency"),
    Trouble.WRONG_AMOUNT: N_("More than was to be paid"),
    Trouble.REVERSED: N_("The payment was reversed"),
    Trouble.REFUSED: N_("The books refused it"),
}
