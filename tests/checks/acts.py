"""What the checks find."""

from __future__ import annotations

from portal.checks.run_checks import check
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction


def found(database: Database) -> dict[str, list[str]]:
    """Subjects by check, of the checks that found something."""
    with transaction(database.system_session()) as session:
        return {
            result.name: [one.subject for one in result.told]
            for result in check(session, actor=SYSTEM)
            if result.told
        }
