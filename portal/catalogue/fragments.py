"""Pieces of SQL about products, for the statements of others."""

from __future__ import annotations


def registration_end(product: str) -> str:
    """SQL for the last day of the certificate of a row of `product`; null when it has none.

    A certificate whose renewal was asked for and is undecided counts as renewed.
    """
    return f"CASE WHEN {product}.registration_renewal_asked_on IS NULL THEN {product}.registration_to END"


def made_in_time(lot: str, product: str) -> str:
    """SQL for whether a row of `lot` was made while the registration of its product ran.

    Of a lot whose day is not known the business day ``:today``, a parameter, decides.
    """
    made = f"coalesce({lot}.produced_on, CAST(:today AS date))"
    return (
        f"({made} BETWEEN {product}.registration_from AND coalesce({registration_end(product)}, 'infinity'))"
    )


def has_certificate(product: str, today: str = "CAST(:today AS date)") -> str:
    """SQL for whether a row of `product` has a certificate that runs on the business day."""
    return (
        f"({product}.registration_no <> '' AND {today} BETWEEN {product}.registration_from"
        f" AND coalesce({registration_end(product)}, 'infinity'))"
    )
