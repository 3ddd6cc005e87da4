"""Tell a dealer's buyers what became of a return."""

from __future__ import annotations

from jobs import letters, mail
from portal.identity import queries as identity
from portal.identity.rules import Role
from portal.kernel.outbox import Effect
from portal.returns import queries


def decided(effect: Effect) -> None:
    """A return was approved, rejected or settled."""
    with mail.within(effect) as session:
        found = queries.return_of(session, effect.payload["number"])
        readers = identity.readers(session, dealer_id=effect.dealer_id, role=Role.DEALER_BUYER)
    facts = {
        "number": found.number,
        "order": found.order_number,
        "state": found.state,
        "note": found.decision_note,
        "credit_note": found.credit_note_no or "",
    }
    mail.send(effect, readers, lambda locale: letters.return_decided(locale, **facts))
