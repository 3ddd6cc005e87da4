"""How much of the load is done when a step begins, as measured on two cores."""

from __future__ import annotations

from collections.abc import Callable

# Seconds of each step: small, large.
_SECONDS = {
    "devices from the register": (2.2, 2.2),
    "dealers and policies": (0.1, 0.1),
    "seven months of orders": (2.0, 2.0),
    "lots and stock": (0.6, 0.6),
    "products and dealers": (2.5, 60.0),
    "prices of past orders": (6.0, 6.0),
    "many times over": (0.0, 90.0),
    "orders": (1.3, 100.0),
    "shipments": (1.3, 100.0),
    "invoices": (0.9, 80.0),
    "ledger": (0.5, 40.0),
    "stock": (2.5, 200.0),
    "statements and audit": (0.6, 40.0),
    "keys and indexes": (2.2, 200.0),
    "statistics": (1.0, 30.0),
    "proof": (1.3, 60.0),
}


class Shares:
    """Turns the beginning of a step into a share of the whole."""

    def __init__(self, progress: Callable[[str, float], None], *, large: bool) -> None:
        seconds = [durations[large] for durations in _SECONDS.values()]
        self._progress = progress
        self._before = {step: sum(seconds[:place]) / sum(seconds) for place, step in enumerate(_SECONDS)}

    def begin(self, step: str) -> None:
        """Tell that a step begins."""
        self._progress(step, self._before[step])
