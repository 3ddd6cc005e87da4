"""Runs and letters as lists and one by one, for headquarters' pages, dealers' and the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run, with how many of its letters are in which state, and what they demand."""

    id: int
    number: str
    state: str
    day: date
    policy_version: int
    proposed_by_label: str
    proposed_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    letters: int
    sent: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter in a list."""

    id: int
    number: str
    run: str
    state: str
    level: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    amount: Decimal
    interest: Decimal
    interest_no: str | None
    written_on: date
    pay_by: date
    made_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class ItemShown:
    """A debt in a letter."""

    document_no: str
    occurred_on: date
    due_on: date
    days_late: int
    was_level: int
    level: int
    amount: Decimal
    interest: Decimal


@dataclass(frozen=True, slots=True)
class LetterDetail:
    """A letter with its debts and the hashes of its papers."""

    head: LetterRow
    dealer_id: int
    interest_by_label: str | None
    interest_at: datetime | None
    content: Mapping[str, Any]
    items: tuple[ItemShown, ...]
    papers: Mapping[str, str]


def runs(
    session: Session, *, state: str = "", limit: int = 50, cursor: str | None = None, sort: str = ""
) -> Page[RunRow]:
    """Runs, the latest first."""
    return RUNS.page(session, {"state": state}, limit=limit, cursor=cursor, sort=sort)


def count_runs(session: Session, *, state: str = "") -> int:
    """How many runs `runs` gives, at most one more than `paging.COUNTED_MAX`."""
    return RUNS.count(session, {"state": state})


def run_of(session: Session, number: str) -> RunRow:
    """One run. Raises NotFound."""
    row = session.execute(_RUN, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return RunRow(**row._mapping)


def was_proposed_on(session: Session, day: date) -> bool:
    """Whether a run was proposed on a day, whatever became of it."""
    found: bool = session.execute(_OF_DAY, {"day": day}).scalar_one()
    return found


def letters(
    session: Session,
    *,
    dealer_id: int | None = None,
    run: str = "",
    state: str = "",
    level: int | None = None,
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[LetterRow]:
    """Letters in scope, the latest first. q: part of a number, or of a dealer's code."""
    sought = {"dealer_id": dealer_id, "run": run, "state": state, "level": level, "q": q}
    return LETTERS.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_letters(
    session: Session,
    *,
    dealer_id: int | None = None,
    run: str = "",
    state: str = "",
    level: int | None = None,
    q: str = "",
) -> int:
    """How many letters `letters` gives, at most one more than `paging.COUNTED_MAX`."""
    sought = {"dealer_id": dealer_id, "run": run, "state": state, "level": level, "q": q}
    return LETTERS.count(session, sought)


def letter_of(session: Session, number: str) -> LetterDetail:
    """One letter. Raises NotFound outside the session's scope, to a dealer before it is sent."""
    row = session.execute(_LETTER, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    key = {"dealer_id": row.dealer_id, "id": row.id}
    named = dict(row._mapping)
    about = {name: named.pop(name) for name in ("dealer_id", "interest_by_label", "interest_at", "content")}
    return LetterDetail(
        LetterRow(**named),
        **about,
        items=tuple(value_of(ItemShown, one) for one in session.execute(_ITEMS, key)),
        papers={one.locale: one.sha256 for one in session.execute(_PAPERS, key)},
    )


RUNS = DocumentList(
    "dunning runs",
    "r",
    "proposed_at",
    RunRow,
    columns="""
    r.id, r.number, r.state, r.day, r.policy_version, r.proposed_by_label, r.proposed_at, r.decided_by_label,
    r.decided_at, n.letters, n.sent, n.amount
    """,
    tables="FROM dunning_run r",
    each="""
    CROSS JOIN LATERAL (
      SELECT count(*) AS letters, count(*) FILTER (WHERE l.state = 'sent') AS sent,
             coalesce(sum(l.amount), 0) AS amount
        FROM dunning_letter l WHERE l.run_id = r.id) n
    """,
    conditions={"state": "r.state = :state"},
)
LETTERS = DocumentList(
    "dunning letters",
    "l",
    "made_at",
    LetterRow,
    columns="""
    l.id, l.number, r.number AS run, l.state, l.level, d.code AS dealer_code, d.name_zh AS dealer_zh,
    d.name_en AS dealer_en, l.amount, l.interest, l.interest_no, l.written_on, l.pay_by, l.made_at, l.sent_at
    """,
    tables="FROM dunning_letter l JOIN dunning_run r ON r.id = l.run_id JOIN dealer d ON d.id = l.dealer_id",
    conditions={
        "dealer_id": "l.dealer_id = :dealer_id",
        "run": "r.number = :run",
        "state": "l.state = :state",
        "level": "l.level = :level",
        "code": f"({number_key('l.number')} LIKE :code OR {number_key('d.code')} LIKE :code)",
    },
)
_OF_DAY = text("SELECT EXISTS (SELECT FROM dunning_run WHERE day = :day)")
_RUN = text(f"{RUNS.select} WHERE r.number = :number")
_LETTER = text(
    f"""
    SELECT {LETTERS.columns}, l.dealer_id, l.interest_by_label, l.interest_at, l.content {LETTERS.tables}
     WHERE l.number = :number
    """
)
_ITEMS = text(
    """
    SELECT document_no, occurred_on, due_on, days_late, was_level, level, amount, interest FROM dunning_item
     WHERE (dealer_id, letter_id) = (:dealer_id, :id) ORDER BY due_on, entry_id
    """
)
_PAPERS = text(
    "SELECT locale, sha256 FROM dunning_letter_pdf WHERE (dealer_id, letter_id) = (:dealer_id, :id)"
)
