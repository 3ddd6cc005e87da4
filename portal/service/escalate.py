"""Whoever has a request, and their lead, are told before its time runs out, and when it has.

Once each of every target: one that is sorted anew has other targets, and a target that it had before is the
same one again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.colleagues import colleagues
from portal.kernel.actor import SYSTEM
from portal.service.entries import Entry, add_entry
from portal.service.locked import LockedRequest, lock_request
from portal.service.rules import OPEN, EntryKind
from portal.service.sla_rules import Clock, Stage, stage_at
from portal.service.told import tell_escalated
from portal.service.vocabulary import ServiceAction, ServiceRight

AT_ONCE = 200


def escalate(session: Session, *, at: datetime) -> int:
    """Tell of the clocks that run out; of how many. Twice at once, each is told once.

    What was promised is read under the lock: a request that somebody sorts meanwhile has another promise.
    """
    rows = session.execute(_DUE, {"at": at, "limit": AT_ONCE}).all()
    count = 0
    for row in sorted(rows, key=lambda row: (row.dealer_id, row.id)):
        request = lock_request(session, row.number)
        for clock, stage, minutes in _running_out(request, at):
            about = {"dealer_id": request.dealer_id, "id": request.id, "round": request.reopenings}
            promise = {"clock": str(clock), "stage": str(stage), "minutes": minutes, "at": at}
            if session.execute(_NOTE, about | promise).one_or_none() is None:
                continue
            details = {"clock": str(clock), "stage": str(stage)}
            entry = Entry(EntryKind.ESCALATED, ServiceAction.ESCALATED, details=details)
            add_entry(session, request, entry, actor=SYSTEM, at=at)
            tell_escalated(
                session, dealer_id=request.dealer_id, number=request.number, clock=clock, stage=stage
            )
            count += 1
    return count


def _running_out(request: LockedRequest, at: datetime) -> Iterator[tuple[Clock, Stage, int]]:
    """The clocks of a locked request that run out or have, with the minutes that were promised."""
    if request.state not in OPEN or request.paused_at is not None:
        return
    if request.first_answered_at is None:
        stage = stage_at(request.first_answer_due_at, request.first_answer_warn_at, at)
        if stage is not None:
            yield Clock.FIRST_ANSWER, stage, request.first_answer_minutes
    stage = stage_at(request.resolution_due_at, request.resolution_warn_at, at)
    if stage is not None:
        yield Clock.RESOLUTION, stage, request.resolution_minutes


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
    return [one.user_id for one in colleagues(session) if one.may(ServiceRight.DESK)]


# A breach without a warning before it, of a clock as short as the job is late, tells of the breach alone.
_TOLD_OF = """
SELECT FROM service_escalation e
 WHERE (e.dealer_id, e.request_id, e.round, e.clock, e.minutes)
     = (n.dealer_id, n.id, n.round, n.clock, n.minutes)
   AND (e.stage = 'breach' OR n.stage = 'warning')
"""
_DUE = text(
    f"""
    SELECT n.dealer_id, n.id, n.number
      FROM (SELECT r.dealer_id, r.id, r.number, r.reopenings AS round, c.clock, c.minutes, c.due_at,
                   CASE WHEN c.due_at <= :at THEN 'breach' ELSE 'warning' END AS stage
              FROM (SELECT * FROM service_request
                     WHERE state IN ('new', 'assigned', 'in_progress', 'waiting') AND paused_at IS NULL
                       AND warn_at <= :at) r,
                   LATERAL (VALUES
                     ('first_answer', r.first_answer_minutes,
                      CASE WHEN r.first_answered_at IS NULL THEN r.first_answer_due_at END,
                      r.first_answer_warn_at),
                     ('resolution', r.resolution_minutes, r.resolution_due_at, r.resolution_warn_at))
                     AS c(clock, minutes, due_at, warn_at)
             WHERE c.due_at IS NOT NULL AND c.warn_at <= :at) n
     WHERE NOT EXISTS ({_TOLD_OF})
     GROUP BY n.dealer_id, n.id, n.number ORDER BY min(n.due_at), n.dealer_id, n.id LIMIT :limit
    """
)
_NOTE = text(
    f"""
    INSERT INTO service_escalation (dealer_id, request_id, round, clock, stage, minutes, told_at)
    SELECT n.dealer_id, n.id, n.round, n.clock, n.stage, n.minutes, :at
      FROM (SELECT CAST(:dealer_id AS bigint) AS dealer_id, CAST(:id AS bigint) AS id,
                   CAST(:round AS smallint) AS round, CAST(:clock AS text) AS clock,
                   CAST(:stage AS text) AS stage, CAST(:minutes AS integer) AS minutes) n
     WHERE NOT EXISTS ({_TOLD_OF})
        ON CONFLICT DO NOTHING RETURNING stage
    """
)
_TOLD = text(
    """
    SELECT r.number, r.state, r.kind, r.severity, r.subject, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           r.asked_by, r.assignee_id, r.assignee_label, r.lead_id, r.due_at
      FROM service_request r JOIN dealer d ON d.id = r.dealer_id WHERE r.number = :number
    """
)
