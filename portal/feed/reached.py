"""Which dealers an entry is for, when their systems are told of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.feed.fragments import DEALERS, REACHED


def reached_by_notice(
    session: Session, payload: Mapping[str, object], dealer_ids: Collection[int]
) -> Iterable[int]:
    """Of these dealers, those who see the entry that an effect is about; none once it is withdrawn."""
    return _reached(session, payload["number"], dealer_ids)


def reached_by_policy(
    session: Session, payload: Mapping[str, object], dealer_ids: Collection[int]
) -> Iterable[int]:
    """The same by the entry in which a price policy was announced."""
    return _reached(session, payload["notice"], dealer_ids)


def _reached(session: Session, number: object, dealer_ids: Collection[int]) -> Iterable[int]:
    return session.execute(_REACHED, {"number": number, "dealers": list(dealer_ids)}).scalars().all()


_REACHED = text(
    f"""
    SELECT d.id FROM {DEALERS}
     WHERE d.id = ANY (:dealers) AND d.state <> 'closed'
       AND EXISTS (SELECT FROM feed_entry e JOIN feed_address a ON a.entry_id = e.id
                    WHERE e.number = :number AND e.state = 'published' AND {REACHED})
     ORDER BY d.id
    """
)
