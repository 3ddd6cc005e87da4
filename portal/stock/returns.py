"""Units that come back from a dealer return to the lot they left, in the warehouse they left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind


def bring_back(
    session: Session,
    *,
    warehouse_id: int,
    units: Mapping[int, int],
    dealer_id: int,
    document: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Put units (lot → units, positive) back on hand, with a movement for each lot.

    Those of a lot that expired or was blocked meanwhile are set apart.
    """
    move_lots(
        session,
        warehouse_id=warehouse_id,
        moves=[LotMove(lot_id, on_hand=quantity) for lot_id, quantity in units.items()],
        kind=MovementKind.RETURN,
        document=document,
        actor=actor,
        at=at,
        dealer_id=dealer_id,
    )
