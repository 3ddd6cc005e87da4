"""``bin/portal bounce < message``: a mail server pipes what came back into it; 1 for what is no report."""

from __future__ import annotations

import sys

import structlog

from jobs import resources
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.opaque import Sealer
from portal.notifications.bounces import MESSAGE_MAX
from portal.notifications.suspend import note_bounces
from portal.web.logs import configure_logs

_log = structlog.get_logger("jobs.bounce")


def main() -> int:
    """Read one message from standard input."""
    configure_logs(resources.settings().log_level)
    raw = sys.stdin.buffer.read(MESSAGE_MAX).decode(errors="replace")
    return read(raw)


def read(raw: str) -> int:
    """Suspend the addresses that a report gives up; 1 for what is no report."""
    sealer = Sealer(*resources.settings().secret_keys)
    try:
        with transaction(resources.database().system_session()) as session:
            count = note_bounces(session, actor=SYSTEM, raw=raw, sealer=sealer, at=clock.now())
    except Invalid:
        _log.warning("bounce_unreadable")
        return 1
    _log.info("bounce_read", suspended=count)
    return 0


if __name__ == "__main__":
    sys.exit(main())
