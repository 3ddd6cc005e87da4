"""What pages, letters and paper call the kinds of cases, their outcomes, and the ways of signing."""

from __future__ import annotations

from portal.deliveries.rules import CaseKind, Outcome, Way
from portal.kernel.errors import N_

KIND_LABELS = {
    CaseKind.SHORT: N_("Short delivery"),
    CaseKind.DAMAGED: N_("Damaged goods"),
    CaseKind.WRONG_LOT: N_("Wrong lot"),
    CaseKind.EXCESS: N_("Excess delivery"),
}
OUTCOME_LABELS = {
    Outcome.CREDIT: N_("Credited"),
    Outcome.RESEND: N_("Sent again"),
    Outcome.NOTHING: N_("Nothing further"),
}
WAY_LABELS = {
    Way.LINK: N_("By link at the door"),
    Way.PORTAL: N_("In the portal"),
    Way.API: N_("By a program"),
}
