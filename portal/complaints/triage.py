"""What is made of a complaint: the desk proposes, quality decides."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.complaints.events import open_event
from portal.complaints.locked import LockedComplaint, lock_complaint, tell_fields
from portal.complaints.rules import ComplaintState, Harm, Source, TriageEntry, shown_state, triage_faults
from portal.complaints.vocabulary import PROPOSERS, ComplaintAction
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.lots import plain_lot
from portal.nonconforming.vocabulary import QualityRight
from portal.service.rules import plain_text
from portal.stock.lot_names import known_lot


def triage(
    session: Session,
    *,
    actor: Actor,
    number: str,
    entry: TriageEntry,
    revision: int | None = None,
    zone: ZoneInfo,
    at: datetime,
) -> ComplaintState:
    """Say what a complaint is about. What quality says is decided, and opens an adverse event where there
    may be one; what the desk says is proposed, as long as quality has not decided.

    Raises Invalid with every fault, Conflict when it is closed or has changed, NotFound, Forbidden.
    """
    actor.require(*PROPOSERS)
    complaint = lock_complaint(session, number, revision)
    key = {"dealer_id": complaint.request.dealer_id, "id": complaint.request.id}
    has_event: bool = session.execute(_HAS_EVENT, key).scalar_one()
    faults = triage_faults(entry, at, has_event=has_event)
    product_id = _product(session, entry, faults)
    if faults:
        raise Invalid(faults=faults)
    decides = actor.may(QualityRight.DECIDE)
    _require_open(complaint, decides=decides)
    state = ComplaintState.TRIAGED if decides else ComplaintState.PROPOSED
    fields = _fields(entry) | {"lot_no": _lot(session, key, product_id, entry)}
    if has_event and (entry.harm or entry.is_group or entry.aware_at):
        raise Conflict(
            "event_open_already",
            N_("There is an adverse event of this complaint already."),
            fix=N_("Class its harm on its own page."),
        )
    session.execute(_KEEP, key | {"state": str(state), "stop_use": fields["stop_use"]})
    kept = {"possible_event": bool(entry.possible_event), "product_id": product_id, "label": actor.label}
    session.execute(_ANALYSIS, key | fields | kept | {"at": at, "decides": decides})
    tell_fields(session, complaint.request, _changed(complaint, fields, entry), actor=actor, at=at)
    after = {"state": str(state), "category": entry.category, "possible_event": bool(entry.possible_event)}
    record(session, ComplaintAction.TRIAGED, number, actor=actor, dealer_id=key["dealer_id"], after=after)
    if decides and entry.possible_event and not has_event:
        open_event(
            session,
            complaint.request,
            harm=Harm(entry.harm),
            is_group=entry.is_group,
            aware_at=entry.aware_at or complaint.request.asked_at,
            source=Source.TRIAGE,
            actor=actor,
            zone=zone,
            at=at,
        )
    return state


def _require_open(complaint: LockedComplaint, *, decides: bool) -> None:
    state = shown_state(complaint.state, is_held=complaint.request.is_held)
    if state is ComplaintState.CLOSED or not complaint.request.is_held:
        raise Conflict(
            "complaint_closed",
            N_("This complaint is closed."),
            fix=N_("Reopen its request where it is not solved."),
        )
    if state is ComplaintState.TRIAGED and not decides:
        raise Conflict(
            "already_triaged",
            N_("Quality has decided on this complaint already."),
            fix=N_("Write an internal note to its request."),
        )


def _product(session: Session, entry: TriageEntry, faults: list[Fault]) -> int | None:
    sku = entry.product.strip()
    if not sku or any(one.pointer == "/product" for one in faults):
        return None
    found: int | None = session.execute(_PRODUCT, {"sku": sku}).scalar_one_or_none()
    if found is None:
        message, fix = N_("There is no product %(sku)s."), N_("Check the SKU or search the catalogue.")
        faults.append(Fault("/product", "unknown_sku", message, fix, {"sku": sku[:40]}))
    return found


def _lot(session: Session, key: dict[str, int], product_id: int | None, entry: TriageEntry) -> str:
    """The lot as it is known of the product, or of that which the request names."""
    said = plain_lot(entry.lot)
    if said and product_id is None:
        product_id = session.execute(_ASKED, key).scalar_one_or_none()
    return known_lot(session, product_id, said) or said


def _fields(entry: TriageEntry) -> dict[str, str]:
    return {
        "category": entry.category,
        "grade": entry.grade,
        "event_reason": plain_text(entry.event_reason),
        "serials": plain_text(entry.serials),
        "stop_use": plain_text(entry.stop_use),
    }


def _changed(complaint: LockedComplaint, fields: dict[str, str], entry: TriageEntry) -> dict[str, str]:
    changed = {name: value for name, value in fields.items() if value != getattr(complaint, name)}
    if complaint.state is None or complaint.possible_event != entry.possible_event:
        changed["possible_event"] = "yes" if entry.possible_event else "no"
    if complaint.state is None or entry.product.strip():
        changed["product"] = entry.product.strip()
    return changed


_HAS_EVENT = text("SELECT EXISTS (SELECT FROM adverse_event WHERE dealer_id = :dealer_id AND id = :id)")
_ASKED = text("SELECT product_id FROM service_request WHERE dealer_id = :dealer_id AND id = :id")
_PRODUCT = text("SELECT id FROM product WHERE sku = :sku")
_KEEP = text(
    """
    INSERT INTO complaint AS c (dealer_id, id, state, stop_use) VALUES (:dealer_id, :id, :state, :stop_use)
        ON CONFLICT (dealer_id, id) DO UPDATE
       SET revision = c.revision + 1, state = EXCLUDED.state, stop_use = EXCLUDED.stop_use, closed_at = NULL,
           closed_round = NULL
    """
)
_ANALYSIS = text(
    """
    INSERT INTO complaint_analysis AS a
           (dealer_id, id, category, grade, possible_event, event_reason, product_id, lot_no, serials,
            proposed_by_label, proposed_at, decided_by_label, decided_at)
    VALUES (:dealer_id, :id, :category, :grade, :possible_event, :event_reason, :product_id, :lot_no,
            :serials, :label, :at, CASE WHEN :decides THEN :label ELSE '' END,
            CASE WHEN :decides THEN :at END)
        ON CONFLICT (dealer_id, id) DO UPDATE
       SET category = EXCLUDED.category, grade = EXCLUDED.grade, possible_event = EXCLUDED.possible_event,
           event_reason = EXCLUDED.event_reason, product_id = EXCLUDED.product_id, lot_no = EXCLUDED.lot_no,
           serials = EXCLUDED.serials, decided_by_label = EXCLUDED.decided_by_label,
           decided_at = EXCLUDED.decided_at,
           proposed_by_label = CASE WHEN :decides THEN a.proposed_by_label ELSE :label END,
           proposed_at = CASE WHEN :decides THEN a.proposed_at ELSE :at END
    """
)
