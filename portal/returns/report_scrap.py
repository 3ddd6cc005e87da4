"""Returned units that are to be destroyed are reported as non-conforming goods by the inspection itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.nonconforming.report_goods import LotUnits, report_found
from portal.nonconforming.rules import Source
from portal.returns.locked import LockedReturn
from portal.returns.rules import Disposition, Finding


def report_scrap(
    session: Session,
    *,
    actor: Actor,
    found: LockedReturn,
    findings: Sequence[Finding],
    today: date,
    at: datetime,
) -> None:
    """Open a report for each finding of units to be destroyed, which lie in quarantine by now.

    Quality decides on it, and a witness sees them destroyed, as with any other report.
    """
    lines = {line.key: line for line in found.lines}
    for one in findings:
        if one.disposition is not Disposition.SCRAP:
            continue
        line = lines[one.line_no, one.lot_id]
        report_found(
            session,
            actor=actor,
            warehouse_id=found.warehouse_id,
            lot=LotUnits(line.product_id, line.lot_id, line.sku, line.lot_no, one.quantity, one.serials),
            source=Source.RETURN,
            document=found.number,
            reason=one.note,
            today=today,
            at=at,
        )
