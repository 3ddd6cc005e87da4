"""Without a record cold goods are not received."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.coldchain.cold_goods import range_of_products
from portal.coldchain.rules import Range, RecordState
from portal.kernel.errors import N_, Conflict


def require_record(session: Session, document: tuple[str, str], *, product_ids: Collection[int]) -> None:
    """Raise Conflict where goods of an inbound document are cold and their transport is not shown to be good
    for them.

    document: its kind and number, ``("receipt", "GR2611-…")``. product_ids: what comes in with it. Whoever
    accepts goods into stock calls this; nothing happens for goods that are not cold.
    """
    bounds = range_of_products(session, product_ids)
    if bounds is None:
        return
    kind, number = document
    kept = session.execute(_KEPT, {"kind": kind, "number": number}).one_or_none()
    if kept is None:
        raise Conflict(
            "cold_record_missing",
            N_("Cold goods cannot be accepted without a record of their transport."),
            fix=N_("Record mode, times and temperatures of %(number)s under Cold chain first."),
            number=number,
        )
    if kept.state == RecordState.WAITING:
        raise Conflict(
            "cold_goods_quarantined",
            N_("These cold goods were not kept as they should have been."),
            fix=N_("Quality decides on %(number)s first."),
            number=number,
        )
    if kept.state == RecordState.CONDEMNED:
        raise Conflict(
            "cold_goods_condemned",
            N_("Quality has condemned these goods."),
            fix=N_("Refuse them with a reason."),
        )
    if not bounds.holds(Range(kept.low, kept.high)):
        raise Conflict(
            "cold_record_of_other_goods",
            N_("The record of %(number)s was judged by temperatures that these goods do not bear."),
            fix=N_("Refuse these units with a reason; quality decides on them."),
            number=number,
        )


_KEPT = text("SELECT state, low, high FROM cold_receipt WHERE kind = :kind AND number = :number")
