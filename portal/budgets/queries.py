"""Reads of activities, for their dealer and for headquarters, and of what documents hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An activity in a list."""

    id: int
    number: str
    state: str
    kind: str
    title: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    first_day: date
    last_day: date
    planned: Decimal
    approved: Decimal | None
    left: Decimal | None
    asked_by_label: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """What a document holds, or was paid. activity: number of the activity that it draws on."""

    document: str
    activity: str | None
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    amount: Decimal
    state: str
    changed_at: datetime
    is_activity: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDetail:
    """One activity. left: of the approved amount, not claimed yet; None where nothing is approved.

    asked_by: `Actor.key`. claims: documents that draw on it.
    """

    dealer_id: int
    number: str
    revision: int
    state: str
    kind: str
    title: str
    text: str
    place: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    first_day: date
    last_day: date
    planned: Decimal
    approved: Decimal | None
    left: Decimal | None
    budget: str | None
    budget_zh: str | None
    budget_en: str | None
    asked_by: str
    asked_by_label: str
    asked_at: datetime
    submitted_at: datetime | None
    decided_by_label: str | None
    decided_at: datetime | None
    reason: str
    ended_at: datetime | None
    ended_by_label: str | None
    claims: tuple[Use, ...]


def activities(
    session: Session,
    *,
    dealer_id: int | None = None,
    state: str = "",
    kind: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[ActivityRow]:
    """Activities in scope, the latest first; headquarters sees no drafts. q: part of a number."""
    sought = _sought(dealer_id, state, kind, q)
    return ACTIVITIES.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_activities(
    session: Session, *, dealer_id: int | None = None, state: str = "", kind: str = "", q: str = ""
) -> int:
    """How many activities `activities` gives, at most one more than `paging.COUNTED_MAX`."""
    return ACTIVITIES.count(session, _sought(dealer_id, state, kind, q))


def activity(session: Session, number: str, *, with_drafts: bool = False) -> ActivityDetail:
    """One activity. Raises NotFound outside the session's scope, and for a draft unless asked for."""
    head = session.execute(_HEAD, {"number": number}).one_or_none()
    if head is None or (head.state == "draft" and not with_drafts):
        raise NotFound()
    about = {"dealer_id": head.dealer_id, "id": head.id}
    claims = tuple(value_of(Use, row) for row in session.execute(_CLAIMS, about))
    return value_of(ActivityDetail, head, claims=claims)


@dataclass(frozen=True, slots=True)
class Potless:
    """A published programme that has no budget."""

    number: str
    title_zh: str
    title_en: str


def programmes_without_budget(session: Session, *, actor: Actor) -> list[Potless]:
    """Published programmes of the actor's regions that are not over and for which a budget may be proposed,
    the latest first; at most 200.
    """
    reach = {"everywhere": actor.region_ids is None, "region_ids": list(actor.region_ids or ())}
    return [Potless(**row._mapping) for row in session.execute(_POTLESS, reach)]


def open_activities(session: Session, *, dealer_id: int) -> list[ActivityRow]:
    """Activities of a dealer on which something can be claimed, the latest first; at most 200."""
    rows = session.execute(_OPEN, {"dealer_id": dealer_id})
    return [ActivityRow(**row._mapping) for row in rows]


def _sought(dealer_id: int | None, state: str, kind: str, q: str) -> dict[str, object]:
    hidden = "draft" if dealer_id is None else ""
    return {"dealer_id": dealer_id, "state": state, "kind": kind, "q": q, "hidden": hidden}


_LEFT = """
    CASE WHEN a.approved IS NOT NULL THEN coalesce(
      (SELECT u.amount FROM budget_use u
        WHERE u.dealer_id = a.dealer_id AND u.document = a.number AND u.state = 'reserved'), 0) END AS left
"""
ACTIVITIES = DocumentList(
    "activities",
    "a",
    "asked_at",
    ActivityRow,
    columns=f"""
    a.id, a.number, a.state, a.kind, a.title, d.code AS dealer_code, d.name_zh AS dealer_zh,
    d.name_en AS dealer_en, a.first_day, a.last_day, a.planned, a.approved, {_LEFT}, a.asked_by_label,
    a.asked_at
    """,
    tables="FROM activity a JOIN dealer d ON d.id = a.dealer_id",
    conditions={
        "dealer_id": "a.dealer_id = :dealer_id",
        "state": "a.state = :state",
        "kind": "a.kind = :kind",
        "hidden": "a.state <> :hidden",
        "code": f"{number_key('a.number')} LIKE :code",
    },
)
LATEST_FIRST = ACTIVITIES.latest_first
_OPEN = text(
    f"{ACTIVITIES.select} WHERE a.dealer_id = :dealer_id AND a.state = 'approved'"
    " ORDER BY a.asked_at DESC, a.id DESC LIMIT 200"
)
_POTLESS = text(
    """
    SELECT p.number, p.title_zh, p.title_en FROM rebate_programme p
     WHERE p.published_at IS NOT NULL AND p.budget IS NULL
       AND coalesce(p.ended_on, p.valid_to) >= app_today()
       AND (:everywhere OR p.region_id = ANY (CAST(:region_ids AS bigint[])))
       AND NOT EXISTS (SELECT FROM rebate_budget b WHERE b.programme_id = p.id AND b.state <> 'rejected')
     ORDER BY p.id DESC LIMIT 200
    """
)
_HEAD = text(
    f"""
    SELECT a.id, a.dealer_id, a.number, a.revision, a.state, a.kind, a.title, a.text, a.place,
           d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, a.first_day, a.last_day,
           a.planned, a.approved, {_LEFT}, b.number AS budget, b.title_zh AS budget_zh,
           b.title_en AS budget_en, a.asked_by, a.asked_by_label, a.asked_at, a.submitted_at,
           a.decided_by_label, a.decided_at, a.reason, a.ended_at, a.ended_by_label
      FROM activity a JOIN dealer d ON d.id = a.dealer_id
      LEFT JOIN rebate_budget b ON b.id = a.budget_id
     WHERE a.number = :number
    """
)
USE = """
    SELECT u.document, a.number AS activity, d.code AS dealer_code, d.name_zh AS dealer_zh,
           d.name_en AS dealer_en, u.amount, u.state, u.changed_at, own.id IS NOT NULL AS is_activity
      FROM budget_use u JOIN dealer d ON d.id = u.dealer_id
      LEFT JOIN activity a ON (a.dealer_id, a.id) = (u.dealer_id, u.activity_id)
      LEFT JOIN activity own ON (own.dealer_id, own.number) = (u.dealer_id, u.document)
"""
"""SQL: uses as a `Use` has them."""
_CLAIMS = text(
    f"{USE} WHERE u.dealer_id = :dealer_id AND u.activity_id = :id ORDER BY u.changed_at DESC, u.document"
)
