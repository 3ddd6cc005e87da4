"""What replaces accepted goods of a return, where the dealer wants them again and not its money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel import money
from portal.kernel.actor import Actor
from portal.ledger.post_credit_note import CreditNote
from portal.ledger.rules import Part
from portal.orders.place_replacement import Replaced, place_replacement
from portal.returns.locked import LockedReturn
from portal.returns.rules import Finding, Remedy, credited
from portal.stock.reservations import lock_levels


def replace_accepted(
    session: Session,
    *,
    actor: Actor,
    found: LockedReturn,
    findings: Sequence[Finding],
    note: CreditNote,
    today: date,
    at: datetime,
    margin_days: int,
) -> str | None:
    """Order again the accepted units that the dealer wants exchanged; the number, None where there are none.

    Before the goods that came move: nobody is sent back what he has just returned. Raises Invalid with a
    fault at each finding whose units are not to be had.
    """
    units = _replaced(found, findings, note.parts)
    if not units:
        return None
    # What came moves afterwards, of other goods too: their levels are locked with those of the replacement.
    product_of = {line.line_no: line.product_id for line in found.order.lines}
    came = {product_of[line.line_no] for line in found.lines}
    lock_levels(session, warehouse_id=found.warehouse_id, products=came)
    return place_replacement(
        session,
        actor=actor,
        order=found.order,
        warehouse_id=found.warehouse_id,
        units=units,
        reference=found.number,
        today=today,
        at=at,
        margin_days=margin_days,
    )


def _replaced(found: LockedReturn, findings: Sequence[Finding], parts: Mapping[int, Part]) -> list[Replaced]:
    """Accepted units to be exchanged by order line, each at its share of what the credit note gives back."""
    exchanged = {line.key for line in found.lines if line.remedy == Remedy.EXCHANGE}
    pointers = {one.line_no: one.pointer for one in findings if (one.line_no, one.lot_id) in exchanged}
    by_line: Counter[int] = Counter()
    for key, units in credited(findings).items():
        if key in exchanged:
            by_line[key[0]] += units
    return [
        Replaced(
            line_no,
            units,
            money.share(parts[line_no].amount, units, parts[line_no].quantity),
            money.share(parts[line_no].tax, units, parts[line_no].quantity),
            pointers[line_no],
        )
        for line_no, units in sorted(by_line.items())
    ]
