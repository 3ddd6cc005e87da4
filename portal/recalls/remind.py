"""Silent holders are reminded at half and at four fifths of their time; after it quality telephones them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.notifications.tell import announce
from portal.recalls.clock_rules import SHARES, end_of
from portal.recalls.vocabulary import REMINDED, SILENT
from portal.workdays.rules import WorkCalendar

AT_ONCE = 500


def remind(session: Session, *, calendar: WorkCalendar, at: datetime) -> int:
    """Remind the holders that have not answered and whose next share of the time has passed; of how many.

    Each share once, and of two that have passed the later alone. Those of the last are on the telephone list.
    """
    told = 0
    for recall in session.execute(_RUNNING).all():
        due_at = end_of(recall.notices_by, calendar)
        whole = due_at - recall.decided_at
        passed = max((share for share in SHARES if at >= recall.decided_at + whole * share / 100), default=0)
        about = {"id": recall.id, "share": passed, "limit": AT_ONCE - told}
        rows = session.execute(_REMIND, about).all() if passed and told < AT_ONCE else []
        for row in rows:
            facts = {
                "number": recall.number,
                "title": recall.title,
                "level": recall.level,
                "is_drill": recall.is_drill,
                "held": row.held,
                "by": f"{recall.notices_by}",
            }
            path = f"/recalls/{recall.number}"
            announce(session, event=REMINDED, dealer_id=row.dealer_id, path=path, facts=facts)
            if passed == SHARES[-1]:
                desk = f"/hq/recalls/{recall.number}"
                announce(session, event=SILENT, dealer_id=row.dealer_id, path=desk, facts=facts)
        told += len(rows)
    return told


# A wider scope in preparation lets nobody off.
_RUNNING = text(
    """
    SELECT id, number, title, level, is_drill, decided_at, notices_by FROM recall
     WHERE state IN ('running', 'draft', 'confirmed') AND decided_at IS NOT NULL ORDER BY id
    """
)
_REMIND = text(
    """
    UPDATE recall_response r SET reminded = :share
      FROM (SELECT dealer_id FROM recall_response
             WHERE recall_id = :id AND answered_at IS NULL AND reminded < :share
             ORDER BY dealer_id LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED) s
     WHERE r.recall_id = :id AND r.dealer_id = s.dealer_id
    RETURNING r.dealer_id, r.held
    """
)
