"""Words for what papers are made of, English, translated where they are shown."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.papers.rules import PaperKind

KINDS = {
    PaperKind.BUSINESS_LICENCE: N_("Business licence"),
    PaperKind.LICENCE: N_("Device licence, class III"),
    PaperKind.FILING: N_("Device filing, class II"),
    PaperKind.RENEWAL_RECEIPT: N_("Receipt of a renewal application"),
    PaperKind.QUALITY_AGREEMENT: N_("Quality agreement"),
    PaperKind.PURCHASER_LETTER: N_("Authorisation of the purchaser"),
    PaperKind.OTHER: N_("Another paper"),
}
AUTHORISATION = "authorisation"
EXPIRING_KINDS = {
    **{str(one): label for one, label in KINDS.items()},
    AUTHORISATION: N_("Sales authorisation"),
}
