"""A recall is closed, with a reason for everything that is still open; silent holders are telephoned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.kernel.proposals import REASON_MAX, reason_of
from portal.nonconforming.vocabulary import QualityRight
from portal.recalls.clock_rules import clocks, recall_kept_until
from portal.recalls.locked import lock_recall
from portal.recalls.queries import held_by_all
from portal.recalls.rules import NOTE_MAX, OPEN_ASKED_MAX, RecallAct, after, effectiveness, text_faults
from portal.recalls.vocabulary import RecallAction, RecallRight
from portal.workdays.rules import WorkCalendar


def close_recall(
    session: Session,
    *,
    actor: Actor,
    number: str,
    revision: int,
    reason: str,
    reasons: Mapping[str, str],
    otherwise: str = "",
    calendar: WorkCalendar,
    today: date,
    at: datetime,
) -> None:
    """Close a running recall. reasons: for each dealer whose answer is missing or does not account for all;
    otherwise: of all those that have none of their own.

    Needs a session that sees every dealer. Raises Invalid with each holder that has no reason, Conflict,
    NotFound, Forbidden.
    """
    actor.require(QualityRight.DECIDE)
    why = reason_of(reason)
    locked = lock_recall(session, number, revision)
    state = after(locked.state, RecallAct.CLOSE)
    got = effectiveness(held_by_all(session, locked.id))
    given = {code: reasons.get(code, "").strip() or otherwise.strip() for code in got.open}
    if faults := _faults(given):
        raise Invalid(faults=faults)
    session.execute(_OPEN, {"id": locked.id, "codes": list(given), "reasons": list(given.values())})
    due = clocks(level=locked.level, decided_at=locked.decided_at or at, ended_on=today, calendar=calendar)
    about = {"id": locked.id, "state": state, "label": actor.label, "at": at, "reason": why}
    kept = _kept_until(session, locked.id, today)
    session.execute(_CLOSE, {**about, "summary_by": due.summary_by, "kept_until": kept})
    told = {
        "state": str(state),
        "accounted": got.accounted,
        "of": got.of,
        "percent": f"{got.percent}",
        "open": list(got.open),
    }
    record(session, RecallAction.CLOSED, number, actor=actor, dealer_id=None, after=told, reason=why)


def note_call(
    session: Session, *, actor: Actor, number: str, dealer_code: str, note: str, at: datetime
) -> None:
    """Write down that a silent holder was telephoned, and what it said.

    Raises Invalid, Conflict, NotFound, Forbidden.
    """
    actor.require(RecallRight.DESK, QualityRight.DECIDE)
    if faults := text_faults("/note", note.strip(), NOTE_MAX):
        raise Invalid(faults=faults)
    locked = lock_recall(session, number)
    about = {"id": locked.id, "code": dealer_code, "note": note.strip(), "label": actor.label, "at": at}
    dealer_id = session.execute(_CALLED, about).scalar_one_or_none()
    if dealer_id is None:
        raise NotFound()
    record(
        session,
        RecallAction.TELEPHONED,
        number,
        actor=actor,
        dealer_id=dealer_id,
        after={"note": note.strip()},
    )


def _faults(given: Mapping[str, str]) -> list[Fault]:
    """Beside each holder; of more than are asked one by one, once."""
    message, fix = N_("Say why it is closed although this is open."), N_("1 to %(max)s characters.")
    wrong = [code for code, reason in given.items() if not 1 <= len(reason) <= REASON_MAX]
    pointers = [f"/reasons/{code}" for code in wrong] if len(wrong) <= OPEN_ASKED_MAX else ["/otherwise"]
    return [Fault(pointer, "reason_missing", message, fix, {"max": REASON_MAX}) for pointer in pointers]


def _kept_until(session: Session, recall_id: int, today: date) -> date:
    """The longest that any of its products asks for."""
    rows = session.execute(_GOODS, {"id": recall_id}).all()
    return max(
        (
            recall_kept_until(
                device_class=row.device_class, lapses=row.lapses, closed_on=today, expiries=row.expiries
            )
            for row in rows
        ),
        default=recall_kept_until(device_class=1, lapses=None, closed_on=today, expiries=()),
    )


_OPEN = text(
    """
    UPDATE recall_response r SET open_reason = o.reason
      FROM unnest(CAST(:codes AS text[]), CAST(:reasons AS text[])) AS o(code, reason)
      JOIN dealer d ON d.code = o.code
     WHERE r.recall_id = :id AND r.dealer_id = d.id
    """
)
_CLOSE = text(
    """
    UPDATE recall
       SET state = :state, ended_by_label = :label, ended_at = :at, end_reason = :reason,
           summary_by = :summary_by, kept_until = :kept_until, revision = revision + 1
     WHERE id = :id
    """
)
_CALLED = text(
    """
    UPDATE recall_response r
       SET telephoned_at = :at, telephoned_by_label = :label, telephone_note = :note
      FROM dealer d
     WHERE r.recall_id = :id AND r.dealer_id = d.id AND d.code = :code
    RETURNING r.dealer_id
    """
)
_GOODS = text(
    """
    SELECT p.device_class, p.registration_to AS lapses,
           array_remove(array_agg(l.expires_on), NULL) AS expiries
      FROM recall_lot k JOIN lot l ON l.id = k.lot_id JOIN product p ON p.id = l.product_id
     WHERE k.recall_id = :id GROUP BY p.id
    """
)
