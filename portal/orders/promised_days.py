"""The days by which lines that wait can be delivered, when something new is known of what comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session


def set_promised(session: Session, days: Mapping[tuple[int, int, int], date | None]) -> None:
    """Write the day of each line (dealer, order, line number); None where nobody knows one any more.

    The caller has locked the orders.
    """
    if not days:
        return
    session.execute(
        _SET,
        {
            "dealer_ids": [dealer_id for dealer_id, _, _ in days],
            "order_ids": [order_id for _, order_id, _ in days],
            "line_nos": [line_no for *_, line_no in days],
            "days": list(days.values()),
        },
    )


_SET = text(
    """
    UPDATE order_line l SET promised_on = d.day
      FROM unnest(CAST(:dealer_ids AS bigint[]), CAST(:order_ids AS bigint[]),
                  CAST(:line_nos AS smallint[]), CAST(:days AS date[]))
             AS d(dealer_id, order_id, line_no, day)
     WHERE (l.dealer_id, l.order_id, l.line_no) = (d.dealer_id, d.order_id, d.line_no)
    """
)
