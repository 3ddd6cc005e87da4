"""Who works with the bank."""

from __future__ import annotations

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Forbidden
from portal.ledger.vocabulary import LedgerRight


def require_bank(actor: Actor) -> None:
    """Raise Forbidden unless the actor posts for the dealers of all regions.

    One account takes the money of everybody. Whoever sees some dealers only would take a payment of another
    dealer for one of theirs who is called alike; the tables hide bookings from them too.
    """
    actor.require(LedgerRight.POST)
    if actor.region_ids is not None:
        raise Forbidden(
            "all_regions_needed",
            N_("The bank concerns dealers of all regions, and you see only some."),
            fix=N_("Ask a colleague who works for all regions."),
        )
