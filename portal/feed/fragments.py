"""What others put into their statements about the feed; the SQL is the feed's own.

A dealer is ``dealer d`` with the joins `tier_of` and `region_of` of `portal.dealers.fragments`.
"""

from __future__ import annotations

from portal.dealers.fragments import region_of, tier_of


def demanded(moment: str) -> str:
    """SQL: JSON list of (number, title_zh, title_en), null for none.

    What the dealer has to acknowledge before it orders at a moment. It sees what was committed when the
    moment was taken, even if the statement around it began before.
    """
    return f"feed_demanded(d.id, dt.tier, r.id, r.parent_id, {moment})"


DEALERS = f"dealer d {tier_of('d.id')} {region_of('d.id')}"
"""Dealers as they are today."""

PARTIES = "feed_parties(d.id, dt.tier, r.id, r.parent_id)"
"""Every `party` of an address that reaches the dealer."""

REACHED = f"""
a.party = ANY ({PARTIES}) AND (a.category_code IS NULL OR feed_deals_in(d.id, a.category_code))
"""
"""Whether the address `a` reaches the dealer: the one predicate of all."""
