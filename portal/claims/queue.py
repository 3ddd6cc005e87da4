"""Claims as headquarters works them off: what is due first first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.claims.deciders import roles_of
from portal.claims.queries import CLAIMS, ClaimRow
from portal.dealers.fragments import on_day
from portal.kernel.actor import Actor
from portal.kernel.document_list import Sought
from portal.kernel.paging import Page

DUES = ("overdue", "soon")
"""Whether a claim waits beyond its time, or for two days at most."""
SOON = timedelta(days=2)
OPEN = ("mine", "waiting", "submitted", "in_approval")
"""States in which claims wait: what is due first comes first."""


def queue(
    session: Session,
    *,
    actor: Actor,
    today: date,
    at: datetime,
    state: str = "",
    kind: str = "",
    region: str = "",
    due: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[ClaimRow]:
    """Claims that were submitted, in the order in which they are due.

    state: or ``waiting``, or ``mine`` for those that the actor can sign. region: code of an area or province.
    Raises Invalid for a foreign cursor.
    """
    sought = _sought(session, actor, today, at, state, kind, region, due, q)
    return QUEUE.page(session, sought, limit=limit, cursor=cursor, sort=sort or "due_at")


def count_queue(
    session: Session,
    *,
    actor: Actor,
    today: date,
    at: datetime,
    state: str = "",
    kind: str = "",
    region: str = "",
    due: str = "",
    q: str = "",
) -> int:
    """How many claims `queue` gives, at most one more than `paging.COUNTED_MAX`."""
    return QUEUE.count(session, _sought(session, actor, today, at, state, kind, region, due, q))


def _sought(
    session: Session,
    actor: Actor,
    today: date,
    at: datetime,
    state: str,
    kind: str,
    region: str,
    due: str,
    q: str,
) -> Sought:
    sought: dict[str, object] = {"is_staff": True, "kind": kind, "region": region, "q": q}
    if due:
        sought |= {"waiting": "yes", "until": at if due == "overdue" else at + SOON}
    if state == "mine":
        return sought | {
            "roles": [str(one) for one in roles_of(session, actor, today)],
            "actor": actor.key,
        }
    if state == "waiting":
        return sought | {"waiting": "yes"}
    return sought | {"state": state}


QUEUE = replace(
    CLAIMS,
    name="rebate-claims-queue",
    moment="due_at",
    conditions={
        **CLAIMS.conditions,
        "waiting": "c.state IN ('submitted', 'in_approval') AND :waiting = 'yes'",
        "until": "c.due_at <= :until",
        "region": f"""
        EXISTS (SELECT FROM dealer_region dr JOIN region r ON r.id = dr.region_id
                  LEFT JOIN region a ON a.id = r.parent_id
                 WHERE dr.dealer_id = c.dealer_id AND {on_day("dr")} AND :region IN (r.code, a.code))
        """,
    },
)
