"""What lies in a store, and since when."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Stored(NamedTuple):
    """The key of what lies there, and since when it does."""

    key: str
    since: datetime
