"""Tell a dealer's buyers what became of a return."""

from __future__ import annotations

from jobs import mail
from portal.identity.rules import Role
from portal.kernel.outbox import Effect
from portal.returns import queries


def decided(effect: Effect) -> None:
    """A return was approved, rejected or settled."""
    with mail.within(effect) as session:
        found = queries.return_of(session, effect.payload["number"])
        facts = {
            "number": found.number,
            "order": found.order_number,
            "state": str(found.state),
            "note": found.decision_note,
            "credit_note": found.credit_note_no,
        }
        path = f"/returns/{found.number}"
        mail.tell_role(session, effect, "return.decided", Role.DEALER_BUYER, path, facts)
