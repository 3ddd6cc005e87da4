"""Payments as lists and one by one: online ones, and those in the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key
from portal.payments.rules import PENDING


@dataclass(frozen=True, slots=True)
class OnlineRow:
    """An online payment in a list. payment_no: of the payment in the books, once it is there."""

    id: int
    number: str
    state: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    amount: Decimal
    captured: Decimal
    refunded: Decimal
    fee: Decimal | None
    currency: str
    invoices: tuple[str, ...]
    failure: str
    begun_by_label: str
    begun_at: datetime
    payment_no: str | None

    @property
    def dealer(self) -> tuple[str, str]:
        """Its names in both languages."""
        return self.dealer_zh, self.dealer_en


@dataclass(frozen=True, slots=True)
class PostingShown:
    """What the books took of an online payment."""

    kind: str
    amount: Decimal
    payment_no: str
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class DisputeShown:
    """What a bank disputes of it."""

    id: str
    state: str
    amount: Decimal
    reason: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class OnlineDetail:
    """An online payment with everything that came of it. intent: at Stripe, empty before it came there."""

    id: int
    dealer_id: int
    number: str
    stage: str
    state: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    amount: Decimal
    captured: Decimal
    refunded: Decimal
    fee: Decimal | None
    currency: str
    invoices: tuple[str, ...]
    failure: str
    begun_by_label: str
    begun_at: datetime
    told_at: datetime | None
    asked_at: datetime | None
    intent: str
    postings: tuple[PostingShown, ...]
    disputes: tuple[DisputeShown, ...]

    @property
    def payment_no(self) -> str | None:
        """Of the payment in the books, once it is there."""
        return self.postings[0].payment_no if self.postings else None


@dataclass(frozen=True, slots=True)
class BookedRow:
    """A payment in the books. online: the number of the online payment that it came by."""

    id: int
    number: str
    received_on: date
    method: str
    reference: str
    amount: Decimal
    unallocated: Decimal
    posted_at: datetime
    is_reversed: bool
    online: str | None


def online_payments(
    session: Session,
    *,
    dealer_id: int | None = None,
    state: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[OnlineRow]:
    """Online payments in scope, the latest first. q: part of a number of one, or of its dealer's code."""
    sought = {"dealer_id": dealer_id, "state": state, "q": q}
    return ONLINE.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_online(session: Session, *, dealer_id: int | None = None, state: str = "", q: str = "") -> int:
    """How many `online_payments` gives, at most one more than `paging.COUNTED_MAX`."""
    return ONLINE.count(session, {"dealer_id": dealer_id, "state": state, "q": q})


def pending_payments(session: Session, *, dealer_id: int) -> list[OnlineRow]:
    """A dealer's online payments under way, the latest first."""
    about = {"dealer_id": dealer_id, "stages": list(map(str, PENDING))}
    return [OnlineRow(**row._mapping) for row in session.execute(_PENDING, about)]


def online_payment(session: Session, number: str) -> OnlineDetail:
    """One online payment. Raises NotFound outside the session's scope."""
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    key = {"dealer_id": row.dealer_id, "id": row.id}
    postings = tuple(value_of(PostingShown, one) for one in session.execute(_POSTINGS, key))
    disputes = tuple(value_of(DisputeShown, one) for one in session.execute(_DISPUTES, key))
    invoices = tuple(row.invoices)
    return value_of(OnlineDetail, row, invoices=invoices, postings=postings, disputes=disputes)


def booked_payments(
    session: Session, *, dealer_id: int, limit: int = 50, cursor: str | None = None
) -> Page[BookedRow]:
    """A dealer's payments in the books, the latest value date first. Raises Invalid for a foreign cursor."""
    cursors = paging.cursors(session, f"payments of {dealer_id}", date.fromisoformat, int)
    place = cursors.place_of(cursor)
    day, key = place.key if place else (None, None)
    about: dict[str, Any] = {"dealer_id": dealer_id, "limit": limit + 1, "after_day": day, "after_id": key}
    rows = [BookedRow(**row._mapping) for row in session.execute(_BOOKED, about)]
    return cursors.page_of(rows, limit, lambda one: (one.received_on, one.id))


def count_booked(session: Session, *, dealer_id: int) -> int:
    """How many payments a dealer has in the books, at most one more than `paging.COUNTED_MAX`."""
    about = {"dealer_id": dealer_id, "most": paging.COUNTED_MAX + 1}
    count: int = session.execute(_COUNT_BOOKED, about).scalar_one()
    return count


