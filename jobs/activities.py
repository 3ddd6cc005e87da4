"""Tell a dealer's buyers what became of an activity."""

from __future__ import annotations

from jobs import mail, resources
from portal.budgets import queries
from portal.identity.rules import Role
from portal.kernel.outbox import Effect


def decided(effect: Effect) -> None:
    """An activity was approved, sent back or rejected."""
    with mail.within(effect) as session:
        found = queries.activity(session, effect.payload["number"], with_drafts=True)
        facts = {
            "number": found.number,
            "title": found.title,
            "state": str(found.state),
            "planned": found.planned,
            "approved": found.approved,
            "reason": found.reason,
            "currency": resources.settings().currency,
        }
        path = f"/rebates/activities/{found.number}"
        mail.tell_role(session, effect, "activity.decided", Role.DEALER_BUYER, path, facts)
