"""Parts of statements that read the region tree of a day."""

from __future__ import annotations


def regions_on(day: str) -> str:
    """SQL: what the view `region` has of today, of another day. day: SQL of a date."""
    return f"""
    (SELECT n.id, n.code, n.name_zh, n.name_en, n.level,
            coalesce((SELECT m.parent_id FROM region_move m
                       WHERE m.region_id = n.id AND m.state = 'approved' AND m.valid_from <= {day}
                       ORDER BY m.valid_from DESC LIMIT 1), n.parent_id) AS parent_id
       FROM region_node n)
    """
