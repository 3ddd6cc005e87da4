"""Dunning is for whoever answers for all regions: a run reads the debts of every dealer."""

from __future__ import annotations

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Forbidden


def require_everywhere(actor: Actor) -> None:
    """Raise Forbidden to an employee with regions, and to a dealer."""
    if actor.region_ids is not None or not actor.is_staff:
        raise Forbidden(
            "all_regions_needed",
            N_("Only who answers for all regions works with runs of letters."),
            fix=N_("Ask finance at headquarters."),
        )
