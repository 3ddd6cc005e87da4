"""What others put into their statements about the feed; the SQL is the feed's own."""

from __future__ import annotations

DEMANDED = "feed_demanded(d.id, dt.tier, r.id, r.parent_id, clock.moment)"
"""JSON list of (number, title_zh, title_en), null for none: what the dealer `d` of the tier `dt` in the region
`r` has to acknowledge before it orders, at the moment of ``clock (moment)``. It sees what was committed when
that moment was taken, even if the statement around it began before.
"""

PARTIES = "feed_parties(d.id, dt.tier, r.id, r.parent_id)"
"""Every `party` of an address that reaches the dealer `d` of the region `r`."""

REACHED = f"""
a.party = ANY ({PARTIES}) AND (a.category_code IS NULL OR feed_deals_in(d.id, a.category_code))
"""
"""Whether the address `a` reaches the dealer `d` of the region `r`: the one predicate of all."""
