"""Quality decides what becomes of reported units; who destroys them is seen doing it by somebody else."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor, require_other_person, require_person
from portal.kernel.errors import N_, Conflict, Invalid
from portal.nonconforming.documents import LockedReport, lock_report, move_reported
from portal.nonconforming.rules import ENDS, Decision, ReportState, reason_faults, require_state
from portal.nonconforming.vocabulary import NonconformingAction, NonconformingRight, QualityRight
from portal.stock.lots_here import barred_lots, lock_lots
from portal.stock.rules import MovementKind
from portal.stock.serial_rules import SerialState
from portal.stock.serials import Place


def decide_report(
    session: Session,
    *,
    actor: Actor,
    number: str,
    decision: Decision,
    note: str,
    today: date,
    at: datetime,
) -> ReportState:
    """Release the units for sale, send them back to the supplier, or have them destroyed before a witness.

    Locks the report, the level, the lot. Raises Invalid without a reason, Forbidden to who reported them,
    Conflict when it is decided or the lot may not be sold, NotFound.
    """
    actor.require(QualityRight.DECIDE)
    if faults := reason_faults("/note", note.strip()):
        raise Invalid(faults=faults)
    report = lock_report(session, number)
    require_state(report.state, ReportState.REPORTED)
    require_other_person(actor, report.reported_by)
    if decision is Decision.RELEASE:
        _release(session, report, today, actor, at)
    elif decision is Decision.SEND_BACK:
        gone = Place(SerialState.SCRAPPED)
        move_reported(session, report, kind=MovementKind.DISPATCH, on_hand=0, to=gone, actor=actor, at=at)
    state = ENDS[decision]
    about = {"id": report.id, "state": state, "actor": actor.key, "label": actor.label, "at": at}
    session.execute(_DECIDE, {**about, "note": note.strip()})
    said = {"decision": str(decision), "state": str(state), "reported_by": report.reported_by}
    audit.record(
        session,
        NonconformingAction.DECIDED,
        number,
        actor=actor,
        dealer_id=None,
        after=said,
        reason=note.strip(),
    )
    return state


def witness_destruction(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Confirm, signed in as oneself, to have seen the units destroyed: with that they leave the stock.

    Locks the report, the level, the lot. Raises Forbidden to a program and to who decided it, Conflict,
    NotFound.
    """
    actor.require(NonconformingRight.REPORT, QualityRight.DECIDE)
    require_person(actor)
    report = lock_report(session, number)
    require_state(report.state, ReportState.TO_DESTROY)
    require_other_person(actor, report.decided_by or "")
    scrapped = Place(SerialState.SCRAPPED)
    move_reported(session, report, kind=MovementKind.SCRAP, on_hand=0, to=scrapped, actor=actor, at=at)
    session.execute(_WITNESS, {"id": report.id, "actor": actor.key, "label": actor.label, "at": at})
    said = {"quantity": report.quantity, "decided_by": report.decided_by}
    audit.record(session, NonconformingAction.WITNESSED, number, actor=actor, dealer_id=None, after=said)


def _release(session: Session, report: LockedReport, today: date, actor: Actor, at: datetime) -> None:
    lock_lots(session, warehouse_id=report.warehouse_id, lots=[report.lot_id])
    barred = barred_lots(session, warehouse_id=report.warehouse_id, lots=[report.lot_id], today=today)
    if barred.lots:
        raise Conflict(
            "lot_not_saleable",
            N_("The lot is expired or blocked: its units cannot be sold."),
            fix=N_("Send them back to the supplier, or have them destroyed."),
        )
    saleable = Place(SerialState.SALEABLE, report.warehouse_id)
    move_reported(
        session,
        report,
        kind=MovementKind.QUARANTINE,
        on_hand=report.quantity,
        to=saleable,
        actor=actor,
        at=at,
    )


_DECIDE = text(
    """
    UPDATE nonconforming_report
       SET state = :state, decided_by = :actor, decided_by_label = :label, decided_at = :at,
           decision_note = :note
     WHERE id = :id
    """
)
_WITNESS = text(
    """
    UPDATE nonconforming_report
       SET state = 'destroyed', witnessed_by = :actor, witnessed_by_label = :label, witnessed_at = :at
     WHERE id = :id
    """
)
