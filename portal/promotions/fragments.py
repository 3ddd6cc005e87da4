"""Reads of promotions as parts of a statement that does more; the SQL is the promotions' own."""

from __future__ import annotations


def any_in_force(moment: str) -> str:
    """SQL: whether any promotion is in force that the session may see. moment: an SQL expression."""
    return (
        f"EXISTS (SELECT FROM promotion n WHERE n.published_at <= {moment} AND n.valid_from <= {moment}"
        f" AND n.valid_to > {moment})"
    )
