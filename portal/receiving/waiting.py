"""Receipts that wait for inspection, as the overview lists them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX
from portal.receiving.rules import ReceiptState
from portal.receiving.vocabulary import ReceivingRight


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterable[Waiting]:
    """Receipts with units about which nobody has decided."""
    if not actor.may(ReceivingRight.ACCEPT):
        return
    count = session.execute(_WAITING, {"most": COUNTED_MAX + 1}).scalar_one()
    if count:
        values = {"status": str(ReceiptState.INSPECTING)}
        yield Waiting(N_("Receipts to inspect"), count, "receipts.index", values)


_WAITING = text(
    """
    SELECT count(*) FROM (
      SELECT FROM goods_receipt WHERE state = 'inspecting' LIMIT :most) waiting
    """
)
