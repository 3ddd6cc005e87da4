"""The inspection decides what becomes of goods that came back, and their credit note is posted with it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.devices.register import give_back
from portal.kernel import locks, outbox
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import Fault, Invalid
from portal.kernel.locks import Rank
from portal.kernel.money import ZERO
from portal.ledger.billing import Bill
from portal.ledger.post_credit_note import CreditNote, Returned, draft_credit_note, post_drafted
from portal.ledger.rules import needs_second_person
from portal.returns.exchange import replace_accepted
from portal.returns.judged import Judged, findings_of
from portal.returns.locked import LockedReturn, lock_return
from portal.returns.report_scrap import report_scrap
from portal.returns.rules import (
    Disposition,
    Finding,
    ReturnAct,
    ReturnState,
    after,
    credited,
)
from portal.returns.settle_gifts import SettledGifts, settle_gifts
from portal.returns.vocabulary import ReturnAction, ReturnRight
from portal.shipping.asked_back import change_asked_back
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind
from portal.stock.serial_rules import SerialState
from portal.stock.serials import Place, Serials, move_serials


@dataclass(frozen=True, slots=True)
class Inspected:
    """Where the return stands, and what was paid back (None where every unit was refused).

    replacement_no: the order that sends the goods once more, where they are exchanged. gifts: what was billed
    for gifts that stay although they are not earned any more.
    """

    state: ReturnState
    credit_note: Bill | None
    gifts: SettledGifts
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
    bill_gifts: bool = False,
) -> Inspected:
    """Judge every unit that came, put it where it belongs and pay back exactly what was paid for it.

    What the dealer wants exchanged is ordered again for the same amount; with `credit_instead` it is not, and
    the credit stands alone. Gifts that stay unearned are billed, beyond what is credited only with
    `bill_gifts`. Above `alone_max` (¥, with what was credited of the invoice before) whoever approved the
    return does not inspect it. Raises Invalid with every fault, Conflict when it has not come or is
    inspected, NotFound, Forbidden.
    """
    actor.require(ReturnRight.INSPECT)
    found = lock_return(session, number)
    state = after(found.state, ReturnAct.INSPECT)
    findings = findings_of(found, judged)
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
    gifts = settle_gifts(
        session,
        actor=actor,
        found=found,
        credit=_credit(session, found, note, replacement),
        may_exceed=bill_gifts,
        today=today,
        at=at,
    )
    done = Inspected(state, bill, gifts, replacement)
    _tell(session, found, findings, done, actor)
    return done


def _credit(
    session: Session, found: LockedReturn, note: CreditNote | None, replacement: str | None
) -> Decimal:
    """What is given back beyond what the order costs that replaces the goods."""
    if note is None or replacement is None:
        return note.gross if note else ZERO
    about = {"dealer_id": found.dealer_id, "number": replacement}
    costs: Decimal = session.execute(_COSTS, about).scalar_one()
    return note.gross - costs


def _tell(
    session: Session, found: LockedReturn, findings: Sequence[Finding], done: Inspected, actor: Actor
) -> None:
    audit.record(
        session,
        ReturnAction.INSPECTED,
        found.number,
        actor=actor,
        dealer_id=found.dealer_id,
        before={"state": found.state, "units": sum(found.received.values())},
        after={
            "state": str(done.state),
            "credit_note": done.credit_note.number if done.credit_note else None,
            "replacement": done.replacement_no,
        }
        | {str(kind): _units_of(findings, kind) for kind in Disposition}
        | ({"gifts": list(done.gifts.notes)} if done.gifts.notes else {}),
    )
    told = {"number": found.number, "state": str(done.state)}
    outbox.add(session, "return.decided", dealer_id=found.dealer_id, **told)


def _units_of(findings: Sequence[Finding], disposition: Disposition) -> int:
    return sum(one.quantity for one in findings if one.disposition is disposition)


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
_COSTS = text("SELECT total FROM sales_order WHERE dealer_id = :dealer_id AND number = :number")
_SETTLE = text(
    """
    UPDATE return_request
       SET state = 'settled', inspected_by_label = :label, inspected_at = :at, credit_note_no = :credit_note,
           replacement_no = :replacement
     WHERE dealer_id = :dealer_id AND id = :return_id
    """
)
