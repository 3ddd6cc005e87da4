"""A technician files what was found and done at a visit: once, however often a phone sends it.

After a test that passed the work is invoiced, as far as it was accepted, and the request is resolved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from portal.dealers.account import lock_account
from portal.deliveries.rules import plain_name
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid, NotFound
from portal.kernel.signature_rules import Strokes, signature_of
from portal.repairs.finish_work import finish_work
from portal.repairs.locked import LockedRepair, require_open, save_repair, tell_timeline
from portal.repairs.parts import parts_of
from portal.repairs.queries import check_items, lots_for
from portal.repairs.report_rules import CheckItem, ReportEntry, fingerprint, report_faults, used_faults
from portal.repairs.rules import RepairState, Result, VisitState
from portal.repairs.use_parts import held_of, use_parts
from portal.repairs.vocabulary import RepairAction
from portal.service.converse import answered
from portal.service.locked import LockedRequest, lock_request, save
from portal.service.rules import plain_text
from portal.service.told import ANSWERED, tell
from portal.service.vocabulary import STAFF, ServiceRight
from portal.stock.lots_here import lock_lots
from portal.stock.reservations import lock_levels


@dataclass(frozen=True, slots=True)
class Filed:
    """A report that is kept, now or before. invoice_no: of the work, where it is billed."""

    visit_no: int
    invoice_no: str | None


def file_report(
    session: Session,
    *,
    actor: Actor,
    number: str,
    visit_no: int,
    entry: ReportEntry,
    today: date,
    margin_days: int,
    at: datetime,
) -> Filed:
    """File the report of a visit, as who was sent there, who leads the request, or the desk for them.

    The same once more answers what came of it the first time.

    Raises Invalid with every fault; Conflict for another report with the same key, for a visit of which
    somebody has filed one, and for a test that passed before a quote was accepted; NotFound, Forbidden.
    """
    actor.require(*STAFF)
    request, repair, visit = _locked(session, number, visit_no)
    _require_own(actor, visit, request)
    mark = fingerprint(entry, f"{repair.number}/{visit_no}")
    before = _before(session, repair, visit_no, entry.client_key, mark)
    if before:
        return before
    if visit.state != VisitState.PLANNED or repair.ended_at:
        raise Conflict(
            "visit_over", N_("This visit is not planned any more."), fix=N_("Look at it as it is now.")
        )
    require_open(request)
    if entry.result == Result.PASSED and repair.state != RepairState.ACCEPTED:
        raise Conflict(
            "not_accepted",
            N_("Nothing is repaired before the dealer has accepted a quote."),
            fix=N_("Report what you found, and have a quote written."),
        )
    items = check_items(session, request.category)
    strokes = _checked(session, repair, entry, items, today=today, margin_days=margin_days)
    _keep(session, repair, visit_no, entry, items, strokes, mark, actor=actor, at=at)
    used = use_parts(
        session, request, repair, visit_no, entry.used, actor=actor, today=today,
        margin_days=margin_days, at=at,
    )  # fmt: skip
    details = {"visit": visit_no, "result": entry.result, "signed": plain_name(entry.signed_name)}
    tell_timeline(
        session, request, RepairAction.VISIT_REPORTED, actor=actor, at=at, said=entry.findings,
        files=entry.files, used=used, **details,
    )  # fmt: skip
    if entry.result != Result.PASSED:
        save_repair(session, repair, at=at)
        save(session, answered(session, request, actor, at), at=at)
        tell(session, ANSWERED, request)
        return Filed(visit_no, invoice_no=None)
    invoice_no = finish_work(session, request, repair, said=entry.findings, actor=actor, today=today, at=at)
    return Filed(visit_no, invoice_no=invoice_no)


def may_report(actor: Actor, technician_id: int, lead_id: int | None) -> bool:
    """Whether somebody files the report of a technician's visit: they, who leads the request, the desk."""
    if actor.may(ServiceRight.DESK):
        return True
    return actor.user_id is not None and actor.user_id in (technician_id, lead_id)


def _require_own(actor: Actor, visit: _Visit, request: LockedRequest) -> None:
    if not may_report(actor, visit.technician_id, request.lead_id):
        raise Forbidden(
            "others_visit",
            N_("%(name)s makes this visit, and reports it."),
            fix=N_("Ask them, or have the service desk file the report."),
            name=visit.technician_label,
        )


def _locked(session: Session, number: str, visit_no: int) -> tuple[LockedRequest, LockedRepair, _Visit]:
    """The request, its repair with this visit, and the visit. The account comes first: for the bill."""
    dealer_id = session.execute(_DEALER, {"number": number}).scalar_one_or_none()
    if dealer_id is None:
        raise NotFound()
    lock_account(session, dealer_id)
    request = lock_request(session, number)
    about = {"dealer_id": request.dealer_id, "request_id": request.id, "visit_no": visit_no}
    row = session.execute(_VISIT, about).one_or_none()
    if row is None:
        raise NotFound()
    visit = _Visit(row.visit_state, row.technician_id, row.technician_label)
    return request, value_of(LockedRepair, row), visit


