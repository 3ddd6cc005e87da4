"""What letters say of a claim."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Told:
    """A claim in a letter. due_at: the moment at which its time has run out."""

    number: str
    state: str
    asked: Decimal
    approved: Decimal | None
    note: str
    paid_no: str | None
    due_at: datetime | None
    dealer_zh: str
    dealer_en: str


def told_of(session: Session, *, number: str) -> Told:
    """The claim of a number. Raises NotFound out of scope."""
    row = session.execute(_TOLD, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return Told(**row._mapping)


_TOLD = text(
    """
    SELECT c.number, c.state, c.asked, c.approved, c.decision_note AS note, c.paid_no, c.due_at,
           d.name_zh AS dealer_zh, d.name_en AS dealer_en
      FROM rebate_claim c JOIN dealer d ON d.id = c.dealer_id WHERE c.number = :number
    """
)
