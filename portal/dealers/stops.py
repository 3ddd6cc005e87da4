"""The stop list: whose new orders are held. Written under the lock of the dealer's account, as orders are.

It lies below orders, which read it, and below whoever puts a dealer on it.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.db import Record

STANDING = "s.ended_at IS NULL AND (s.until IS NULL OR s.until >= :today)"
"""SQL: a row ``s`` of `dealer_stop` holds orders on the day ``today``."""

_PUT = text(
    """
    INSERT INTO dealer_stop (dealer_id, number, letter_no, reason, until, put_by, put_by_label, put_at)
    VALUES (:dealer_id, :number, :letter_no, :reason, :until, :actor, :label, :at)
    """
)
_END = text(
    """
    UPDATE dealer_stop SET ended_at = :at, ended_by = :actor, ended_by_label = :label, end_reason = :reason
     WHERE dealer_id = :dealer_id AND ended_at IS NULL
    """
)
_STANDS = text(f"SELECT EXISTS (SELECT FROM dealer_stop s WHERE s.dealer_id = :dealer_id AND {STANDING})")
_NOW = text(
    """
    SELECT number, letter_no, until FROM dealer_stop WHERE dealer_id = :dealer_id AND ended_at IS NULL
    """
)


def is_stopped(session: Session, dealer_id: int, *, today: date) -> bool:
    """Whether a dealer is on the stop list on a day."""
    found: bool = session.execute(_STANDS, {"dealer_id": dealer_id, "today": today}).scalar_one()
    return found


def standing_stop(session: Session, dealer_id: int) -> Record | None:
    """`number`, `letter_no` and `until` of the stop that nobody has ended, None without one."""
    return session.execute(_NOW, {"dealer_id": dealer_id}).one_or_none()


def put(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    number: str,
    reason: str,
    until: date | None,
    letter_no: str,
    at: datetime,
) -> None:
    """Write a stop; the caller has the account locked and knows that none stands."""
    row = {"dealer_id": dealer_id, "number": number, "reason": reason, "until": until}
    session.execute(_PUT, row | {"letter_no": letter_no} | _by(actor, at))


def end(session: Session, *, actor: Actor, dealer_id: int, reason: str, at: datetime) -> None:
    """End the stop that stands; the caller has the account locked."""
    session.execute(_END, {"dealer_id": dealer_id, "reason": reason} | _by(actor, at))


def _by(actor: Actor, at: datetime) -> dict[str, object]:
    return {"actor": actor.key, "label": actor.label, "at": at}
