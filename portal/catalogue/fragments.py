"""Pieces of SQL about products, for the statements of others."""

from __future__ import annotations


def registration_end(product: str) -> str:
    """SQL for the last day of the certificate of a row of `product`; null when it has none.

    A certificate whose renewal was asked for and is undecided counts as renewed.
    """
    return f"CASE WHEN {product}.registration_renewal_asked_on IS NULL THEN {product}.registration_to END"
