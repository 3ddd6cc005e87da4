"""SQL that several statements of complaints share."""

from __future__ import annotations

from portal.kernel.lots import key_sql


def lot_of(said: str) -> str:
    """SQL: a join of the lot ``l`` of the product ``p`` that an expression names, however it was typed."""
    return f"""
      LEFT JOIN LATERAL (
        SELECT k.id, k.lot_no, k.produced_on, k.expires_on FROM lot k
         WHERE k.product_id = p.id AND {key_sql("k.lot_no")} = {key_sql(said)}
         ORDER BY k.lot_no = {said} DESC, k.id LIMIT 1) l ON true
"""
