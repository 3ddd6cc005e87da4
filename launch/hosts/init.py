"""What process 1 does on a host: it runs a program, passes on the wish to stop, and buries orphans.

PostgreSQL is an orphan from its first moment, as Patroni wants it: Patroni waits until a number is gone, and
one that nobody buries is never gone. Stands alone: it is run by its path, before the account is changed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

_PR_SET_CHILD_SUBREAPER = 36
_WISHES = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def run(command: Sequence[str]) -> int:
    """Run it to its end; its exit status, 128 and more where a signal ended it."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, _WISHES)  # until it is known whom to tell
    program = os.posix_spawnp(command[0], command, os.environ, setsigmask=())

    def pass_on(wish: int, _: FrameType | None) -> None:
        os.kill(program, wish)

    for wish in _WISHES:
        signal.signal(wish, pass_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WISHES)
    while True:
        number, status = os.wait()
        if number == program:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
