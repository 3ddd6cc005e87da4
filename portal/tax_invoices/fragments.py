"""SQL that statements about tax invoices share."""

from __future__ import annotations

LEFT = """
t.gross + coalesce((SELECT sum(r.gross) FROM tax_invoice r
                     WHERE (r.dealer_id, r.blue_no) = (t.dealer_id, t.number) AND r.state <> 'removed'), 0)
"""
"""SQL: what of a tax invoice `t` no red-letter one takes back."""
