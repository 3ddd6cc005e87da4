"""A request under its own lock."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks, outbox
from portal.kernel.errors import N_, Conflict, NotFound
from portal.kernel.locks import Rank
from portal.service.rules import ENDING, Act, RequestState, ServiceKind, Severity, after, require_free
from portal.service.sla_rules import Calendar, Target, clocks, stood_until
from portal.service.vocabulary import ServiceEvent
from portal.workdays.queries import calendar


@dataclass(frozen=True, slots=True)
class LockedRequest:
    """A request that nobody else can change until the commit. was: its state as it was read."""

    dealer_id: int
    id: int
    number: str
    revision: int
    kind: ServiceKind
    severity: Severity
    state: RequestState
    category: str
    region_id: int | None
    assignee_id: int | None
    assignee_label: str
    lead_id: int | None
    asked_by: str
    asked_at: datetime
    since: datetime
    first_answer_minutes: int
    resolution_minutes: int
    first_answer_due_at: datetime
    first_answer_warn_at: datetime
    first_answered_at: datetime | None
    first_answer_took: int | None
    resolution_due_at: datetime
    resolution_warn_at: datetime
    paused_at: datetime | None
    stood_minutes: int
    resolved_at: datetime | None
    resolved_by_label: str
    resolution: str
    reopenings: int
    ended_at: datetime | None
    merged_into: int | None
    rating: int | None
    rating_text: str
    rated_at: datetime | None
    is_held: bool
    was: RequestState

    @property
    def target(self) -> Target:
        """What was promised."""
        return Target(self.first_answer_minutes, self.resolution_minutes)


def lock_request(session: Session, number: str) -> LockedRequest:
    """Lock a request and read it. Raises NotFound out of scope."""
    return lock_requests(session, [number])[0]


def lock_requests(session: Session, numbers: list[str]) -> list[LockedRequest]:
    """Lock several, in the order of their ids, and read them as they were named. Raises NotFound."""
    found = session.execute(_KEYS, {"numbers": numbers}).all()
    keys = {row.number: (row.dealer_id, row.id) for row in found}
    if not all(number in keys for number in numbers):
        raise NotFound()
    locks.take(session, Rank.REQUEST, list(keys.values()))
    read = {}
    for dealer_id, request_id in sorted(keys.values()):
        row = session.execute(_LOCK, {"dealer_id": dealer_id, "id": request_id}).one()
        told = {
            "kind": ServiceKind(row.kind),
            "severity": Severity(row.severity),
            "state": RequestState(row.state),
            "was": RequestState(row.state),
        }
        read[row.number] = LockedRequest(**{**row._mapping, **told})
    return [read[number] for number in numbers]


def moved(request: LockedRequest, act: Act, revision: int | None = None) -> RequestState:
    """The state after an act on what was read at `revision`. Raises Conflict."""
    state = after(request.state, act)
    if act in ENDING:
        require_free(is_held=request.is_held)
    if revision is not None and revision != request.revision:
        raise Conflict(
            "edited_meanwhile",
            N_("Someone else has changed this request meanwhile."),
            fix=N_("Look at it as it is now, and go on from there."),
        )
    return state


def save(session: Session, request: LockedRequest, *, at: datetime) -> RequestState:
    """Write a locked request as it has become; its state, which is new as long as nobody has it.

    Webhooks are told of another state.
    """
    if request.state in (RequestState.ASSIGNED, RequestState.IN_PROGRESS) and request.assignee_id is None:
        request = replace(request, state=RequestState.NEW)
    session.execute(_SAVE, asdict(request) | {"at": at})
    if request.state is not request.was:
        is_solved = request.state is RequestState.RESOLVED
        event = ServiceEvent.RESOLVED if is_solved else ServiceEvent.CHANGED
        states = {"state": str(request.state), "before": str(request.was)}
        outbox.add(session, event, dealer_id=request.dealer_id, number=request.number, **states)
    return request.state


def timed(session: Session, request: LockedRequest, *, state: RequestState, at: datetime) -> LockedRequest:
    """A request in its next state: its clocks stand while it waits for the dealer, and run on afterwards."""
    if state is RequestState.WAITING:
        return replace(request, state=state, paused_at=request.paused_at or at)
    if request.paused_at is None:
        return replace(request, state=state)
    of = calendar(session)
    stood = stood_until(of, request.stood_minutes, request.paused_at, at)
    return replace(reckoned(of, replace(request, stood_minutes=stood)), state=state, paused_at=None)


def reckoned(of: Calendar, request: LockedRequest) -> LockedRequest:
    """A request with its clocks reckoned anew; that of a first answer that was given stays."""
    due = clocks(of, request.target, request.since, request.stood_minutes)
    answered = request.first_answered_at is not None
    return replace(
        request,
        first_answer_due_at=request.first_answer_due_at if answered else due.first_answer_due_at,
        first_answer_warn_at=request.first_answer_warn_at if answered else due.first_answer_warn_at,
        resolution_due_at=due.resolution_due_at,
        resolution_warn_at=due.resolution_warn_at,
    )


_KEYS = text(
    "SELECT dealer_id, id, number FROM service_request WHERE number = ANY (CAST(:numbers AS text[]))"
)
_LOCK = text(
    """
    SELECT dealer_id, id, number, revision, kind, severity, state, category, region_id, assignee_id,
           assignee_label, lead_id, asked_by, asked_at, since, first_answer_minutes, resolution_minutes,
           first_answer_due_at, first_answer_warn_at, first_answered_at, first_answer_took,
           resolution_due_at, resolution_warn_at, paused_at, stood_minutes, resolved_at,
           resolved_by_label, resolution, reopenings, ended_at, merged_into, rating, rating_text, rated_at,
           is_held
      FROM service_request WHERE dealer_id = :dealer_id AND id = :id FOR NO KEY UPDATE
    """
)
_SAVE = text(
    """
    UPDATE service_request
       SET revision = revision + 1, kind = :kind, severity = :severity, state = :state,
           assignee_id = :assignee_id, assignee_label = :assignee_label, lead_id = :lead_id,
           touched_at = :at, since = :since, first_answer_minutes = :first_answer_minutes,
           resolution_minutes = :resolution_minutes, first_answer_due_at = :first_answer_due_at,
           first_answer_warn_at = :first_answer_warn_at, first_answered_at = :first_answered_at,
           first_answer_took = :first_answer_took,
           resolution_due_at = :resolution_due_at, resolution_warn_at = :resolution_warn_at,
           paused_at = :paused_at, stood_minutes = :stood_minutes, resolved_at = :resolved_at,
           resolved_by_label = :resolved_by_label, resolution = :resolution, reopenings = :reopenings,
           ended_at = :ended_at, merged_into = :merged_into, rating = :rating, rating_text = :rating_text,
           rated_at = :rated_at, is_held = :is_held
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
