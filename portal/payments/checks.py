"""What has to be true of online payments: what Stripe took and gave back is in the books, once and whole."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "payments/posted",
        N_("What Stripe took and gave back of every online payment is in the books, except what waits."),
        """
        SELECT x.number AS subject, x.captured - x.refunded AS kept, p.paid - p.refunds AS counted
          FROM online_payment x
         CROSS JOIN LATERAL (
           SELECT coalesce(sum(s.amount) FILTER (WHERE s.kind = 'paid'), 0) AS paid,
                  coalesce(sum(s.amount) FILTER (WHERE s.kind = 'refund'), 0) AS refunds
             FROM online_posting s WHERE (s.dealer_id, s.payment_id) = (x.dealer_id, x.id)) p
         WHERE x.stage = 'succeeded' AND (x.captured <> p.paid OR x.refunded <> p.refunds)
           AND NOT EXISTS (SELECT FROM stripe_event e
                            WHERE e.payment = x.number AND e.state IN ('waiting', 'aside', 'closed'))
        """,
    ),
    Check(
        "payments/booked",
        N_("Every posting of an online payment is a payment of its amount in the books."),
        """
        SELECT x.number AS subject, s.amount AS kept, abs(p.amount) AS counted
          FROM online_posting s
          JOIN online_payment x ON (x.dealer_id, x.id) = (s.dealer_id, s.payment_id)
          JOIN payment p ON (p.dealer_id, p.number) = (s.dealer_id, s.payment_no)
         WHERE abs(p.amount) <> s.amount OR (s.kind = 'paid') <> (p.amount > 0) AND s.kind <> 'dispute'
        """,
    ),
)
