"""The stop list as a list, one stop, and the stops that have run out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key


@dataclass(frozen=True, slots=True)
class StopRow:
    """A stop. until: its last day, None until somebody ends it."""

    id: int
    number: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    letter_no: str
    reason: str
    until: date | None
    put_by_label: str
    put_at: datetime
    ended_by_label: str | None
    ended_at: datetime | None
    end_reason: str

    @property
    def state(self) -> str:
        """Whether it stands."""
        return "stands" if self.ended_at is None else "ended"


def stops(
    session: Session,
    *,
    state: str = "",
    q: str = "",
    dealer_id: int | None = None,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[StopRow]:
    """Stops in scope, the latest first. q: part of a number, or of a dealer's code."""
    sought = {"standing": True if state == "stands" else None, "ended": True if state == "ended" else None}
    return STOPS.page(
        session, sought | {"q": q, "dealer_id": dealer_id}, limit=limit, cursor=cursor, sort=sort
    )


def count_stops(session: Session, *, state: str = "", q: str = "", dealer_id: int | None = None) -> int:
    """How many stops `stops` gives, at most one more than `paging.COUNTED_MAX`."""
    sought = {"standing": True if state == "stands" else None, "ended": True if state == "ended" else None}
    return STOPS.count(session, sought | {"q": q, "dealer_id": dealer_id})


def stop_of(session: Session, number: str) -> StopRow:
    """One stop. Raises NotFound outside the session's scope."""
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return StopRow(**row._mapping)


def stop_of_dealer(session: Session, dealer_id: int, *, today: date) -> StopRow | None:
    """The stop that holds a dealer's orders on a day, None without one."""
    row = session.execute(_STANDING, {"dealer_id": dealer_id, "today": today}).one_or_none()
    return None if row is None else StopRow(**row._mapping)


def stops_run_out(session: Session, *, today: date, most: int = 500) -> list[str]:
    """Numbers of the stops whose last day is past."""
    return list(session.execute(_RUN_OUT, {"today": today, "most": most}).scalars())


def held_orders_of(session: Session, dealer_id: int, kind: str) -> list[str]:
    """Numbers of the orders of a dealer that a kind of hold holds."""
    return list(session.execute(_HELD, {"dealer_id": dealer_id, "kind": kind}).scalars())


STOPS = DocumentList(
    "stops",
    "s",
    "put_at",
    StopRow,
    columns="""
    s.id, s.number, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, s.letter_no,
    s.reason, s.until, s.put_by_label, s.put_at, s.ended_by_label, s.ended_at, s.end_reason
    """,
    tables="FROM dealer_stop s JOIN dealer d ON d.id = s.dealer_id",
    conditions={
        "dealer_id": "s.dealer_id = :dealer_id",
        "standing": "(:standing AND s.ended_at IS NULL)",
        "ended": "(:ended AND s.ended_at IS NOT NULL)",
        "code": f"({number_key('s.number')} LIKE :code OR {number_key('d.code')} LIKE :code)",
    },
)
_ONE = text(f"{STOPS.select} WHERE s.number = :number")
_STANDING = text(
    f"""
    {STOPS.select} WHERE s.dealer_id = :dealer_id AND s.ended_at IS NULL
      AND (s.until IS NULL OR s.until >= :today)
    """
)
_RUN_OUT = text(
    """
    SELECT number FROM dealer_stop WHERE ended_at IS NULL AND until < :today ORDER BY dealer_id LIMIT :most
    """
)
_HELD = text(
    """
    SELECT number FROM sales_order
     WHERE dealer_id = :dealer_id AND status = 'on_hold' AND :kind = ANY (holds) ORDER BY placed_at, id
    """
)
