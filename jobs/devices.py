"""Reckon the warranties that a new rule concerns, some thousands a transaction."""

from __future__ import annotations

from jobs import resources
from portal.devices import warrant
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect


def renew_warranties(effect: Effect) -> None:
    """A rule was set; whoever runs this twice finds everything as it should be."""
    place: tuple[int, int] | None = (0, 0)
    while place is not None:
        with transaction(resources.database().system_session()) as session:
            place = warrant.renew_warranties(
                session,
                product_id=effect.payload["product_id"],
                category_code=effect.payload["category_code"],
                after=place,
            )
