"""What has to be true of budgets: their figures are the sums of what documents hold."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "budgets/sums",
        N_("What is reserved and spent of every budget is what its documents hold and were paid."),
        """
        SELECT b.number AS subject, concat_ws(' ', b.reserved, b.spent) AS kept,
               concat_ws(' ', coalesce(u.reserved, 0.00), coalesce(u.spent, 0.00)) AS counted
          FROM rebate_budget b
          LEFT JOIN (SELECT budget_id, sum(amount) FILTER (WHERE state = 'reserved') AS reserved,
                            sum(amount) FILTER (WHERE state = 'spent') AS spent
                       FROM budget_use GROUP BY budget_id) u ON u.budget_id = b.id
         WHERE (b.reserved, b.spent) <> (coalesce(u.reserved, 0), coalesce(u.spent, 0))
        """,
    ),
    Check(
        "budgets/activities",
        N_("What is left of every open activity and what was claimed of it is what was approved."),
        """
        SELECT a.number AS subject, a.approved AS kept, coalesce(u.amount, 0) AS counted
          FROM activity a
          LEFT JOIN (SELECT o.dealer_id, o.id, sum(u.amount) AS amount
                       FROM activity o
                       JOIN budget_use u ON u.dealer_id = o.dealer_id AND u.state <> 'released'
                                        AND (u.document = o.number OR u.activity_id = o.id)
                      WHERE o.state = 'approved'
                      GROUP BY o.dealer_id, o.id) u
            ON (u.dealer_id, u.id) = (a.dealer_id, a.id)
         WHERE a.state = 'approved' AND a.approved <> coalesce(u.amount, 0)
        """,
    ),
)
