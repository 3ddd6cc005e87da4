"""People are reminded of papers that end: 90, 60, 30 and 7 days before, once each."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.notifications.tell import announce
from portal.papers.fragments import is_renewed, of_open_dealer
from portal.papers.rules import REMINDED, PaperKind, renewal_window
from portal.papers.vocabulary import EXPIRING, EXPIRING_DESK
from portal.papers.words import KINDS
from portal.workdays.rules import WorkCalendar

AT_ONCE = 200


def remind(session: Session, *, calendar: WorkCalendar, today: date, at: datetime) -> int:
    """Tell of the papers that end soon and for which nothing is filed; of how many.

    What was told is written down in the same transaction, so that a job that dies tells nobody twice. Of two
    steps that have passed, the nearer is told alone.
    """
    rows = session.execute(
        _DUE, {"today": today, "at": at, "steps": list(REMINDED), "most": max(REMINDED), "limit": AT_ONCE}
    ).all()
    for row in rows:
        facts = {
            "number": row.number,
            "kind": KINDS[PaperKind(row.kind)],
            "paper_no": row.paper_no,
            "valid_to": f"{row.valid_to}",
            "days_left": (row.valid_to - today).days,
            "window": _window(row.kind, row.valid_to, calendar),
        }
        renewal = f"/papers/new?kind={row.kind}&replaces={row.number}"
        announce(session, event=EXPIRING, dealer_id=row.dealer_id, path=renewal, facts=facts)
        desk = f"/hq/papers/{row.number}"
        announce(session, event=EXPIRING_DESK, dealer_id=row.dealer_id, path=desk, facts=facts)
    return len(rows)


def _window(kind: str, valid_to: date, calendar: WorkCalendar) -> str:
    """When the authority takes the application, of a licence alone."""
    if kind != PaperKind.LICENCE:
        return ""
    first, last = renewal_window(valid_to, calendar)
    return f"{first} – {last}"


# A renewal that waits, or a receipt that counts, ends the reminders.
_DUE = text(
    f"""
    WITH due AS (
      SELECT p.dealer_id, p.id, p.number, p.kind, p.paper_no, p.valid_to,
             (SELECT min(step) FROM unnest(CAST(:steps AS int[])) AS step
               WHERE p.valid_to <= CAST(:today AS date) + step) AS days
        FROM dealer_paper p
       WHERE p.state = 'accepted' AND p.valid_to BETWEEN :today AND CAST(:today AS date) + CAST(:most AS int)
         AND {of_open_dealer("p.dealer_id")} AND NOT {is_renewed("p")}),
    told AS (
      INSERT INTO paper_reminder (dealer_id, paper_id, days, told_at)
      SELECT n.dealer_id, n.id, n.days, :at FROM due n
       WHERE NOT EXISTS (SELECT FROM paper_reminder w
                          WHERE (w.dealer_id, w.paper_id, w.days) = (n.dealer_id, n.id, n.days))
       ORDER BY n.valid_to, n.dealer_id, n.id LIMIT :limit
          ON CONFLICT DO NOTHING
      RETURNING dealer_id, paper_id)
    SELECT d.dealer_id, d.number, d.kind, d.paper_no, d.valid_to
      FROM told t JOIN due d ON (d.dealer_id, d.id) = (t.dealer_id, t.paper_id)
     ORDER BY d.valid_to, d.dealer_id, d.id
    """
)
