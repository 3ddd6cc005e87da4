"""Claims as lists and one by one, for the dealer's pages, headquarters' and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.claim_acts import acts_of
from portal.claims.deciders import roles_of
from portal.claims.doubtful import doubts_of
from portal.claims.entry import ClaimEntry
from portal.claims.evidence import OWNER_KIND
from portal.claims.life import ENDED, ClaimAct, ClaimState
from portal.claims.read_files import SUBMITTED
from portal.claims.reckoned import KnownCut, calculated, known_cuts
from portal.claims.rules import Doubt
from portal.claims.stored import entry_of
from portal.claims.waiting import TO_SIGN
from portal.files.attach import FileRow, files_of
from portal.files.rules import Owner
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList, Sought
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim in a list. subject: programme and period, activity, hospital. next_approver: who signs next."""

    id: int
    number: str
    kind: str
    treatment: str
    state: str
    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    subject: str
    asked: Decimal
    calculated: Decimal | None
    approved: Decimal | None
    next_approver: str | None
    entered_at: datetime
    submitted_at: datetime | None
    due_at: datetime | None
    remind_at: datetime | None
    paid_no: str | None

    def is_urgent(self, at: datetime) -> bool:
        """Whether it waits, and its time has nearly run out."""
        waits = self.state in ("submitted", "in_approval")
        return waits and self.remind_at is not None and self.remind_at <= at


@dataclass(frozen=True, slots=True)
class ClaimStep:
    """A step of the history. place: of the chain, from 1; 0 for what is none."""

    step_no: int
    round: int
    place: int
    act: str
    approver: str | None
    acted_by_label: str
    in_name_of_label: str | None
    amount: Decimal | None
    calculated: Decimal | None
    reason: str
    acted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDetail:
    """A claim with everything about it. entry: as its dealer wrote it.

    calculated: at its last decision; calculated_now: None where nothing is reckoned, or it has ended. place:
    how many of the chain have signed. acts: what the reader may do now. doubts: for headquarters only. known:
    of price protection, what the portal knows of each product.
    """

    id: int
    dealer_id: int
    number: str
    revision: int
    state: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    programme_zh: str | None
    programme_en: str | None
    asked: Decimal
    calculated: Decimal | None
    calculated_now: Decimal | None
    allowed: Decimal | None
    approved: Decimal | None
    chain: tuple[str, ...]
    place: int
    round: int
    entered_by_label: str
    entered_at: datetime
    submitted_by_label: str | None
    submitted_at: datetime | None
    due_at: datetime | None
    decided_at: datetime | None
    decision_note: str
    paid_no: str | None
    paid_at: datetime | None
    entry: ClaimEntry
    files: tuple[FileRow, ...]
    steps: tuple[ClaimStep, ...]
    known: dict[str, KnownCut]
    doubts: tuple[Doubt, ...]
    acts: frozenset[ClaimAct]

    @property
    def has_changed(self) -> bool:
        """Whether it is worth something else now than when it was last looked at."""
        return self.calculated_now is not None and self.calculated_now != self.calculated


