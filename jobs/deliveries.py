"""Tell a dealer's buyers by mail what became of a delivery that differed."""

from __future__ import annotations

from jobs import letters
from jobs.mail import send, within
from portal.deliveries import case_queries
from portal.deliveries.rules import CaseKind, Outcome
from portal.deliveries.words import KIND_LABELS, OUTCOME_LABELS
from portal.identity import queries as identity
from portal.identity.rules import Role
from portal.kernel.outbox import Effect


def cases_opened(effect: Effect) -> None:
    """Differences were reported, perhaps by somebody at the door."""
    with within(effect) as session:
        found = [case_queries.case(session, number) for number in effect.payload["numbers"]]
        readers = identity.readers(session, dealer_id=effect.dealer_id, role=Role.DEALER_BUYER)
    told = [(one.number, KIND_LABELS[CaseKind(one.kind)]) for one in found]
    shipment = effect.payload["shipment"]
    send(effect, readers, lambda locale: letters.cases_opened(locale, shipment=shipment, cases=told))


def case_decided(effect: Effect) -> None:
    """Headquarters has decided on a case."""
    with within(effect) as session:
        found = case_queries.case(session, effect.payload["number"])
        readers = identity.readers(session, dealer_id=effect.dealer_id, role=Role.DEALER_BUYER)
    kind = KIND_LABELS[CaseKind(found.kind)]
    outcome = OUTCOME_LABELS[Outcome(found.outcome)] if found.outcome else None
    send(
        effect,
        readers,
        lambda locale: letters.case_decided(
            locale,
            number=found.number,
            shipment=found.shipment,
            kind=kind,
            outcome=outcome,
            reason=found.reason,
        ),
    )
