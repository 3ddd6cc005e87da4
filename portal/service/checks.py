"""What has to be true of service requests: each has its timeline, and a first answer is one."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "service/answered",
        N_("Every request counts as answered when headquarters first wrote to its dealer, and not before."),
        """
        SELECT r.number AS subject, r.first_answered_at::text AS kept, e.said_at::text AS counted
          FROM service_request r
          LEFT JOIN (SELECT dealer_id, request_id, min(said_at) AS said_at FROM service_entry
                      WHERE is_staff AND (kind IN ('message', 'asked', 'resolved')
                            OR details->>'event' IN ('quote_offered', 'repair_under_warranty',
                                                     'visit_planned', 'visit_reported'))
                      GROUP BY dealer_id, request_id) e
            ON (e.dealer_id, e.request_id) = (r.dealer_id, r.id)
         WHERE r.first_answered_at IS DISTINCT FROM e.said_at
        """,
    ),
    Check(
        "service/states",
        N_("The last event of every request that is over is the one that ended it."),
        """
        SELECT r.number AS subject, r.state AS kept, coalesce(e.kind, '-') AS counted
          FROM service_request r
          LEFT JOIN LATERAL (
               SELECT kind FROM service_entry e
                WHERE (e.dealer_id, e.request_id) = (r.dealer_id, r.id)
                  AND kind IN ('resolved', 'closed', 'reopened', 'cancelled')
                ORDER BY entry_no DESC LIMIT 1) e ON true
         WHERE (r.state IN ('resolved', 'closed', 'cancelled')) AND r.state IS DISTINCT FROM e.kind
        """,
    ),
    Check(
        "service/merged",
        N_("Every merged request goes on in one that is not merged itself."),
        """
        SELECT r.number AS subject, r.merged_into AS kept, t.merged_into AS counted
          FROM service_request r
          JOIN service_request t ON (t.dealer_id, t.id) = (r.dealer_id, r.merged_into)
         WHERE t.state = 'merged'
        """,
    ),
)
