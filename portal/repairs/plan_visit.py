"""A technician is sent to the device, or is not after all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.repairs.locked import lock_repair, made_repair, save_repair, tell_timeline
from portal.repairs.rules import LINE_MAX, NAME_MAX, TEXT_MAX, VisitState, times_faults
from portal.repairs.vocabulary import RepairAction
from portal.service.converse import answered
from portal.service.handle import who_can
from portal.service.locked import lock_request, save
from portal.service.rules import plain_text, text_faults
from portal.service.told import ANSWERED, tell
from portal.service.vocabulary import STAFF


@dataclass(frozen=True, slots=True)
class VisitEntry:
    """An appointment as it is entered."""

    technician_id: int
    starts_at: datetime
    ends_at: datetime
    address: str
    contact: str = ""
    phone: str = ""
    note: str = ""


def plan_visit(session: Session, *, actor: Actor, number: str, entry: VisitEntry, at: datetime) -> int:
    """Plan a visit for a request; its number. Before a quote it is one to find out what is wrong.

    Raises Invalid with every fault, Conflict for a technician who has another visit then (the database
    decides) or a request that is over, NotFound, Forbidden.
    """
    actor.require(*STAFF)
    request = lock_request(session, number)
    repair = made_repair(session, request, actor=actor, at=at)
    people = {one.user_id: one for one in who_can(session, request.region_id)}
    faults = times_faults(entry.starts_at, entry.ends_at, at)
    if entry.technician_id not in people:
        message, fix = N_("This person does not serve this dealer."), N_("Choose one from the list.")
        faults.append(Fault("/technician", "not_serving", message, fix))
    faults += text_faults("/address", entry.address, most=LINE_MAX)
    faults += text_faults("/contact", entry.contact, most=NAME_MAX, needed=False)
    faults += text_faults("/phone", entry.phone, most=NAME_MAX, needed=False)
    faults += text_faults("/note", entry.note, most=TEXT_MAX, needed=False, in_lines=True)
    if faults:
        raise Invalid(faults=faults)
    technician = people[entry.technician_id]
    visit_no = session.execute(
        _PLAN,
        repair.key
        | {
            "technician_id": technician.user_id,
            "technician": technician.name,
            "starts_at": entry.starts_at,
            "ends_at": entry.ends_at,
            "address": entry.address.strip(),
            "contact": entry.contact.strip(),
            "phone": entry.phone.strip(),
            "note": plain_text(entry.note),
            "label": actor.label,
        },
    ).scalar_one()
    details = {
        "visit": visit_no,
        "technician": technician.name,
        "starts_at": entry.starts_at.isoformat(),
    }
    tell_timeline(session, request, RepairAction.VISIT_PLANNED, actor=actor, at=at, **details)
    save_repair(session, repair, at=at)
    save(session, answered(session, request, actor, at), at=at)
    tell(session, ANSWERED, request)
    return int(visit_no)


def cancel_visit(session: Session, *, actor: Actor, number: str, visit_no: int, at: datetime) -> None:
    """Call a planned visit off. Raises Conflict for one that is not planned any more, NotFound, Forbidden."""
    actor.require(*STAFF)
    request, repair = lock_repair(session, number)
    state = session.execute(_STATE, repair.key | {"visit_no": visit_no}).scalar_one_or_none()
    if state is None:
        raise NotFound()
    if state != VisitState.PLANNED:
        raise Conflict(
            "visit_over", N_("This visit is not planned any more."), fix=N_("Look at it as it is now.")
        )
    session.execute(_CANCEL, repair.key | {"visit_no": visit_no})
    tell_timeline(session, request, RepairAction.VISIT_CANCELLED, actor=actor, at=at, visit=visit_no)
    save_repair(session, repair, at=at)
    tell(session, ANSWERED, request)


_PLAN = text(
    """
    INSERT INTO repair_visit (dealer_id, repair_id, visit_no, technician_id, technician_label, starts_at,
                              ends_at, address, contact, phone, note, planned_by_label)
    SELECT :dealer_id, :repair_id, coalesce(max(visit_no), 0) + 1, :technician_id, :technician, :starts_at,
           :ends_at, :address, :contact, :phone, :note, :label
      FROM repair_visit WHERE dealer_id = :dealer_id AND repair_id = :repair_id
    RETURNING visit_no
    """
)
_STATE = text(
    """
    SELECT state FROM repair_visit
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND visit_no = :visit_no
    """
)
_CANCEL = text(
    """
    UPDATE repair_visit SET state = 'cancelled'
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND visit_no = :visit_no
    """
)
