"""SIGTERM, SIGINT and SIGHUP become one exception, raised once.

The tidying up it starts is not interrupted.
"""

from __future__ import annotations

import signal

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stop(BaseException):
    """The person or the system asked this process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_status = 128 + number


def stop_on_signals() -> None:
    """From now on the first of the signals raises Stop in the main thread, and later ones are ignored."""

    def handle(number: int, _: object) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Stop(number)

    for each in _SIGNALS:
        signal.signal(each, handle)