def claims(
    session: Session,
    *,
    actor: Actor,
    today: date,
    dealer_id: int | None = None,
    state: str = "",
    kind: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[ClaimRow]:
    """Claims in scope, the latest first. state: or ``mine``, for those that the actor can sign.

    q: part of a number of the claim or its note. Raises Invalid for a foreign cursor.
    """
    sought = _sought(session, actor, today, dealer_id, state, kind, q)
    return CLAIMS.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_claims(
    session: Session,
    *,
    actor: Actor,
    today: date,
    dealer_id: int | None = None,
    state: str = "",
    kind: str = "",
    q: str = "",
) -> int:
    """How many claims `claims` gives, at most one more than `paging.COUNTED_MAX`."""
    return CLAIMS.count(session, _sought(session, actor, today, dealer_id, state, kind, q))


def claim_of(session: Session, *, actor: Actor, number: str, today: date, zone: ZoneInfo) -> ClaimDetail:
    """One claim. Raises NotFound out of scope, and for another's draft."""
    head = session.execute(_HEAD, {"number": number, "is_staff": actor.is_staff}).one_or_none()
    if head is None:
        raise NotFound()
    about = {"dealer_id": head.dealer_id, "claim_id": head.id}
    entry = entry_of(session, head.dealer_id, head.id)
    is_open = head.state not in ENDED and head.state not in (ClaimState.APPROVED, ClaimState.PAID)
    of_it: dict[str, Any] = {"dealer_id": head.dealer_id, "entry": entry, "today": today, "zone": zone}
    worth = calculated(session, **of_it) if is_open else None
    named: dict[str, Any] = {"number": number, "worth": worth if is_open else head.calculated}
    return value_of(
        ClaimDetail,
        head,
        chain=tuple(head.chain),
        entry=entry,
        calculated_now=worth,
        files=tuple(files_of(session, Owner(OWNER_KIND, number, head.dealer_id))),
        steps=tuple(ClaimStep(**row._mapping) for row in session.execute(_STEPS, about)),
        known=known_cuts(session, **of_it) if entry.lines else {},
        doubts=doubts_of(session, **of_it, **named) if actor.is_staff else (),
        acts=acts_of(session, actor=actor, number=number, today=today),
    )


def _sought(
    session: Session,
    actor: Actor,
    today: date,
    dealer_id: int | None,
    state: str,
    kind: str,
    q: str,
) -> Sought:
    sought: dict[str, object] = {"dealer_id": dealer_id, "kind": kind, "q": q}
    if actor.is_staff:
        sought["is_staff"] = True
    if state == "mine":
        roles = [str(one) for one in roles_of(session, actor, today)]
        return sought | {"roles": roles, "actor": actor.key}
    return sought | {"state": state}


CLAIMS = DocumentList(
    "rebate-claims",
    "c",
    "entered_at",
    ClaimRow,
    columns="""
    c.id, c.number, c.kind, c.treatment, c.state, c.dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh,
    d.name_en AS dealer_en,
    concat_ws(' ', nullif(c.programme, ''), nullif(c.period, ''), nullif(c.activity, ''),
              nullif(c.hospital, '')) AS subject,
    c.asked, c.calculated, c.approved,
    CASE WHEN c.state IN ('submitted', 'in_approval') THEN c.chain[c.place + 1] END AS next_approver,
    c.entered_at, c.submitted_at, c.due_at, c.remind_at, c.paid_no
    """,
    tables="FROM rebate_claim c JOIN dealer d ON d.id = c.dealer_id",
    conditions={
        "dealer_id": "c.dealer_id = :dealer_id",
        "state": "c.state = :state",
        "kind": "c.kind = :kind",
        "is_staff": f"({SUBMITTED} OR NOT :is_staff)",
        "roles": TO_SIGN,
        "actor": ":actor <> ''",
        "code": f"({number_key('c.number')} LIKE :code OR {number_key('c.paid_no')} LIKE :code)",
    },
)
LATEST_FIRST = CLAIMS.latest_first
_HEAD = text(
    f"""
    SELECT c.id, c.dealer_id, c.number, c.revision, c.state, d.code AS dealer_code, d.name_zh AS dealer_zh,
           d.name_en AS dealer_en, p.title_zh AS programme_zh, p.title_en AS programme_en, c.asked,
           c.calculated, c.allowed, c.approved, c.chain, c.place, c.round, c.entered_by_label, c.entered_at,
           c.submitted_by_label, c.submitted_at, c.due_at, c.decided_at, c.decision_note, c.paid_no,
           c.paid_at
      FROM rebate_claim c JOIN dealer d ON d.id = c.dealer_id
      LEFT JOIN rebate_programme p ON p.number = c.programme
     WHERE c.number = :number AND ({SUBMITTED} OR NOT :is_staff)
    """
)
_STEPS = text(
    """
    SELECT step_no, round, place, act, approver, acted_by_label, in_name_of_label, amount, calculated, reason,
           acted_at
      FROM rebate_claim_step WHERE dealer_id = :dealer_id AND claim_id = :claim_id ORDER BY step_no
    """
)
