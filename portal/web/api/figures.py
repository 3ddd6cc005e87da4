"""Figures as JSON shows them, beyond what `portal.web.json_provider` does for money and moments."""

from __future__ import annotations

from decimal import Decimal


def rate_text(rate: Decimal) -> str:
    """A tax rate as a fraction without needless zeros: ``0.13``."""
    return f"{rate.normalize():f}"
