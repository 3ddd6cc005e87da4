"""What Stripe told, as a list and one by one, and the money of it that is not booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key


@dataclass(frozen=True, slots=True)
class EventRow:
    """What Stripe told, and what became of it. trouble: why it could not be booked.

    unbooked: what the books lack of it; what went back is negative.
    """

    id: int
    event: str
    kind: str
    intent: str
    state: str
    trouble: str | None
    note: str
    payment: str
    amount: int | None
    currency: str
    told_at: datetime
    received_at: datetime
    decided_by: str
    decided_by_label: str
    unbooked: Decimal
    closed_by_label: str
    close_reason: str

    @property
    def worth(self) -> Decimal | None:
        """The amount that it tells of, in units of its currency of a hundred parts."""
        return None if self.amount is None else Decimal(self.amount) / 100


@dataclass(frozen=True, slots=True)
class Unbooked:
    """What the books lack of a currency, by all events that wait or are set aside."""

    currency: str
    received: Decimal
    given_back: Decimal
    events: int


def events(
    session: Session,
    *,
    state: str = "",
    q: str = "",
    unbooked: bool = False,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[EventRow]:
    """What Stripe told, the latest first. q: part of an id, of an intent or of our number.

    unbooked: only what the books lack money of.
    """
    sought = {"state": state, "q": q, "unbooked": unbooked or None}
    return EVENTS.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_events(session: Session, *, state: str = "", q: str = "", unbooked: bool = False) -> int:
    """How many `events` gives, at most one more than `paging.COUNTED_MAX`."""
    return EVENTS.count(session, {"state": state, "q": q, "unbooked": unbooked or None})


def unbooked_money(session: Session) -> list[Unbooked]:
    """What Stripe received and gave back and the books lack, by currency."""
    return [Unbooked(**row._mapping) for row in session.execute(_UNBOOKED)]


def event(session: Session, event_id: str) -> EventRow:
    """One event. Raises NotFound."""
    row = session.execute(_EVENT, {"event": event_id}).one_or_none()
    if row is None:
        raise NotFound()
    return EventRow(**row._mapping)


EVENTS = DocumentList(
    "stripe events",
    "x",
    "told_at",
    EventRow,
    columns="""
    x.id, x.event, x.kind, x.intent, x.state, nullif(x.trouble, '') AS trouble, x.note,
    x.payment,
    CAST(coalesce(x.content #>> '{object,amount_refunded}', x.content #>> '{object,amount}') AS bigint)
      AS amount,
    upper(coalesce(x.content #>> '{object,currency}', '')) AS currency, x.told_at, x.received_at,
    x.decided_by, x.decided_by_label, x.unbooked, x.closed_by_label, x.close_reason
    """,
    tables="FROM stripe_event x",
    conditions={
        "state": "x.state = :state",
        "unbooked": "x.state IN ('waiting', 'aside') AND x.unbooked <> 0",
        "code": f"({number_key('x.event')} LIKE :code OR {number_key('x.intent')} LIKE :code"
        f" OR {number_key('x.payment')} LIKE :code)",
    },
)
NEWEST_FIRST = EVENTS.latest_first
_UNBOOKED = text(
    """
    SELECT upper(coalesce(x.content #>> '{object,currency}', '')) AS currency,
           coalesce(sum(x.unbooked) FILTER (WHERE x.unbooked > 0), 0) AS received,
           coalesce(-sum(x.unbooked) FILTER (WHERE x.unbooked < 0), 0) AS given_back, count(*) AS events
      FROM stripe_event x
     WHERE x.state IN ('waiting', 'aside') AND x.unbooked <> 0
     GROUP BY 1 ORDER BY 1
    """
)
_EVENT = text(f"{EVENTS.select} WHERE x.event = :event")
