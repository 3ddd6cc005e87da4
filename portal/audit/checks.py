"""What has to be true of the sealed audit; whether an act was altered, `bin/portal audit verify` finds."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

SEALED = "audit/sealed"

CHECKS = (
    Check(
        SEALED,
        N_("Every sealed act is there, and none among them that was not sealed."),
        """
        SELECT 'batch ' || max(b.number) AS subject, sum(b.events)::text AS kept,
               (SELECT count(*) FROM audit_event e WHERE e.id <= max(b.last))::text AS counted
          FROM audit_batch b
        HAVING sum(b.events) <> (SELECT count(*) FROM audit_event e WHERE e.id <= max(b.last))
        """,
    ),
)
