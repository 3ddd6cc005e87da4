"""Goods are reported, decided on and destroyed; each act in a transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence

from portal.kernel.db import Database, transaction
from portal.nonconforming.decide_report import decide_report, witness_destruction
from portal.nonconforming.report_goods import Goods, report_goods, set_apart
from portal.nonconforming.rules import Decision, ReportState, Source
from tests import cast
from tests.roles import Person, Product, System, Warehouse

HERE = cast.shanghai_warehouse


def reported(
    database: Database,
    product: Product,
    lot_no: str,
    units: int,
    *,
    apart: bool = False,
    serials: Sequence[str] = (),
    by: Person | System = cast.order_desk,
    source: Source = Source.BY_HAND,
    reason: str = "the box is wet",
    warehouse: Warehouse = HERE,
) -> str:
    """Report units that lie in quarantine, or set saleable ones `apart`; the number of the report."""
    goods = Goods(warehouse.code, product.sku, lot_no, units, serials)
    verb = set_apart if apart else report_goods
    with transaction(database.session_for(by.actor())) as session:
        return verb(
            session,
            actor=by.actor(),
            goods=goods,
            source=source,
            reason=reason,
            today=cast.TODAY,
            at=cast.NOW,
        )


def decided(
    database: Database,
    number: str,
    decision: Decision,
    *,
    by: Person | System = cast.quality,
    note: str = "looked at it",
) -> ReportState:
    """Quality decides."""
    with transaction(database.session_for(by.actor())) as session:
        return decide_report(
            session,
            actor=by.actor(),
            number=number,
            decision=decision,
            note=note,
            today=cast.TODAY,
            at=cast.NOW,
        )


def witnessed(database: Database, number: str, *, by: Person | System = cast.order_desk) -> None:
    """Somebody saw it destroyed."""
    with transaction(database.session_for(by.actor())) as session:
        witness_destruction(session, actor=by.actor(), number=number, at=cast.NOW)
