"""Tell a dealer's buyers what became of an activity."""

from __future__ import annotations

from jobs import activity_letters, mail, resources
from portal.budgets import queries
from portal.identity import queries as identity
from portal.identity.rules import Role
from portal.kernel.outbox import Effect


def decided(effect: Effect) -> None:
    """An activity was approved, sent back or rejected."""
    with mail.within(effect) as session:
        found = queries.activity(session, effect.payload["number"], with_drafts=True)
        readers = identity.readers(session, dealer_id=effect.dealer_id, role=Role.DEALER_BUYER)
    currency = resources.settings().currency
    mail.send(
        effect,
        readers,
        lambda locale: activity_letters.activity_decided(
            locale,
            number=found.number,
            title=found.title,
            state=found.state,
            planned=found.planned,
            approved=found.approved,
            reason=found.reason,
            currency=currency,
        ),
    )
