"""What is told of a request, and to whom: the one place from which service tells anybody anything.

Each is an effect of the outbox, about which nothing but the number and the entry is written down: whoever
carries it out reads the request as it is then.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.kernel import outbox
from portal.service.locked import LockedRequest
from portal.service.sla_rules import Clock, Stage
from portal.service.vocabulary import ServiceEvent

OPENED = "service.opened"
"""To whom it is assigned by the rules; that person is told then."""
ASSIGNED = "service.assigned"
"""To whoever has it now."""
ANSWERED = "service.answered"
"""To whoever asked: headquarters wrote, asked or resolved."""
HARMED = "service.harmed"
"""To quality: a dealer says that somebody was harmed."""
SAID = "service.said"
"""To whoever has it: the dealer wrote, reopened or took it back."""
ESCALATED = "service.escalated"
"""To whoever has it, and to their lead: time runs out, or has."""


def tell(session: Session, topic: str, request: LockedRequest) -> None:
    """Tell of what has just happened to a locked request."""
    outbox.add(session, topic, dealer_id=request.dealer_id, number=request.number)


def tell_opened(session: Session, *, dealer_id: int, number: str, kind: str) -> None:
    """Have a new request assigned; and tell webhooks of it."""
    outbox.add(session, OPENED, dealer_id=dealer_id, number=number)
    outbox.add(session, ServiceEvent.OPENED, dealer_id=dealer_id, number=number, kind=kind)


def tell_answered(session: Session, request: LockedRequest) -> None:
    """Headquarters wrote to the dealer: letters and webhooks."""
    tell(session, ANSWERED, request)
    tell(session, ServiceEvent.ANSWERED, request)


def tell_harmed(session: Session, *, dealer_id: int, number: str) -> None:
    """Somebody was harmed: whoever looks after complaints begins at once."""
    outbox.add(session, HARMED, dealer_id=dealer_id, number=number)


def tell_escalated(session: Session, *, dealer_id: int, number: str, clock: Clock, stage: Stage) -> None:
    """A clock has used 75 % of its time, or all of it."""
    outbox.add(session, ESCALATED, dealer_id=dealer_id, number=number, clock=str(clock), stage=str(stage))
