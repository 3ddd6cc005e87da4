"""Words of the knowledge base, English, translated where they are shown."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.knowledge.rules import Matter

MATTERS = {
    Matter.CONSULTATION: N_("Consultation"),
    Matter.REPAIR: N_("Repair"),
    Matter.COMPLAINT: N_("Complaint"),
    Matter.INSTALLATION: N_("Installation"),
    Matter.TRAINING: N_("Training"),
    Matter.DOCUMENTS: N_("Documents"),
    Matter.RETURN_QUESTION: N_("Question about a return"),
}
