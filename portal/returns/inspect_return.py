"""The inspection decides what becomes of goods that came back, and their credit note is posted with it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.devices.register import give_back
from portal.kernel import locks, outbox
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.locks import Rank
from portal.ledger.billing import Bill
from portal.ledger.post_credit_note import CreditNote, Returned, draft_credit_note, post_drafted
from portal.ledger.rules import needs_second_person
from portal.returns.exchange import replace_accepted
from portal.returns.locked import LockedLine, LockedReturn, lock_return
from portal.returns.report_scrap import report_scrap
from portal.returns.rules import (
    Disposition,
    Finding,
    ReturnAct,
    ReturnState,
    after,
    credited,
    inspection_faults,
    note_faults,
)
from portal.returns.vocabulary import ReturnAction, ReturnRight
from portal.shipping.asked_back import change_asked_back
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind
from portal.stock.serial_rules import SerialState, plain_serials, serial_faults
from portal.stock.serials import Place, Serials, move_serials


@dataclass(frozen=True, slots=True)
class Judged:
    """What somebody says of units of a product and lot. `pointer` says where they do.

    line_no: the order line that they belong to, needed where the lot came back of several.
    """

    sku: str
    lot_no: str
    disposition: Disposition
    quantity: int
    pointer: str
    note: str = ""
    serials: tuple[str, ...] = ()
    line_no: int | None = None


@dataclass(frozen=True, slots=True)
class Inspected:
    """Where the return stands, and what was paid back (None where every unit was refused).

    replacement_no: the order that sends the goods once more, where they are exchanged.
    """

    state: ReturnState
    credit_note: Bill | None
    replacement_no: str | None = None


def inspect_return(
    session: Session,
    *,
    actor: Actor,
    number: str,
    judged: Sequence[Judged],
    today: date,
    at: datetime,
    alone_max: Decimal,
    margin_days: int = 1,
    credit_instead: bool = False,
) -> Inspected:
    """Judge every unit that came, put it where it belongs and pay back exactly what was paid for it.

    What the dealer wants exchanged is ordered again for the same amount; with `credit_instead` it is not, and
    the credit stands alone. Above `alone_max` (¥, with what was credited of the invoice before) whoever
    approved the return does not inspect it. Raises Invalid with every fault, Conflict when it has not come or
    is inspected, NotFound, Forbidden.
    """
    actor.require(ReturnRight.INSPECT)
    found = lock_return(session, number)
    state = after(found.state, ReturnAct.INSPECT)
    findings = _findings(found, judged)
    note = _draft(session, found, findings)
    if note and needs_second_person(note.gross, note.gross_before, alone_max):
        require_other_person(actor, found.decided_by or "")
    replacement = None
    if note and not credit_instead:
        replacement = replace_accepted(
            session,
            actor=actor,
            found=found,
            findings=findings,
            note=note,
            today=today,
            at=at,
            margin_days=margin_days,
        )
    _move(session, found, findings, actor, at)
    report_scrap(session, actor=actor, found=found, findings=findings, today=today, at=at)
    bill = post_drafted(session, note, actor=actor, on=today, at=at) if note else None
    _write(session, found, findings, bill, replacement, actor, at)
    audit.record(
        session,
        ReturnAction.INSPECTED,
        number,
        actor=actor,
        dealer_id=found.dealer_id,
        before={"state": found.state, "units": sum(found.received.values())},
        after={
            "state": str(state),
            "credit_note": bill.number if bill else None,
            "replacement": replacement,
        }
        | {str(kind): _units_of(findings, kind) for kind in Disposition},
    )
    outbox.add(session, "return.decided", dealer_id=found.dealer_id, number=number, state=str(state))
    return Inspected(state, bill, replacement)


def _units_of(findings: Sequence[Finding], disposition: Disposition) -> int:
    return sum(one.quantity for one in findings if one.disposition is disposition)


def _findings(found: LockedReturn, judged: Sequence[Judged]) -> list[Finding]:
    """What is said of each order line and lot. Raises Invalid with every fault."""
    findings: dict[tuple[int, int, Disposition], Finding] = {}
    faults: list[Fault] = []
    for one in judged:
        lines = [line for line in found.named(one.sku, one.lot_no, one.line_no) if line.received]
        if len(lines) != 1:
            faults.append(_which_line(one, lines))
            continue
        [line] = lines
        faults += note_faults(f"{one.pointer}/note", one.note)
        before = findings.get((*line.key, one.disposition), Finding(*line.key, one.disposition, 0, ""))
        findings[*line.key, one.disposition] = replace(
            before,
            quantity=before.quantity + one.quantity,
            pointer=one.pointer,
            note=one.note.strip() or before.note,
            serials=(*before.serials, *plain_serials(one.serials)),
        )
    faults += inspection_faults(list(findings.values()), found.received)
    faults += _serial_faults(found, list(findings.values()))
    if faults:
        raise Invalid(faults=faults)
    return [_with_serials(found, one) for one in findings.values()]


def _which_line(one: Judged, lines: Sequence[LockedLine]) -> Fault:
    """The units are of no line that came, or nobody can say of which: what is paid back depends on it."""
    if not lines:
        message, fix = N_("No %(sku)s of this lot came back."), N_("Judge only what was received.")
        return Fault(f"{one.pointer}/sku", "not_received", message, fix, {"sku": one.sku})
    message, fix = N_("%(sku)s of this lot came back of order lines %(lines)s."), N_("Name one of them.")
    about = {"sku": one.sku, "lines": ", ".join(str(line.line_no) for line in lines)}
    return Fault(f"{one.pointer}/line", "which_line", message, fix, about)


def _serial_faults(found: LockedReturn, findings: Sequence[Finding]) -> list[Fault]:
    """Where units came by their serial numbers and are judged apart, each says which."""
    faults = []
    for line in found.lines:
        mine = [one for one in findings if (one.line_no, one.lot_id) == line.key]
        named = [serial for one in mine for serial in one.serials]
        if named and not line.serials:
            pointer = f"{mine[0].pointer}/serials"
            faults += serial_faults(pointer, line.sku, named, units=len(named), controlled=False)
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
    return replace(one, serials=line.serials)


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
    barred = move_lots(
        session,
        warehouse_id=found.warehouse_id,
        moves=list(moves.values()),
        kind=MovementKind.INSPECTION,
        document=found.number,
        actor=actor,
        at=at,
        dealer_id=found.dealer_id,
    )
    _move_serials(session, found, findings, barred)
    _give_back(session, found, findings, actor, at)
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


def _move_serials(
    session: Session, found: LockedReturn, findings: Sequence[Finding], barred: Collection[int]
) -> None:
    """Each unit to where its finding puts it; one of a lot that may not be sold any more is set apart."""
    products = {line.key: line.product_id for line in found.lines}
    apart = Place(SerialState.QUARANTINED, found.warehouse_id)
    saleable = Place(SerialState.SALEABLE, found.warehouse_id)
    back = Place(SerialState.SHIPPED, dealer_id=found.dealer_id)
    locks.take(session, Rank.SERIAL, [(products[one.line_no, one.lot_id], one.lot_id) for one in findings])
    faults: list[Fault] = []
    for one in findings:
        sold = apart if one.lot_id in barred else saleable
        to = {Disposition.SALEABLE: sold, Disposition.REFUSED: back}.get(one.disposition, apart)
        product_id = products[one.line_no, one.lot_id]
        faults += move_serials(
            session,
            [Serials(product_id, one.lot_id, one.serials, f"{one.pointer}/serials")],
            of=Place(SerialState.INSPECTING, found.warehouse_id),
            to=to,
            document=found.shipment_no if to is back else found.number,
        )
    if faults:
        raise Invalid(faults=faults)


def _give_back(
    session: Session, found: LockedReturn, findings: Sequence[Finding], actor: Actor, at: datetime
) -> None:
    """What is refused is the dealer's device again."""
    products = {line.key: line.product_id for line in found.lines}
    refused = [
        Serials(products[one.line_no, one.lot_id], one.lot_id, one.serials, one.pointer)
        for one in findings
        if one.disposition is Disposition.REFUSED
    ]
    give_back(session, refused, actor=actor, dealer_id=found.dealer_id, document=found.number, at=at)


def _write(
    session: Session,
    found: LockedReturn,
    findings: Sequence[Finding],
    bill: Bill | None,
    replacement: str | None,
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
    paid = {"credit_note": bill.number if bill else None, "replacement": replacement}
    session.execute(_SETTLE, {**mine, "label": actor.label, "at": at, **paid})


_FINDINGS = text(
    """
    INSERT INTO return_finding (dealer_id, return_id, line_no, lot_id, disposition, quantity, note, serials)
    VALUES (:dealer_id, :return_id, :line_no, :lot_id, :disposition, :quantity, :note, :serials)
    """
)
_SETTLE = text(
    """
    UPDATE return_request
       SET state = 'settled', inspected_by_label = :label, inspected_at = :at, credit_note_no = :credit_note,
           replacement_no = :replacement
     WHERE dealer_id = :dealer_id AND id = :return_id
    """
)
