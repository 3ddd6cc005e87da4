"""Words for what claims are made of, English, translated where they are shown."""

from __future__ import annotations

from portal.claims.rules import Approver, ClaimKind, Decision, Doubt, StepAct, Treatment
from portal.kernel.errors import N_

KINDS = {
    ClaimKind.PERIOD: N_("Rebate of a period"),
    ClaimKind.PROMOTION: N_("Promotion expenses"),
    ClaimKind.MARKETING: N_("Marketing expenses"),
    ClaimKind.PRICE_PROTECTION: N_("Price protection"),
    ClaimKind.SAMPLES: N_("Samples"),
    ClaimKind.TENDER: N_("Tender support"),
}
TREATMENTS = {
    Treatment.PRICE_REDUCTION: N_("Price reduction"),
    Treatment.SERVICE: N_("Service of the dealer"),
}
APPROVERS = {
    Approver.CHANNEL_MANAGER: N_("Channel manager of the region"),
    Approver.HQ_FINANCE: N_("Finance of headquarters"),
}
DECISIONS = {
    Decision.APPROVE: N_("Approve"),
    Decision.REJECT: N_("Reject"),
    Decision.RETURN: N_("Send back"),
}
STEP_ACTS = {
    StepAct.SUBMITTED: N_("Submitted"),
    StepAct.APPROVED: N_("Signed"),
    StepAct.RETURNED: N_("Sent back"),
    StepAct.REJECTED: N_("Rejected"),
    StepAct.WITHDRAWN: N_("Withdrawn"),
    StepAct.PAID: N_("Paid"),
}
DOUBTS = {
    Doubt.ABOVE_CALCULATED: N_("More is asked than was calculated."),
    Doubt.NO_EVIDENCE: N_("There is no file of evidence."),
    Doubt.EVIDENCE_OUTSIDE: N_("An invoice is dated outside the days of the activity."),
    Doubt.DEALER_OVERDUE: N_("The dealer owes money that is overdue."),
    Doubt.LATE: N_("It comes more than 60 days after the end."),
    Doubt.ALIKE: N_("Another claim within 30 days asks for the same amount."),
}
