"""How much of the load is done when a step begins, as measured on two cores."""

from __future__ import annotations

from collections.abc import Callable

# Seconds of each step: small, large.
_SECONDS = {
    "devices from the register": (2.2, 2.2),
    "dealers and policies": (0.1, 0.1),
    "seven months of orders": (1.8, 1.8),
    "lots and stock": (0.5, 0.5),
    "products and dealers": (3.0, 100.0),
    "prices of past orders": (7.0, 10.0),
    "many times over": (0.0, 30.0),
    "orders": (1.2, 75.0),
    "shipments": (1.4, 85.0),
    "invoices": (1.0, 54.0),
    "ledger": (0.5, 20.0),
    "stock": (3.5, 110.0),
    "all that followed": (12.0, 15.0),
    "statements and audit": (0.5, 11.0),
    "keys and indexes": (3.2, 130.0),
    "budgets and claims": (8.0, 16.0),
    "statistics": (2.5, 140.0),
    "advice on stock": (3.0, 60.0),
    "verification": (1.5, 155.0),
}


class LoadProgress:
    """Turns the beginning of a step into a share of the whole."""

    def __init__(self, progress: Callable[[str, float], None], *, large: bool) -> None:
        seconds = [durations[large] for durations in _SECONDS.values()]
        self._progress = progress
        self._before = {step: sum(seconds[:place]) / sum(seconds) for place, step in enumerate(_SECONDS)}

    def begin(self, step: str) -> None:
        """Tell that a step begins."""
        self._progress(step, self._before[step])
