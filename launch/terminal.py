"""What a person reads while waiting: messages and a progress bar on standard error."""

from __future__ import annotations

import contextlib
import sys

_BAR = 24


def say(message: str) -> None:
    """Print a line; a terminal that has gone away is no reason to fail."""
    with contextlib.suppress(OSError):
        print(message, file=sys.stderr, flush=True)


class Progress:
    """A bar that moves on a terminal, one line for each step elsewhere.

    Called with step and fraction done.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._moving = sys.stderr.isatty()
        self._step = ""
        self._fraction = 0.0

    def __call__(self, step: str, fraction: float) -> None:
        """Show that `fraction` (0 to 1) of the whole is done and `step` is at work."""
        self._fraction = min(max(fraction, self._fraction), 1.0)  # never backwards
        if self._moving:
            filled = round(_BAR * self._fraction)
            bar = "█" * filled + "░" * (_BAR - filled)
            self._write(f"\r\033[K{self._title} {bar} {self._fraction:4.0%} {step}")
        elif step != self._step:
            self._write(f"{self._title} {self._fraction:4.0%} {step}\n")
        self._step = step

    def done(self) -> None:
        """Leave the bar's line."""
        if self._moving and self._step:
            self._write("\n")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
            sys.stderr.flush()