def online_of(session: Session, *, dealer_id: int, payment_no: str) -> str | None:
    """The online payment that a payment in the books came by."""
    about = {"dealer_id": dealer_id, "payment_no": payment_no}
    number: str | None = session.execute(_ONLINE_OF, about).scalar_one_or_none()
    return number


_PAID_NO = """
(SELECT s.payment_no FROM online_posting s
  WHERE (s.dealer_id, s.payment_id) = (x.dealer_id, x.id) AND s.kind = 'paid' ORDER BY s.id LIMIT 1)
"""
ONLINE = DocumentList(
    "online payments",
    "x",
    "begun_at",
    OnlineRow,
    columns=f"""
    x.id, x.number, x.state, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, x.amount,
    x.captured, x.refunded, x.fee, x.currency, x.invoices, x.failure, x.begun_by_label, x.begun_at,
    {_PAID_NO} AS payment_no
    """,
    tables="FROM online_payment x JOIN dealer d ON d.id = x.dealer_id",
    conditions={
        "dealer_id": "x.dealer_id = :dealer_id",
        "state": "x.state = :state",
        "code": f"({number_key('x.number')} LIKE :code OR {number_key('d.code')} LIKE :code)",
    },
)
LATEST_FIRST = ONLINE.latest_first
_PENDING = text(
    f"""
    {ONLINE.select}
     WHERE x.dealer_id = :dealer_id AND x.stage = ANY (CAST(:stages AS text[]))
     ORDER BY x.begun_at DESC, x.id DESC LIMIT 50
    """
)
_ONE = text(
    """
    SELECT x.id, x.dealer_id, x.number, x.stage, x.state, d.code AS dealer_code, d.name_zh AS dealer_zh,
           d.name_en AS dealer_en, x.amount, x.captured, x.refunded, x.fee, x.currency, x.invoices, x.failure,
           x.begun_by_label, x.begun_at, x.told_at, x.asked_at, coalesce(x.intent, '') AS intent
      FROM online_payment x JOIN dealer d ON d.id = x.dealer_id WHERE x.number = :number
    """
)
_POSTINGS = text(
    """
    SELECT kind, amount, payment_no, posted_at FROM online_posting
     WHERE dealer_id = :dealer_id AND payment_id = :id ORDER BY id
    """
)
_DISPUTES = text(
    """
    SELECT id, state, amount, reason, told_at FROM online_dispute
     WHERE dealer_id = :dealer_id AND payment_id = :id ORDER BY told_at, id
    """
)
_IS_REVERSED = """
EXISTS (SELECT FROM journal_entry r WHERE (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id))
"""
_BOOKED = text(
    f"""
    SELECT p.id, p.number, p.received_on, p.method, p.reference, p.amount, e.posted_at,
           {_IS_REVERSED} AS is_reversed, o.number AS online,
           abs(e.receivable) - coalesce((SELECT sum(a.amount) FROM allocation a
                                          WHERE a.dealer_id = e.dealer_id
                                            AND e.id IN (a.credit_id, a.debit_id)), 0) AS unallocated
      FROM (SELECT * FROM payment p
             WHERE p.dealer_id = :dealer_id
               AND (CAST(:after_day AS date) IS NULL OR (p.received_on, p.id) < (:after_day, :after_id))
             ORDER BY p.received_on DESC, p.id DESC LIMIT :limit) p
      JOIN journal_entry e ON (e.dealer_id, e.document_no) = (p.dealer_id, p.number) AND e.reverses_id IS NULL
      LEFT JOIN LATERAL (
        SELECT x.number FROM online_posting s
          JOIN online_payment x ON (x.dealer_id, x.id) = (s.dealer_id, s.payment_id)
         WHERE (s.dealer_id, s.payment_no) = (p.dealer_id, p.number) ORDER BY s.id LIMIT 1) o ON true
     ORDER BY p.received_on DESC, p.id DESC
    """
)
_COUNT_BOOKED = text(
    "SELECT count(*) FROM (SELECT FROM payment WHERE dealer_id = :dealer_id LIMIT :most) met"
)
_ONLINE_OF = text(
    """
    SELECT x.number FROM online_posting s
      JOIN online_payment x ON (x.dealer_id, x.id) = (s.dealer_id, s.payment_id)
     WHERE s.dealer_id = :dealer_id AND s.payment_no = :payment_no ORDER BY s.id LIMIT 1
    """
)
