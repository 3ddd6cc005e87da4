"""What has to be true of credit: the account says what the history says."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "credit/in-force",
        N_("The limit of every account and the terms of every dealer are those of the change in force."),
        """
        SELECT c.number AS subject, v.kept::text AS kept, v.counted::text AS counted
          FROM (SELECT DISTINCT ON (x.dealer_id, x.kind) x.*
                  FROM credit_change x
                 WHERE x.state = 'published' AND x.valid_from <= app_today()
                   AND (x.valid_until IS NULL OR x.ended_at IS NULL)
                 ORDER BY x.dealer_id, x.kind, x.valid_until IS NOT NULL DESC, x.valid_from DESC, x.id DESC) c
          JOIN dealer d ON d.id = c.dealer_id
          JOIN dealer_account a ON a.dealer_id = c.dealer_id
         CROSS JOIN LATERAL (VALUES
           (CASE c.kind WHEN 'limit' THEN a.credit_limit ELSE d.payment_terms_days END,
            coalesce(c.amount, c.days))) v(kept, counted)
         WHERE v.kept <> v.counted
        """,
    ),
)
