"""Whoever has a request, and their lead, are told before its time runs out, and when it has: once each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.colleagues import colleagues
from portal.identity.rules import rights_of
from portal.kernel.actor import SYSTEM
from portal.kernel.registry import registry
from portal.service.entries import Entry, add_entry
from portal.service.locked import lock_request
from portal.service.rules import EntryKind
from portal.service.sla_rules import Clock, Stage
from portal.service.told import tell_escalated
from portal.service.vocabulary import ServiceAction, ServiceRight

AT_ONCE = 200


def escalate(session: Session, *, at: datetime) -> int:
    """Tell of the clocks that run out; of how many. Twice at once, each is told once."""
    rows = session.execute(_DUE, {"at": at, "limit": AT_ONCE}).all()
    for row in sorted(rows, key=lambda row: (row.dealer_id, row.id)):
        clock, stage = Clock(row.clock), Stage(row.stage)
        entry = Entry(
            EntryKind.ESCALATED,
            ServiceAction.ESCALATED,
            details={"clock": str(clock), "stage": str(stage)},
        )
        add_entry(session, lock_request(session, row.number), entry, actor=SYSTEM, at=at)
        tell_escalated(session, dealer_id=row.dealer_id, number=row.number, clock=clock, stage=stage)
    return len(rows)


@dataclass(frozen=True, slots=True)
class Told:
    """A request in a letter. assignee_id, lead_id: whom it concerns at headquarters."""

    number: str
    state: str
    kind: str
    severity: str
    subject: str
    dealer_zh: str
    dealer_en: str
    asked_by: str
    assignee_id: int | None
    assignee_label: str
    lead_id: int | None
    due_at: datetime


def told_of(session: Session, number: str) -> Told | None:
    """The request of a number; None out of scope."""
    row = session.execute(_TOLD, {"number": number}).one_or_none()
    return None if row is None else Told(**row._mapping)


def people_of(session: Session, told: Told, *, with_lead: bool) -> list[int]:
    """Whoever has it, with their lead where that is asked for; the whole desk where nobody has it."""
    if wanted := {told.assignee_id, told.lead_id if with_lead else None} - {None}:
        return sorted(one for one in wanted if one is not None)
    rights = registry().rights
    return [one.user_id for one in colleagues(session) if ServiceRight.DESK in rights_of(one.roles, rights)]


# A breach without a warning before it, of a clock as short as the job is late, tells of the breach alone.
_DUE = text(
    """
    WITH running AS (
      SELECT r.dealer_id, r.id, r.number, r.reopenings, c.clock, c.due_at, c.warn_at
        FROM (SELECT * FROM service_request
               WHERE state IN ('new', 'assigned', 'in_progress', 'waiting') AND paused_at IS NULL
                 AND warn_at <= :at) r,
             LATERAL (VALUES
               ('first_answer', CASE WHEN r.first_answered_at IS NULL THEN r.first_answer_due_at END,
                r.first_answer_warn_at),
               ('resolution', r.resolution_due_at, r.resolution_warn_at)) AS c(clock, due_at, warn_at)
       WHERE c.due_at IS NOT NULL AND c.warn_at <= :at),
    due AS (
      SELECT n.dealer_id, n.id, n.number, n.reopenings, n.clock,
             CASE WHEN n.due_at <= :at THEN 'breach' ELSE 'warning' END AS stage
        FROM running n
       WHERE NOT EXISTS (SELECT FROM service_escalation e
                          WHERE (e.dealer_id, e.request_id, e.round, e.clock)
                              = (n.dealer_id, n.id, n.reopenings, n.clock)
                            AND (e.stage = 'breach' OR n.due_at > :at))
       ORDER BY n.due_at, n.dealer_id, n.id LIMIT :limit),
    told AS (
      INSERT INTO service_escalation (dealer_id, request_id, round, clock, stage, told_at)
      SELECT dealer_id, id, reopenings, clock, stage, :at FROM due ORDER BY dealer_id, id, clock
          ON CONFLICT DO NOTHING
      RETURNING dealer_id, request_id, clock, stage)
    SELECT t.dealer_id, t.request_id AS id, d.number, t.clock, t.stage
      FROM told t JOIN due d ON (d.dealer_id, d.id, d.clock) = (t.dealer_id, t.request_id, t.clock)
    """
)
_TOLD = text(
    """
    SELECT r.number, r.state, r.kind, r.severity, r.subject, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           r.asked_by, r.assignee_id, r.assignee_label, r.lead_id, r.due_at
      FROM service_request r JOIN dealer d ON d.id = r.dealer_id WHERE r.number = :number
    """
)
