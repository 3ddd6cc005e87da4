"""Tell a dealer's buyers what became of a delivery that differed."""

from __future__ import annotations

from jobs.mail import tell_role, within
from portal.deliveries import case_queries
from portal.deliveries.rules import CaseKind, Outcome
from portal.deliveries.words import KIND_LABELS, OUTCOME_LABELS
from portal.identity.rules import Role
from portal.kernel.outbox import Effect


def cases_opened(effect: Effect) -> None:
    """Differences were reported, perhaps by somebody at the door."""
    shipment = effect.payload["shipment"]
    with within(effect) as session:
        found = [case_queries.case(session, number) for number in effect.payload["numbers"]]
        told = [(one.number, KIND_LABELS[CaseKind(one.kind)]) for one in found]
        facts = {"shipment": shipment, "cases": told}
        path = f"/shipments/{shipment}/proof"
        tell_role(session, effect, "delivery_case.opened", Role.DEALER_BUYER, path, facts)


def case_decided(effect: Effect) -> None:
    """Headquarters has decided on a case."""
    with within(effect) as session:
        found = case_queries.case(session, effect.payload["number"])
        facts = {
            "number": found.number,
            "shipment": found.shipment,
            "kind": KIND_LABELS[CaseKind(found.kind)],
            "outcome": OUTCOME_LABELS[Outcome(found.outcome)] if found.outcome else None,
            "reason": found.reason,
        }
        path = f"/deliveries/cases/{found.number}"
        tell_role(session, effect, "delivery_case.decided", Role.DEALER_BUYER, path, facts)
