"""``bin/portal check``: does everything that is kept twice agree? Prints what differs; 1 when something does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import text

from jobs import resources
from portal.kernel import clock
from portal.checks import queries, rules
from portal.checks.run_checks import check, run_checks
from portal.kernel.db import transaction
from portal.kernel.actor import SYSTEM

_log = structlog.get_logger("jobs.check")

_ALONE = text("SELECT pg_try_advisory_xact_lock(:key)")
_LOCK = 0x636865636B  # "check"


def sweep(now: Callable[[], datetime] = clock.now) -> None:
    """Make the run that somebody asked for or that is due tonight; nothing if there is none, or while one is being made."""
    zone = resources.settings().timezone
    with transaction(resources.database().system_session()) as session:
        if not session.scalar(_ALONE, {"key": _LOCK}):  # before looking: what the other one makes would be made twice
            return
        asked_id = queries.waiting(session)
        if asked_id is None and not rules.is_due(queries.last_started(session), now(), zone):
            return
        results = run_checks(session, actor=SYSTEM, now=now, asked_id=asked_id)
    for result in results:
        for one in result.told:
            _log.error("difference", check=result.name, subject=one.subject, kept=one.kept, counted=one.counted)
    _log.info("checked", checks=len(results), differences=rules.found(results))


def main() -> int:
    """Make every check and print what differs, check by check, as it is found."""
    count = 0
    with transaction(resources.database().system_session()) as session:
        for result in check(session, actor=SYSTEM):
            count += len(result.told)
            verdict = "ok" if not result.told else f"{len(result.told)}{' or more' if result.more else ''} differ"
            print(f"{result.name}: {verdict} ({result.seconds:.1f} s)", flush=True)
            for one in result.told:
                print(f"  {one.subject} has {one.kept}, should be {one.counted}", flush=True)
    print(f"{count} differences")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
