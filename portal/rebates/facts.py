"""Facts about dealers, for the people of headquarters who answer for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key
from portal.rebates.vocabulary import RebateRight

OWNER_KIND = "rebate_fact"
"""The kind of document that facts are to the files."""


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact. holds: whether what `kind` says is so."""

    id: int
    number: str
    kind: str
    holds: bool
    state: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    from_day: date
    to_day: date | None
    reason: str
    stated_by: str
    stated_by_label: str
    stated_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    decision_note: str


def facts(
    session: Session,
    *,
    actor: Actor,
    state: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[FactRow]:
    """Facts of the session's dealers, the latest first. q: part of a number or of a dealer's code."""
    actor.require(RebateRight.PROPOSE, RebateRight.APPROVE)
    return FACTS.page(session, {"state": state, "q": q}, limit=limit, cursor=cursor, sort=sort)


def count_facts(session: Session, *, actor: Actor, state: str = "", q: str = "") -> int:
    """How many facts `facts` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(RebateRight.PROPOSE, RebateRight.APPROVE)
    return FACTS.count(session, {"state": state, "q": q})


def fact_of(session: Session, *, actor: Actor, number: str) -> FactRow:
    """One fact. Raises NotFound outside the session's scope."""
    actor.require(RebateRight.PROPOSE, RebateRight.APPROVE)
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return FactRow(**row._mapping)


def require_fact_reader(session: Session, actor: Actor, number: str) -> None:
    """Raise NotFound, or Forbidden, for who may not see the evidence of a fact: no dealer does."""
    if not actor.is_staff:
        raise NotFound()
    fact_of(session, actor=actor, number=number)


FACTS = DocumentList(
    "rebate-facts",
    "f",
    "stated_at",
    FactRow,
    columns="""
    f.id, f.number, f.kind, f.holds, f.state, d.code AS dealer_code, d.name_zh AS dealer_zh,
    d.name_en AS dealer_en, f.from_day, f.to_day, f.reason, f.stated_by, f.stated_by_label, f.stated_at,
    f.decided_by_label, f.decided_at, f.decision_note
    """,
    tables=" FROM rebate_fact f JOIN dealer d ON d.id = f.dealer_id ",
    conditions={
        "state": "f.state = :state",
        "code": f"({number_key('f.number')} LIKE :code OR {number_key('d.code')} LIKE :code)",
    },
)
LATEST_FIRST = FACTS.latest_first
_ONE = text(f"{FACTS.select} WHERE f.number = :number")
