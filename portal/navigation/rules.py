"""How many pages somebody may mark."""

from __future__ import annotations

FAVOURITES_MAX = 12
"""A menu that is all favourites has none."""
