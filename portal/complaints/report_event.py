"""The report of an adverse event: somebody of quality writes it, another one submits it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.complaints.locked import lock_event
from portal.complaints.report_rules import ReportKind, content_of, report_faults, submission_faults
from portal.complaints.rules import REFERENCE_MAX, require_running
from portal.complaints.vocabulary import REPORT_SUBMITTED, ComplaintAction
from portal.kernel import clock, outbox
from portal.kernel.actor import Actor, require_other_person, require_person
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.nonconforming.vocabulary import QualityRight
from portal.service.rules import text_faults


def write_report(
    session: Session,
    *,
    actor: Actor,
    number: str,
    said: Mapping[str, str],
    revision: int | None = None,
    today: date,
    at: datetime,
) -> int:
    """Write a version of the report more; its number. What is missing may follow, before it is submitted.

    Raises Invalid with every fault, Conflict when the event is over or has changed, NotFound, Forbidden.
    """
    actor.require(QualityRight.DECIDE)
    content = content_of(said)
    if faults := report_faults(content, today):
        raise Invalid(faults=faults)
    event = lock_event(session, number, revision)
    require_running(event.state)
    version = event.version_no + 1
    kind = ReportKind.FOLLOW_UP if event.submitted_no else ReportKind.FIRST
    session.execute(
        _WRITE,
        event.key
        | {
            "version": version,
            "kind": str(kind),
            "content": orjson.dumps(content).decode(),
            "actor": actor.key,
            "label": actor.label,
            "at": at,
        },
    )
    session.execute(_WRITTEN, event.key | {"version": version})
    after = {"version": version, "kind": str(kind)}
    dealer_id = event.request.dealer_id
    record(session, ComplaintAction.REPORT_WRITTEN, number, actor=actor, dealer_id=dealer_id, after=after)
    return version


def submit_report(
    session: Session,
    *,
    actor: Actor,
    number: str,
    submitted_on: date | None,
    reference: str,
    revision: int | None = None,
    zone: ZoneInfo,
    today: date,
    at: datetime,
) -> int:
    """A person says that the version written last was handed to the regulator; its number.

    submitted_on: when, by the calendar of `zone`; reference: what the regulator calls it. Raises Invalid for
    what the form demands, Forbidden to who wrote it and to a program, Conflict without a new version,
    NotFound.
    """
    actor.require(QualityRight.DECIDE)
    require_person(actor)
    event = lock_event(session, number, revision)
    require_running(event.state)
    if event.version_no == event.submitted_no:
        raise Conflict(
            "nothing_to_submit", N_("No report waits for its submission."), fix=N_("Write one first.")
        )
    key = event.key | {"version": event.version_no}
    report = session.execute(_REPORT, key).one()
    require_other_person(actor, report.written_by)
    faults = submission_faults(report.content, needs_lot=bool(report.lot_controlled))
    faults += text_faults("/reference", reference, most=REFERENCE_MAX)
    aware_on = clock.business_date(event.aware_at, zone)
    if submitted_on is None or not aware_on <= submitted_on <= today:
        message = N_("It was submitted between the day of awareness and today.")
        faults.append(Fault("/submitted_on", "day_out_of_range", message, N_("Enter the day.")))
    if faults:
        raise Invalid("not_complete", N_("The report cannot be submitted as it is."), faults=faults)
    about = {"actor": actor.key, "label": actor.label, "on": submitted_on, "reference": reference.strip()}
    session.execute(_SUBMIT, key | about | {"written_by": report.written_by, "at": at})
    session.execute(_SUBMITTED, key | {"at": at})
    after = {"version": event.version_no, "reference": reference.strip(), "written_by": report.written_by}
    dealer_id = event.request.dealer_id
    record(session, ComplaintAction.REPORT_SUBMITTED, number, actor=actor, dealer_id=dealer_id, after=after)
    version = event.version_no
    outbox.add(session, REPORT_SUBMITTED, dealer_id=dealer_id, number=number, version=version)
    return event.version_no


_WRITE = text(
    """
    INSERT INTO adverse_report (dealer_id, event_id, version_no, kind, content, written_by, written_by_label,
                                written_at)
    VALUES (:dealer_id, :id, :version, :kind, CAST(:content AS jsonb), :actor, :label, :at)
    """
)
_WRITTEN = text(
    """
    UPDATE adverse_event SET revision = revision + 1, version_no = :version
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_REPORT = text(
    """
    SELECT w.content, w.written_by, p.lot_controlled
      FROM adverse_report w
      JOIN service_request r ON (r.dealer_id, r.id) = (w.dealer_id, w.event_id)
      LEFT JOIN complaint_analysis a ON (a.dealer_id, a.id) = (w.dealer_id, w.event_id)
      LEFT JOIN product p ON p.id = coalesce(a.product_id, r.product_id)
     WHERE w.dealer_id = :dealer_id AND w.event_id = :id AND w.version_no = :version
    """
)
_SUBMIT = text(
    """
    INSERT INTO adverse_submission (dealer_id, event_id, version_no, written_by, submitted_by,
                                    submitted_by_label, submitted_on, reference, recorded_at)
    VALUES (:dealer_id, :id, :version, :written_by, :actor, :label, :on, :reference, :at)
    """
)
_SUBMITTED = text(
    """
    UPDATE adverse_event
       SET revision = revision + 1, state = 'submitted', submitted_no = :version,
           submitted_at = coalesce(submitted_at, :at)
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
