"""How often one actor has rebates reckoned that are not kept: each time all that a dealer bought is read."""

from __future__ import annotations

from portal.web.request import current_actor, portal


def count_reckoning() -> None:
    """Count one. Raises TooManyRequests."""
    portal().limits.spend(portal().settings.rebate_rate, "reckonings", current_actor().key)
