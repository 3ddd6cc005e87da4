"""What has to be true of complaints and adverse events."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "complaints/reported",
        N_("No adverse event is overdue without having been submitted."),
        """
        SELECT r.number AS subject, e.state AS kept, e.due_at::text AS counted
          FROM adverse_event e JOIN service_request r ON (r.dealer_id, r.id) = (e.dealer_id, e.id)
         WHERE e.state = 'open' AND e.due_at < now()
        """,
    ),
    Check(
        "complaints/answered",
        N_("Every closed complaint has its cause, its measure and its answer."),
        """
        SELECT r.number AS subject, c.state AS kept,
               concat_ws(', ', CASE WHEN a.cause = '' THEN 'cause' END,
               CASE WHEN c.measure = '' THEN 'measure' END,
               CASE WHEN c.answer = '' THEN 'answer' END) AS counted
          FROM complaint c
          JOIN service_request r ON (r.dealer_id, r.id) = (c.dealer_id, c.id)
          JOIN complaint_analysis a ON (a.dealer_id, a.id) = (c.dealer_id, c.id)
         WHERE c.state = 'closed' AND (a.cause = '' OR c.measure = '' OR c.answer = '')
        """,
    ),
    Check(
        "complaints/told",
        N_("Whenever a dealer says that somebody was harmed, there is an adverse event within an hour."),
        """
        SELECT r.number AS subject, 'harmed' AS kept, coalesce(e.state, '-') AS counted
          FROM service_request r LEFT JOIN adverse_event e ON (e.dealer_id, e.id) = (r.dealer_id, r.id)
         WHERE r.somebody_harmed AND e.id IS NULL AND r.asked_at < now() - interval '1 hour'
        """,
    ),
)
