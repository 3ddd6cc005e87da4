"""The inspection decides what becomes of goods that came back, and their credit note is posted with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Fault, Invalid
from portal.ledger.billing import Bill
from portal.ledger.post_credit_note import CreditNote, Returned, draft_credit_note, post_drafted
from portal.ledger.rules import needs_second_person
from portal.returns.locked import LockedReturn, lock_return
from portal.returns.rules import (
    Disposition,
    Finding,
    ReturnAct,
    ReturnState,
    after,
    credited,
    inspection_faults,
)
from portal.returns.vocabulary import ReturnAction, ReturnRight
from portal.shipping.asked_back import change_asked_back
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind
from portal.stock.serial_rules import SerialState, plain_serials
from portal.stock.serials import Place, Serials, move_serials


@dataclass(frozen=True, slots=True)
class Judged:
    """What somebody says of units of a product and lot. `pointer` says where they do."""

    sku: str
    lot_no: str
    disposition: Disposition
    quantity: int
    pointer: str
    note: str = ""
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspected:
    """Where the return stands, and what was paid back (None where every unit was refused)."""

    state: ReturnState
    credit_note: Bill | None


_PLACES: Mapping[Disposition, SerialState] = {
    Disposition.SALEABLE: SerialState.SALEABLE,
    Disposition.QUARANTINE: SerialState.QUARANTINED,
    Disposition.SCRAP: SerialState.QUARANTINED,
    Disposition.REFUSED: SerialState.SHIPPED,
}


def inspect_return(
    session: Session,
    *,
    actor: Actor,
    number: str,
    judged: Sequence[Judged],
    today: date,
    at: datetime,
    alone_max: Decimal,
) -> Inspected:
    """Judge every unit that came, put it where it belongs and pay back exactly what was paid for it.

    Above `alone_max` (¥, with what was credited of the invoice before) whoever approved the return does not
    inspect it. Raises Invalid with every fault, Conflict when it has not come or is inspected, NotFound,
    Forbidden.
    """
    actor.require(ReturnRight.INSPECT)
    found = lock_return(session, number)
    state = after(found.state, ReturnAct.INSPECT)
    findings = _findings(found, judged)
    note = _draft(session, found, findings)
    if note and needs_second_person(note.gross, note.gross_before, alone_max):
        require_other_person(actor, found.decided_by or "")
    _move(session, found, findings, actor, at)
    bill = post_drafted(session, note, actor=actor, on=today, at=at) if note else None
    _write(session, found, findings, bill, actor, at)
    audit.record(
        session,
        ReturnAction.INSPECTED,
        number,
        actor=actor,
        dealer_id=found.dealer_id,
        before={"state": found.state, "units": sum(found.received.values())},
        after={"state": str(state), "credit_note": bill.number if bill else None}
        | {str(kind): _units_of(findings, kind) for kind in Disposition},
    )
    outbox.add(session, "return.decided", dealer_id=found.dealer_id, number=number)
    return Inspected(state, bill)


def _units_of(findings: Sequence[Finding], disposition: Disposition) -> int:
    return sum(one.quantity for one in findings if one.disposition is disposition)


def _findings(found: LockedReturn, judged: Sequence[Judged]) -> list[Finding]:
    """What is said of products and lots, by order line. Raises Invalid with every fault."""
    left = dict(found.received)
    findings: dict[tuple[int, int, Disposition], Finding] = {}
    faults: list[Fault] = []
    for one in judged:
        lines = [line for line in found.lines if (line.sku, line.lot_no) == (one.sku, one.lot_no)]
        if not lines:
            message = N_("No %(sku)s of this lot came back.")
            fix = N_("Judge only what was received.")
            faults.append(Fault(f"{one.pointer}/sku", "not_received", message, fix, {"sku": one.sku}))
            continue
        open_units, serials = one.quantity, plain_serials(one.serials)
        for line in lines:
            is_last = line is lines[-1]
            taken = open_units if is_last else min(open_units, left.get(line.key, 0))
            if taken == 0 and not (is_last and one.quantity < 1):
                continue
            left[line.key] = left.get(line.key, 0) - taken
            open_units -= taken
            mine = tuple(serials[:taken]) if taken > 0 else ()
            serials = serials[len(mine) :]
            key = (*line.key, one.disposition)
            before = findings.get(key)
            findings[key] = Finding(
                *line.key,
                one.disposition,
                taken + (before.quantity if before else 0),
                one.pointer,
                one.note.strip() or (before.note if before else ""),
                (*(before.serials if before else ()), *mine),
            )
    faults += inspection_faults(list(findings.values()), found.received)
    faults += _serial_faults(found, list(findings.values()))
    if faults:
        raise Invalid(faults=faults)
    return [_with_serials(found, one) for one in findings.values()]


def _serial_faults(found: LockedReturn, findings: Sequence[Finding]) -> list[Fault]:
    """Where units came by their serial numbers and are judged apart, each says which."""
    faults = []
    for line in found.lines:
        mine = [one for one in findings if (one.line_no, one.lot_id) == line.key]
        named = [serial for one in mine for serial in one.serials]
        if not line.serials or (len(mine) < 2 and not named):
            continue
        if sorted(named) != sorted(line.serials) or any(len(one.serials) != one.quantity for one in mine):
            message = N_("Units of %(sku)s are judged apart: say which serial numbers.")
            fix = N_("Name each serial number that came once.")
            faults.append(
                Fault(f"{mine[0].pointer}/serials", "serials_missing", message, fix, {"sku": line.sku})
            )
    return faults


def _with_serials(found: LockedReturn, one: Finding) -> Finding:
    [line] = [line for line in found.lines if line.key == (one.line_no, one.lot_id)]
    if one.serials or not line.serials:
        return one
    return Finding(
        one.line_no, one.lot_id, one.disposition, one.quantity, one.pointer, one.note, line.serials
    )


def _draft(session: Session, found: LockedReturn, findings: Sequence[Finding]) -> CreditNote | None:
    units = credited(findings)
    lots = {line.key: line.lot_no for line in found.lines}
    if not units or found.invoice_no is None:
        return None
    return draft_credit_note(
        session,
        invoice_number=found.invoice_no,
        lines=[Returned(line_no, more, lots[line_no, lot_id]) for (line_no, lot_id), more in units.items()],
        reason=found.number,
        asked_back=True,
    )


def _move(
    session: Session, found: LockedReturn, findings: Sequence[Finding], actor: Actor, at: datetime
) -> None:
    moves: dict[int, LotMove] = {}
    for one in findings:
        before = moves.get(one.lot_id, LotMove(one.lot_id))
        aside = one.disposition in (Disposition.QUARANTINE, Disposition.SCRAP)
        moves[one.lot_id] = LotMove(
            one.lot_id,
            before.on_hand + (one.quantity if one.disposition is Disposition.SALEABLE else 0),
            before.inspecting - one.quantity,
            before.quarantined + (one.quantity if aside else 0),
        )
    move_lots(
        session,
        warehouse_id=found.warehouse_id,
        moves=list(moves.values()),
        kind=MovementKind.INSPECTION,
        document=found.number,
        actor=actor,
        at=at,
        dealer_id=found.dealer_id,
    )
    products = {line.key: line.product_id for line in found.lines}
    for one in findings:
        is_back = one.disposition is Disposition.REFUSED
        faults = move_serials(
            session,
            [Serials(products[one.line_no, one.lot_id], one.lot_id, one.serials, f"{one.pointer}/serials")],
            of=Place(SerialState.INSPECTING, found.warehouse_id),
            to=Place(SerialState.SHIPPED, dealer_id=found.dealer_id)
            if is_back
            else Place(_PLACES[one.disposition], found.warehouse_id),
            document=found.shipment_no if is_back else found.number,
        )
        if faults:
            raise Invalid(faults=faults)
    change_asked_back(
        session,
        dealer_id=found.dealer_id,
        shipment_id=found.shipment_id,
        units={
            (one.line_no, one.lot_id): -one.quantity
            for one in findings
            if one.disposition is Disposition.REFUSED
        },
    )


def _write(
    session: Session,
    found: LockedReturn,
    findings: Sequence[Finding],
    bill: Bill | None,
    actor: Actor,
    at: datetime,
) -> None:
    mine = {"dealer_id": found.dealer_id, "return_id": found.id}
    session.execute(
        _FINDINGS,
        [
            {
                **mine,
                "line_no": one.line_no,
                "lot_id": one.lot_id,
                "disposition": str(one.disposition),
                "quantity": one.quantity,
                "note": one.note,
                "serials": list(one.serials),
            }
            for one in findings
        ],
    )
    session.execute(
        _SETTLE, {**mine, "label": actor.label, "at": at, "credit_note": bill.number if bill else None}
    )


_FINDINGS = text(
    """
    INSERT INTO return_finding (dealer_id, return_id, line_no, lot_id, disposition, quantity, note, serials)
    VALUES (:dealer_id, :return_id, :line_no, :lot_id, :disposition, :quantity, :note, :serials)
    """
)
_SETTLE = text(
    """
    UPDATE return_request
       SET state = 'settled', inspected_by_label = :label, inspected_at = :at, credit_note_no = :credit_note
     WHERE dealer_id = :dealer_id AND id = :return_id
    """
)
