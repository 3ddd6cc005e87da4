"""Complaints and adverse events that wait for quality."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.complaints.trend import signals
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.nonconforming.vocabulary import QualityRight

COMPLAINTS, EVENTS, LOTS = "complaints.index", "adverse_events.index", "complaint_lots.index"
"""The pages of complaints, of adverse events, and of complaints by lot."""


def work(session: Session, actor: Actor, at: datetime, today: date) -> Iterator[Waiting | Tally]:
    """What quality has to decide, to report and to look into."""
    if not (actor.is_staff and actor.may(QualityRight.DECIDE)):
        return
    overdue, running = {"which": "overdue"}, {"which": "running"}
    yield Tally(Waiting(N_("Adverse events overdue"), 0, EVENTS, overdue, is_urgent=True), _OVERDUE)
    yield Tally(Waiting(N_("Adverse events to report"), 0, EVENTS, running, is_urgent=True), _RUNNING)
    yield Tally(Waiting(N_("Reports for you to submit"), 0, EVENTS, {}), _TO_SUBMIT)
    yield Tally(Waiting(N_("Complaints to triage"), 0, COMPLAINTS, {"status": "triage"}), _TO_TRIAGE)
    yield Waiting(N_("Lots with many complaints"), signals(session, today=today, at=at), LOTS, {})


_OVERDUE = text(
    """
    SELECT count(*) FROM (SELECT FROM adverse_event
                           WHERE (state = 'open' AND due_at <= :at)
                              OR (state IN ('open', 'submitted') AND notice_at IS NULL
                                  AND notice_due_at <= :at) LIMIT :most) met
    """
)
_RUNNING = text("SELECT count(*) FROM (SELECT FROM adverse_event WHERE state = 'open' LIMIT :most) met")
_TO_SUBMIT = text(
    """
    SELECT count(*) FROM (SELECT FROM adverse_event e
                           JOIN adverse_report w ON (w.dealer_id, w.event_id, w.version_no)
                                                  = (e.dealer_id, e.id, e.version_no)
                          WHERE e.state IN ('open', 'submitted') AND e.version_no > e.submitted_no
                            AND w.written_by <> :actor LIMIT :most) met
    """
)
_TO_TRIAGE = text(
    """
    SELECT count(*) FROM (SELECT FROM service_request r
                           LEFT JOIN complaint_analysis a ON (a.dealer_id, a.id) = (r.dealer_id, r.id)
                          WHERE r.is_held AND r.kind = 'complaint' AND a.decided_at IS NULL
                          LIMIT :most) met
    """
)
