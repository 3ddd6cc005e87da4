"""Who is told how a ledger goes on: people by notices, systems by webhooks."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.notifications.tell import announce
from portal.own_ledgers.vocabulary import DEALER_SIGNED, OwnLedgerTold


def tell(
    session: Session,
    told: OwnLedgerTold,
    *,
    actor: Actor,
    dealer_id: int,
    number: str,
    facts: Mapping[str, object],
    name: str = "",
) -> None:
    """Tell the dealer's people and everybody's systems; what the dealer signed, headquarters' people.

    name: of a person, which systems are not told.
    """
    outbox.add(session, told, dealer_id=dealer_id, number=number, **facts)
    by_dealer = told is OwnLedgerTold.SIGNED and not actor.is_staff
    announce(
        session,
        event=DEALER_SIGNED if by_dealer else str(told),
        dealer_id=dealer_id,
        path=f"/hq/own-ledgers/{number}" if by_dealer else f"/own-ledger/{number}",
        facts={"number": number, "name": name, **facts},
        but=actor.user_id,
    )
