"""Requests for corrections that one person may not post alone: kept, found again, decided on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import lock_account
from portal.kernel import money, numbering, paging
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, NotFound
from portal.kernel.paging import Page, Sort
from portal.ledger.models import CorrectionRequest
from portal.ledger.rules import CorrectionKind, CorrectionState
from portal.ledger.vocabulary import LedgerAction


@dataclass(frozen=True, slots=True)
class Correction:
    """What came of a correction that somebody asked for.

    Posted (`document_no`), or a request that waits (`request_no`).
    """

    kind: CorrectionKind
    state: CorrectionState
    subject: str
    amount: Decimal
    document_no: str | None = None
    period: str | None = None
    request_no: str | None = None


@dataclass(frozen=True, slots=True)
class RequestedCorrection:
    """A correction somebody asked for. content: as `CorrectionRequest.content`, with Decimal and
    date where there are amounts and days.
    """

    number: str
    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    kind: CorrectionKind
    subject: str
    amount: Decimal
    reason: str
    content: list[dict[str, Any]]
    state: CorrectionState
    proposed_by: str
    proposed_by_label: str
    proposed_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    decision_note: str
    posted_no: str | None
    id: int


_REQUEST = """
SELECT c.number, c.dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, c.kind,
       c.subject, c.amount, c.reason, c.content, c.state, c.proposed_by, c.proposed_by_label, c.proposed_at,
       c.decided_by_label, c.decided_at, c.decision_note, c.posted_no, c.id
  FROM correction_request c JOIN dealer d ON d.id = c.dealer_id
"""
_ONE = text(f"{_REQUEST} WHERE c.number = :number")
_LOCKED = text(f"{_REQUEST} WHERE c.dealer_id = :dealer_id AND c.number = :number FOR NO KEY UPDATE OF c")
_OF_SUBJECT = text(
    f"{_REQUEST} WHERE c.dealer_id = :dealer_id AND c.subject = :subject ORDER BY c.id DESC LIMIT 20"
)
_LIST = f"""
    {_REQUEST} WHERE (CAST(:state AS text) IS NULL OR c.state = :state)
       AND (CAST(:after_id AS bigint) IS NULL OR c.id {{beyond}} :after_id)
     ORDER BY c.id{{turn}} LIMIT :limit
    """
_LATEST, _EARLIEST = text(_LIST.format(beyond="<", turn=" DESC")), text(_LIST.format(beyond=">", turn=""))
_COUNT_OF_STATE = text(
    "SELECT count(*) FROM (SELECT FROM correction_request WHERE state = :state LIMIT :most) met"
)
SORTS = ("proposed_at",)
"""What requests are sorted by: their ids rise with it, and are indexed by state."""
LATEST_FIRST = Sort("proposed_at", descending=True)
_WAITING = text(
    """
    SELECT number FROM correction_request
     WHERE dealer_id = :dealer_id AND kind = :kind AND subject = :subject AND state = 'waiting'
    """
)
_COUNT = text("SELECT count(*) FROM correction_request WHERE state = 'waiting'")


def keep_request(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    kind: CorrectionKind,
    subject: str,
    amount: Decimal,
    reason: str,
    today: date,
    at: datetime,
    content: Sequence[dict[str, Any]] = (),
) -> Correction:
    """Let a correction wait for another person, asked for on business date `today`.

    The caller has the account locked.

    Raises Conflict when one waits already.
    """
    waiting = session.scalar(_WAITING, {"dealer_id": dealer_id, "kind": kind, "subject": subject})
    if waiting is not None:
        message = N_("%(request)s asks for the same and waits for a decision.")
        raise Conflict("correction_waiting", message, request=waiting)
    number = numbering.new_number("CR", today)
    row = {
        "dealer_id": dealer_id,
        "number": number,
        "kind": kind,
        "subject": subject,
        "amount": amount,
        "reason": reason.strip(),
        "content": list(content),
        "proposed_by": actor.key,
        "proposed_by_label": actor.label,
        "proposed_at": at,
    }
    session.execute(insert(CorrectionRequest).values(row))
    after = {"kind": str(kind), "subject": subject, "amount": money.as_text(amount)}
    audit.record(
        session,
        LedgerAction.CORRECTION_PROPOSED,
        number,
        actor=actor,
        dealer_id=dealer_id,
        after=after,
        reason=reason.strip(),
    )
    return Correction(kind, CorrectionState.WAITING, subject, amount, request_no=number)


def lock_request(session: Session, number: str) -> RequestedCorrection:
    """Lock the dealer's account and then the request, to decide on it.

    Raises NotFound, Conflict when it is decided.
    """
    found = request(session, number)
    lock_account(session, found.dealer_id)
    locked = _request(session.execute(_LOCKED, {"dealer_id": found.dealer_id, "number": number}).one())
    if locked.state != CorrectionState.WAITING:
        raise Conflict("already_decided", N_("%(request)s was decided on already."), request=number)
    return locked


def request(session: Session, number: str) -> RequestedCorrection:
    """One request. Raises NotFound when it is not in the session's scope."""
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return _request(row)


def requests(
    session: Session, *, state: str | None = None, limit: int = 50, cursor: str | None = None, sort: str = ""
) -> Page[RequestedCorrection]:
    """Requests in the session's scope, the latest first; by ``proposed_at`` the earliest.

    Raises Invalid for a foreign cursor.
    """
    order_by = paging.sort_of(sort, SORTS, LATEST_FIRST)
    cursors = paging.cursors(session, f"corrections {order_by}", int)
    place = cursors.place_of(cursor)
    statement = _LATEST if order_by.descending else _EARLIEST
    parameters = {"state": state, "after_id": place and place.key[0], "limit": limit + 1}
    rows = session.execute(statement, parameters)
    return cursors.page_of([_request(row) for row in rows], limit, lambda found: (found.id,))


def count_requests(session: Session, *, state: str) -> int:
    """How many requests are in a state, at most one more than `paging.COUNTED_MAX`."""
    parameters = {"state": state, "most": paging.COUNTED_MAX + 1}
    count: int = session.execute(_COUNT_OF_STATE, parameters).scalar_one()
    return count


def requests_about(session: Session, *, dealer_id: int, subject: str) -> list[RequestedCorrection]:
    """What was asked for about one document, the latest first."""
    return [
        _request(row) for row in session.execute(_OF_SUBJECT, {"dealer_id": dealer_id, "subject": subject})
    ]


def waiting_count(session: Session) -> int:
    """How many requests wait for a decision."""
    count: int = session.execute(_COUNT).scalar_one()
    return count


def _request(row: Record) -> RequestedCorrection:
    read = {
        "kind": CorrectionKind(row.kind),
        "state": CorrectionState(row.state),
        "content": [
            one | {name: value_of(one[name]) for name, value_of in _READ.items() if name in one}
            for one in row.content
        ],
    }
    return RequestedCorrection(**dict(row._mapping) | read)


_READ: dict[str, Callable[[str], object]] = {"amount": Decimal, "paid_on": date.fromisoformat}
