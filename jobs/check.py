"""``bin/portal check``: does everything that is kept twice agree?

Prints what differs; 1 when something does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime

import structlog

from jobs import resources
from portal.checks import rules
from portal.checks.attempts import begin_run, fail_run, take_lock
from portal.checks.rules import Result
from portal.checks.run_checks import check, run_checks
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction

_log = structlog.get_logger("jobs.check")


def sweep(now: Callable[[], datetime] = clock.now) -> None:
    """Make the run that is asked for, to be tried again or due tonight.

    Nothing if there is none, or while one is being made.

    Begun in a transaction of its own, so that a run that fails, or takes its process along, is not begun
    again the next minute.
    """
    run_id = None
    try:
        with transaction(resources.database().system_session()) as session:
            if not take_lock(session):  # before looking: what the other one makes would be made twice
                return
            if (run_id := _begin(now())) is None:
                return
            results = run_checks(session, actor=SYSTEM, now=now, run_id=run_id)
    except Exception as error:
        if run_id is None:
            raise
        _note_failure(run_id, error, now())
    else:
        _tell(results)


def _begin(at: datetime) -> int | None:
    with transaction(resources.database().system_session()) as session:
        return begin_run(session, actor=SYSTEM, at=at, zone=resources.settings().timezone)


def _note_failure(run_id: int, error: Exception, at: datetime) -> None:
    _log.error("check_failed", run=run_id, exc_info=error)
    cause = error.__cause__ or error  # what the database said, not what it was translated to
    said = getattr(cause, "orig", cause)
    message = f"{type(said).__name__}: {said}".splitlines()[0]
    with transaction(resources.database().system_session()) as session:
        fail_run(session, actor=SYSTEM, run_id=run_id, error=message, at=at)


def _tell(results: list[Result]) -> None:
    for result in results:
        for one in result.told:
            _log.error(
                "difference", check=result.name, subject=one.subject, kept=one.kept, counted=one.counted
            )
    _log.info("checked", checks=len(results), differences=rules.found(results))


def main() -> int:
    """Make every check and print what differs, check by check, as it is found."""
    count = 0
    with transaction(resources.database().system_session()) as session:
        for result in check(session, actor=SYSTEM):
            count += len(result.told)
            verdict = (
                "ok" if not result.told else f"{len(result.told)}{' or more' if result.more else ''} differ"
            )
            print(f"{result.name}: {verdict} ({result.seconds:.1f} s)", flush=True)
            for one in result.told:
                print(f"  {one.subject} has {one.kept}, should be {one.counted}", flush=True)
    print(f"{count} differences")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
