"""What has to be true of orders.

Totals are those of the lines, and the account knows what is ordered and not yet billed.
"""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_
from portal.kernel.money import share_sql

_SHARE_KEPT = share_sql("amount", "quantity - cancelled", "quantity")
_SHARE_SHIPPED = share_sql("amount", "shipped", "quantity")

CHECKS = (
    Check(
        "orders/lines",
        N_("Total and tax of every order are the sums of its lines."),
        """
        SELECT o.number AS subject, c.kept, c.counted
          FROM sales_order o
          LEFT JOIN (SELECT dealer_id, order_id, sum(amount) AS total, sum(tax) AS tax
                       FROM order_line GROUP BY dealer_id, order_id) l
            ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
         CROSS JOIN LATERAL (VALUES (o.total, coalesce(l.total, 0)), (o.tax, coalesce(l.tax, 0)))
               AS c(kept, counted)
         WHERE c.kept <> c.counted
        """,
    ),
    Check(
        "orders/exposure",
        N_("The open orders of every account are the amounts of what is neither shipped nor cancelled."),
        f"""
        SELECT d.code AS subject, coalesce(a.open_orders, 0) AS kept, coalesce(l.open, 0) AS counted
          FROM dealer_account a
          FULL JOIN (SELECT dealer_id, sum({_SHARE_KEPT} - {_SHARE_SHIPPED}) AS open FROM order_line
                      WHERE shipped + cancelled < quantity GROUP BY dealer_id) l
            ON l.dealer_id = a.dealer_id
          JOIN dealer d ON d.id = coalesce(a.dealer_id, l.dealer_id)
         WHERE coalesce(a.open_orders, 0) <> coalesce(l.open, 0)
        """,
    ),
)