@dataclass(frozen=True, slots=True)
class _Visit:
    state: str
    technician_id: int
    technician_label: str


def _before(
    session: Session, repair: LockedRepair, visit_no: int, client_key: str, mark: str
) -> Filed | None:
    """What came of the same report before. Raises Conflict for another one."""
    about = {"dealer_id": repair.dealer_id, "client_key": client_key}
    row = session.execute(_BY_KEY, about).one_or_none()
    if row is not None:
        if row.fingerprint == mark:
            return Filed(visit_no, invoice_no=row.invoice_no)
        raise Conflict(
            "key_reused",
            N_("Another report came with this key before; that one is kept."),
            fix=N_("Load the page again, and compare with what is there."),
        )
    filed = session.execute(_BY_VISIT, repair.key | {"visit_no": visit_no}).one_or_none()
    if filed is not None:
        raise Conflict(
            "report_filed",
            N_("%(name)s has filed the report of this visit already."),
            fix=N_("Read it; add what is missing as a message of the request."),
            name=filed.filed_by_label,
        )
    return None


def _checked(
    session: Session,
    repair: LockedRepair,
    entry: ReportEntry,
    items: list[CheckItem],
    *,
    today: date,
    margin_days: int,
) -> Strokes | None:
    """The signature. Raises Invalid with everything that is wrong with a report."""
    faults = list[Fault]()
    strokes = signature_of(entry.signature, faults)
    faults += report_faults(entry, items, strokes)
    if entry.used:
        lots = lots_for(session, repair.dealer_id, repair.id, today=today, margin_days=margin_days)
        if repair.warehouse_id is not None and lots:
            # Levels of all that is held, used or not: what is not used goes back after the lots are locked.
            held = [product for product, (_, reserved, _) in parts_of(session, repair).items() if reserved]
            lock_levels(session, warehouse_id=repair.warehouse_id, products=held)
            lock_lots(session, warehouse_id=repair.warehouse_id, lots={one.lot_id for one in lots})
            lots = lots_for(session, repair.dealer_id, repair.id, today=today, margin_days=margin_days)
        faults += used_faults(entry.used, lots, held_of(session, repair))
    if faults:
        raise Invalid(faults=faults)
    return strokes


def _keep(
    session: Session,
    repair: LockedRepair,
    visit_no: int,
    entry: ReportEntry,
    items: list[CheckItem],
    strokes: Strokes | None,
    mark: str,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    said = entry.checks or {}
    checks = [{"zh": one.name_zh, "en": one.name_en, "result": said[one.id]} for one in items]
    kept: dict[str, Any] = {
        "visit_no": visit_no,
        "client_key": entry.client_key,
        "fingerprint": mark,
        "result": entry.result,
        "findings": plain_text(entry.findings),
        "checks": checks,
        "signed_name": plain_name(entry.signed_name),
        "signature": strokes,
        "files": list(entry.files),
        "actor": actor.key,
        "label": actor.label,
        "at": at,
    }
    session.execute(_KEEP, repair.key | kept)
    session.execute(_REPORTED, repair.key | {"visit_no": visit_no})


_DEALER = text("SELECT dealer_id FROM service_request WHERE number = :number")
_VISIT = text(
    """
    SELECT r.dealer_id, r.id, r.number, r.request_id, r.revision, r.state, r.is_warranty, r.quote_version,
           r.warehouse_id, r.short, r.invoice_no, r.ended_at, v.state AS visit_state, v.technician_id,
           v.technician_label
      FROM repair r JOIN repair_visit v ON (v.dealer_id, v.repair_id) = (r.dealer_id, r.id)
     WHERE r.dealer_id = :dealer_id AND r.request_id = :request_id AND v.visit_no = :visit_no
     ORDER BY r.id DESC LIMIT 1
    """
)
_BY_KEY = text(
    """
    SELECT p.fingerprint, r.invoice_no
      FROM repair_report p JOIN repair r ON (r.dealer_id, r.id) = (p.dealer_id, p.repair_id)
     WHERE p.dealer_id = :dealer_id AND p.client_key = :client_key
    """
)
_BY_VISIT = text(
    """
    SELECT filed_by_label FROM repair_report
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND visit_no = :visit_no
    """
)
_KEEP = text(
    """
    INSERT INTO repair_report (dealer_id, repair_id, visit_no, client_key, fingerprint, result, findings,
                               checks, signed_name, signature, files, filed_by, filed_by_label, filed_at)
    VALUES (:dealer_id, :repair_id, :visit_no, :client_key, :fingerprint, :result, :findings, :checks,
            :signed_name, :signature, :files, :actor, :label, :at)
    """
).bindparams(bindparam("signature", type_=JSONB(none_as_null=True)), bindparam("checks", type_=JSONB()))
_REPORTED = text(
    """
    UPDATE repair_visit SET state = 'reported'
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND visit_no = :visit_no
    """
)
