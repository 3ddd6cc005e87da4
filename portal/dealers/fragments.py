"""Parts of statements that read what a dealer has on a day: its tier and its region."""

from __future__ import annotations

from portal.regions.fragments import regions_on

TODAY = "app_today()"
"""SQL: the business day of the transaction."""


def on_day(alias: str, day: str = TODAY) -> str:
    """SQL: the row of a dated table counts on a day."""
    return f"{alias}.valid_from <= {day} AND ({alias}.valid_to IS NULL OR {alias}.valid_to > {day})"


def region_of(dealer_id: str, day: str = TODAY) -> str:
    """SQL joins: the membership ``dr`` of a dealer on a day, and its region ``r`` in the tree of that day."""
    tree = "region" if day == TODAY else f"LATERAL {regions_on(day)}"
    return (
        f"JOIN dealer_region dr ON dr.dealer_id = {dealer_id} AND {on_day('dr', day)}"
        f" JOIN {tree} r ON r.id = dr.region_id"
    )


def region_in_tree(dealer_id: str, day: str) -> str:
    """SQL joins: as `region_of`, of who belongs to a region today, with the boundaries of another day."""
    return (
        f"JOIN dealer_region dr ON dr.dealer_id = {dealer_id} AND {on_day('dr')}"
        f" JOIN LATERAL {regions_on(day)} r ON r.id = dr.region_id"
    )


def tier_of(dealer_id: str, day: str = TODAY) -> str:
    """SQL join: the tier ``dt`` of a dealer on a day."""
    return f"JOIN dealer_tier dt ON dt.dealer_id = {dealer_id} AND {on_day('dt', day)}"
