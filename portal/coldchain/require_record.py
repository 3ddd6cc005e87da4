"""Without a record cold goods are not received."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.coldchain.cold_goods import any_is_cold
from portal.coldchain.rules import RecordState
from portal.kernel.errors import N_, Conflict


def require_record(session: Session, document: tuple[str, str], *, product_ids: Collection[int]) -> None:
    """Raise Conflict where goods of an inbound document are cold and their transport is not shown to be good.

    document: its kind and number, ``("receipt", "GR2611-…")``. product_ids: what comes in with it. Whoever
    accepts goods into stock calls this; nothing happens for goods that are not cold.
    """
    if not any_is_cold(session, product_ids):
        return
    kind, number = document
    state = session.execute(_STATE, {"kind": kind, "number": number}).scalar_one_or_none()
    if state is None:
        raise Conflict(
            "cold_record_missing",
            N_("Cold goods cannot be received without a record of their transport."),
            fix=N_("Record mode, times and temperatures of %(number)s under Cold chain first."),
            number=number,
        )
    if state == RecordState.WAITING:
        raise Conflict(
            "cold_goods_quarantined",
            N_("These cold goods were not kept as they should have been."),
            fix=N_("Quality decides on %(number)s first."),
            number=number,
        )
    if state == RecordState.CONDEMNED:
        raise Conflict("cold_goods_condemned", N_("Quality has condemned these goods."))


_STATE = text("SELECT state FROM cold_receipt WHERE kind = :kind AND number = :number")
