"""Quality is told before the time of an adverse event runs out, and when it has: once each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.complaints.vocabulary import EVENT_WARNED
from portal.kernel import outbox

AT_ONCE = 200


def warn(session: Session, *, at: datetime) -> int:
    """Tell of the clocks that run out, the notice of a group event among them; of how many."""
    rows = session.execute(_DUE, {"at": at, "limit": AT_ONCE}).all()
    for row in rows:
        outbox.add(session, EVENT_WARNED, dealer_id=row.dealer_id, number=row.number, stage=row.stage)
    return len(rows)


_DUE = text(
    """
    WITH running AS (
      SELECT e.dealer_id, e.id, k.due_at,
             CASE WHEN k.due_at <= :at THEN 'overdue' WHEN k.last_at <= :at THEN 'last'
                  WHEN k.first_at <= :at THEN 'first' END AS stage
        FROM adverse_event e, LATERAL (VALUES
             (CASE WHEN e.state = 'open' THEN e.due_at END, e.warn_first_at, e.warn_last_at),
             (CASE WHEN e.notice_at IS NULL THEN e.notice_due_at END,
              e.aware_at + (e.notice_due_at - e.aware_at) / 2, e.notice_due_at))
             AS k(due_at, first_at, last_at)
       WHERE e.state IN ('open', 'submitted') AND k.due_at IS NOT NULL),
    told AS (
      INSERT INTO adverse_warning (dealer_id, event_id, due_at, stage, told_at)
      SELECT n.dealer_id, n.id, n.due_at, n.stage, :at FROM running n
       WHERE n.stage IS NOT NULL
         AND NOT EXISTS (SELECT FROM adverse_warning w
                          WHERE (w.dealer_id, w.event_id, w.due_at, w.stage)
                              = (n.dealer_id, n.id, n.due_at, n.stage))
       ORDER BY n.dealer_id, n.id, n.due_at LIMIT :limit
          ON CONFLICT DO NOTHING
      RETURNING dealer_id, event_id, stage)
    SELECT t.dealer_id, r.number, t.stage
      FROM told t JOIN service_request r ON (r.dealer_id, r.id) = (t.dealer_id, t.event_id)
     ORDER BY t.dealer_id, r.id
    """
)
