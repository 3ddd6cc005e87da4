"""Words for what returns are made of, English, translated where they are shown."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.returns.rules import Disposition, Evidence, Remedy, ReturnReason

REASONS = {
    ReturnReason.DAMAGED: N_("Damaged"),
    ReturnReason.DEFECTIVE: N_("Defective"),
    ReturnReason.WRONG_ITEM: N_("Wrong item delivered"),
    ReturnReason.SHORT_DATED: N_("Short-dated"),
    ReturnReason.SURPLUS: N_("Surplus"),
    ReturnReason.RECALL: N_("Recall"),
    ReturnReason.OTHER: N_("Other reason"),
}
REMEDIES = {
    Remedy.CREDIT: N_("Refund"),
    Remedy.EXCHANGE: N_("Exchange for the same product"),
}
EVIDENCE = {
    Evidence.NOT_NEEDED: N_("Not needed"),
    Evidence.SOUND: N_("Within the range since the sale"),
    Evidence.DOUBTFUL: N_("In doubt: quality decides"),
    Evidence.ACCEPTED: N_("Accepted by quality"),
}
DISPOSITIONS = {
    Disposition.SALEABLE: N_("Saleable"),
    Disposition.QUARANTINE: N_("Quarantine"),
    Disposition.SCRAP: N_("To be destroyed"),
    Disposition.REFUSED: N_("Refused, goes back to the dealer"),
}
