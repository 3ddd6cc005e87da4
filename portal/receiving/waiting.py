"""Receipts that wait for inspection, as the overview lists them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.receiving.rules import ReceiptState
from portal.receiving.vocabulary import ReceivingRight


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """Receipts with units about which nobody has decided."""
    if actor.may(ReceivingRight.ACCEPT):
        values = {"status": str(ReceiptState.INSPECTING)}
        yield Tally(Waiting(N_("Receipts to inspect"), 0, "receipts.index", values), _WAITING)


_WAITING = text(
    """
    SELECT count(*) FROM (
      SELECT FROM goods_receipt WHERE state = 'inspecting' LIMIT :most) waiting
    """
)
