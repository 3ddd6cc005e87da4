"""Units of shipments that are asked back, so that no unit is returned twice."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

LotKey = tuple[int, int]
"""Order line and lot."""


def change_asked_back(
    session: Session, *, dealer_id: int, shipment_id: int, units: Mapping[LotKey, int]
) -> None:
    """Add to what is asked back of a shipment (negative for what is given up), whose order is locked.

    The database refuses (``returned_twice``) what was returned or is asked back already.
    """
    changed = {key: delta for key, delta in units.items() if delta}
    if not changed:
        return
    session.execute(
        _CHANGE,
        {
            "dealer_id": dealer_id,
            "shipment_id": shipment_id,
            "line_nos": [line_no for line_no, _ in changed],
            "lots": [lot_id for _, lot_id in changed],
            "deltas": list(changed.values()),
        },
    )


_CHANGE = text(
    """
    UPDATE shipment_line s SET asked_back = s.asked_back + c.delta
      FROM unnest(CAST(:line_nos AS smallint[]), CAST(:lots AS bigint[]), CAST(:deltas AS integer[]))
        AS c(line_no, lot_id, delta)
     WHERE s.dealer_id = :dealer_id AND s.shipment_id = :shipment_id
       AND (s.line_no, s.lot_id) = (c.line_no, c.lot_id)
    """
)
