"""Changes of credit as a list and one by one; and a dealer's history of what was in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.credit.rules import ChangeKind, Standing, in_force
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.proposal_life import ProposalAct, ProposalState, acts
from portal.kernel.search_pattern import number_key

HISTORY_MAX = 100


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change of a dealer's credit with who proposed and approved it."""

    id: int
    number: str
    kind: str
    state: str
    revision: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    amount: Decimal | None
    days: int | None
    valid_from: date
    valid_until: date | None
    why: str
    reason: str
    taken_over: bool
    written_by: list[str]
    proposed_by_label: str
    created_at: datetime
    approved_by_label: str | None
    approved_at: datetime | None
    published_at: datetime | None
    withdrawn_by_label: str | None
    withdrawn_at: datetime | None
    ended_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether it was in force and is no more, by its end or a person's word."""
        return self.ended_at is not None or self.state == ProposalState.WITHDRAWN

    @property
    def stands(self) -> Standing:
        """Where it stands, with the end of a temporary one beside the states of proposals."""
        return Standing.ENDED if self.ended_at is not None else Standing(self.state)

    @property
    def acts(self) -> frozenset[ProposalAct]:
        """What may be done to it by somebody."""
        if self.taken_over or self.ended_at is not None:
            return frozenset()
        return acts(self.state)


@dataclass(frozen=True, slots=True)
class History:
    """What was and is in force of a dealer, the latest first. limit, terms: those that count today."""

    changes: tuple[ChangeRow, ...]
    limit: ChangeRow | None
    terms: ChangeRow | None


def changes(
    session: Session,
    *,
    dealer_id: int | None = None,
    state: str = "",
    kind: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[ChangeRow]:
    """Changes in scope, the latest first. q: part of a number, or of a dealer's code."""
    sought = {"dealer_id": dealer_id, "state": state, "kind": kind, "q": q}
    return CHANGES.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_changes(
    session: Session, *, dealer_id: int | None = None, state: str = "", kind: str = "", q: str = ""
) -> int:
    """How many changes `changes` gives, at most one more than `paging.COUNTED_MAX`."""
    return CHANGES.count(session, {"dealer_id": dealer_id, "state": state, "kind": kind, "q": q})


def change_of(session: Session, number: str) -> ChangeRow:
    """One change. Raises NotFound outside the session's scope."""
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return ChangeRow(**row._mapping)


def history(session: Session, dealer_id: int, *, today: date) -> History:
    """What was in force of a dealer, as far back as somebody looks."""
    rows = session.execute(_HISTORY, {"dealer_id": dealer_id, "most": HISTORY_MAX})
    found = tuple(ChangeRow(**row._mapping) for row in rows)
    standing = [one for one in found if one.state == ProposalState.PUBLISHED]
    of_kind = {kind: in_force((one for one in standing if one.kind == kind), today) for kind in ChangeKind}
    return History(found, of_kind[ChangeKind.LIMIT], of_kind[ChangeKind.TERMS])


CHANGES = DocumentList(
    "credit changes",
    "c",
    "created_at",
    ChangeRow,
    columns="""
    c.id, c.number, c.kind, c.state, c.revision, d.code AS dealer_code, d.name_zh AS dealer_zh,
    d.name_en AS dealer_en, c.amount, c.days, c.valid_from, c.valid_until, c.why, c.reason, c.taken_over,
    c.written_by, c.proposed_by_label, c.created_at, c.approved_by_label, c.approved_at, c.published_at,
    c.withdrawn_by_label, c.withdrawn_at, c.ended_at
    """,
    tables="FROM credit_change c JOIN dealer d ON d.id = c.dealer_id",
    conditions={
        "dealer_id": "c.dealer_id = :dealer_id",
        "state": "c.state = :state",
        "kind": "c.kind = :kind",
        "code": f"({number_key('c.number')} LIKE :code OR {number_key('d.code')} LIKE :code)",
    },
)
_ONE = text(f"{CHANGES.select} WHERE c.number = :number")
_HISTORY = text(
    f"""
    {CHANGES.select} WHERE c.dealer_id = :dealer_id AND c.published_at IS NOT NULL
     ORDER BY c.valid_from DESC, c.id DESC LIMIT :most
    """
)
