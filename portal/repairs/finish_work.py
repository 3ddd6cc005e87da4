"""The work is done: what was accepted is billed, what was not used goes back, the request is resolved."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.ledger.post_service_invoice import post_service_invoice
from portal.repairs.locked import LockedRepair, save_repair, tell_timeline
from portal.repairs.note_device import note_repaired
from portal.repairs.parts import give_back, parts_of
from portal.repairs.rules import LineKind, QuoteLine, RepairState, billed
from portal.repairs.vocabulary import RepairAction
from portal.service.finish import resolve_locked
from portal.service.locked import LockedRequest


def finish_work(
    session: Session,
    request: LockedRequest,
    repair: LockedRepair,
    *,
    said: str,
    actor: Actor,
    today: date,
    at: datetime,
) -> str | None:
    """Part of a report of a test that passed. The number of the invoice, None where nothing is to be paid.

    The caller has the account and the request locked.
    """
    give_back(session, repair, actor=actor, at=at)
    session.execute(_VISITS, repair.key)
    used = {product: units for product, (_, _, units) in parts_of(session, repair).items()}
    rows = session.execute(_LINES, repair.key | {"version": repair.quote_version})
    lines = billed([QuoteLine(**{**row._mapping, "kind": LineKind(row.kind)}) for row in rows], used)
    invoice_no = None
    if lines and not repair.is_warranty:
        posted = post_service_invoice(
            session,
            actor=actor,
            dealer_id=repair.dealer_id,
            source=repair.number,
            reference=request.number,
            lines=lines,
            on=today,
            at=at,
        )
        invoice_no = posted.number
        details = {"invoice": invoice_no, "gross": f"{posted.gross:.2f}"}
        tell_timeline(session, request, RepairAction.INVOICED, actor=actor, at=at, **details)
    save_repair(session, repair, at=at, state=RepairState.DONE, invoice_no=invoice_no, short=False)
    note_repaired(session, request, actor=actor, at=at)
    resolve_locked(session, request, actor=actor, text=said, at=at)
    return invoice_no


_LINES = text(
    """
    SELECT kind, text, quantity, unit_price, tax_rate, amount, tax, product_id FROM repair_quote_line
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND version = :version ORDER BY line_no
    """
)
_VISITS = text(
    """
    UPDATE repair_visit SET state = 'cancelled'
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND state = 'planned'
    """
)
