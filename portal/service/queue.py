"""Requests as headquarters works them off: what is due first first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.fragments import on_day
from portal.kernel.actor import Actor
from portal.kernel.document_list import Sought
from portal.kernel.paging import COUNTED_MAX, Page
from portal.kernel.search_pattern import containing_text
from portal.service.queries import IS_OPEN, REQUESTS, RequestRow
from portal.service.rules import OPEN, RequestState

QUEUES = ("mine", "unassigned", "overdue", "waiting", "open", "all")
QUEUE = replace(
    REQUESTS,
    name="service-queue",
    moment="due_at",
    conditions={
        **REQUESTS.conditions,
        "assignee_id": "r.assignee_id = :assignee_id",
        "unassigned": "r.assignee_id IS NULL AND :unassigned = 'yes'",
        "until": f"{IS_OPEN} AND r.paused_at IS NULL AND r.due_at <= :until",
        "waiting": "r.state = 'waiting' AND :waiting = 'yes'",
        "region": f"""
        EXISTS (SELECT FROM dealer_region dr JOIN region g ON g.id = dr.region_id
                  LEFT JOIN region a ON a.id = g.parent_id
                 WHERE dr.dealer_id = r.dealer_id AND {on_day("dr")} AND :region IN (g.code, a.code))
        """,
    },
)


def queue(
    session: Session,
    *,
    actor: Actor,
    which: str = "open",
    kind: str = "",
    severity: str = "",
    region: str = "",
    q: str = "",
    at: datetime,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[RequestRow]:
    """Requests as headquarters works them off, in the order in which they are due.

    which: one of `QUEUES`, or a state. Raises Invalid for a foreign cursor.
    """
    sought = _queued(actor, which, kind, severity, region, q, at)
    return QUEUE.page(session, sought, limit=limit, cursor=cursor, sort=sort or "due_at")


def count_queue(
    session: Session,
    *,
    actor: Actor,
    which: str = "open",
    kind: str = "",
    severity: str = "",
    region: str = "",
    q: str = "",
    at: datetime,
) -> int:
    """How many requests `queue` gives, at most one more than `paging.COUNTED_MAX`."""
    return QUEUE.count(session, _queued(actor, which, kind, severity, region, q, at))


def queue_counts(session: Session, *, actor: Actor, at: datetime) -> dict[str, int]:
    """How many requests wait in each queue, each counted to one more than `paging.COUNTED_MAX`."""
    about = {"user_id": actor.user_id or 0, "at": at, "most": COUNTED_MAX + 1}
    return dict(session.execute(_QUEUE_COUNTS, about).one()._mapping)


def board(
    session: Session,
    *,
    actor: Actor,
    which: str = "open",
    kind: str = "",
    severity: str = "",
    region: str = "",
    q: str = "",
    at: datetime,
    most: int,
) -> dict[str, tuple[RequestRow, ...]]:
    """Open requests by state, of each those that are due first."""
    sought = dict(_queued(actor, which, kind, severity, region, q, at))
    rows = {}
    for state in OPEN:
        page = QUEUE.page(session, sought | {"state": str(state)}, limit=most, cursor=None, sort="due_at")
        rows[str(state)] = page.items
    return rows


def _queued(actor: Actor, which: str, kind: str, severity: str, region: str, q: str, at: datetime) -> Sought:
    sought: dict[str, object] = {"kind": kind, "severity": severity, "region": region}
    if q.strip():
        sought |= {"q": q, "words": containing_text(q)}
    queues: dict[str, dict[str, object]] = {
        "mine": {"open": "yes", "assignee_id": actor.user_id or 0},
        "unassigned": {"open": "yes", "unassigned": "yes"},
        "overdue": {"until": at},
        "waiting": {"waiting": "yes"},
        "open": {"open": "yes"},
        "all": {},
    }
    if which in list(RequestState):
        return sought | {"state": which}
    return sought | queues.get(which, queues["open"])


_WAITS = "state IN ('new', 'assigned', 'in_progress', 'waiting')"
_QUEUE_COUNTS = text(
    f"""
    SELECT (SELECT count(*) FROM (SELECT FROM service_request
                                   WHERE {_WAITS} AND assignee_id = :user_id LIMIT :most) met) AS mine,
           (SELECT count(*) FROM (SELECT FROM service_request
                                   WHERE {_WAITS} AND assignee_id IS NULL LIMIT :most) met) AS unassigned,
           (SELECT count(*) FROM (SELECT FROM service_request WHERE {_WAITS} AND paused_at IS NULL
                                     AND due_at <= :at LIMIT :most) met) AS overdue,
           (SELECT count(*) FROM (SELECT FROM service_request
                                   WHERE state = 'waiting' LIMIT :most) met) AS waiting
    """
)
