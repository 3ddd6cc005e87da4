"""A second person decides: with the commit the lots are blocked and every holder is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Forbidden
from portal.kernel.proposals import require_no_author
from portal.nonconforming.vocabulary import QualityRight
from portal.notifications.tell import announce
from portal.recalls.clock_rules import Clocks, clocks
from portal.recalls.locked import LockedRecall, lock_recall
from portal.recalls.resolved import ResolvedLot, resolved_lots, units_held
from portal.recalls.rules import RecallAct, RecallState, after
from portal.recalls.vocabulary import DECIDED, RecallAction
from portal.shipping.block_lots import Blocked, block_lots
from portal.workdays.rules import WorkCalendar


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did. A drill blocks nothing."""

    lots: int
    units_blocked: int
    orders_held: tuple[str, ...]
    holders: int


def decide_recall(
    session: Session, *, actor: Actor, number: str, revision: int, calendar: WorkCalendar, at: datetime
) -> Decided:
    """Decide a scope that another person drafted and confirmed.

    Needs a session that sees every dealer. Locks the recall, then waits for the orders that are being placed
    and locks what `block_lots` does. Raises Forbidden to who drafted or confirmed it and to who answers for
    some regions only, Conflict, NotFound.
    """
    actor.require(QualityRight.DECIDE)
    if not actor.answers_for(None):
        raise Forbidden(
            "whole_country",
            N_("A recall reaches all regions."),
            fix=N_("Somebody who answers for the whole country decides it."),
        )
    locked = lock_recall(session, number, revision)
    state = after(locked.state, RecallAct.DECIDE)
    require_no_author(actor, locked.authors)
    lots = resolved_lots(session, recall_id=locked.id, version_no=locked.version_no)
    if not lots and locked.is_drill:
        message, fix = N_("Nobody has anything of this scope."), N_("Choose another scope for the drill.")
        raise Conflict("scope_empty", message, fix=fix)
    blocked = _block(session, locked, lots, actor, at)
    due = clocks(level=locked.level, decided_at=locked.decided_at or at, ended_on=None, calendar=calendar)
    _write(session, locked, state, lots, due, actor, at)
    told = _respond(session, locked, lots, at)
    _tell(session, locked, told, due)
    done = Decided(len(lots), blocked.units, blocked.orders_held, len(told))
    after_it = {
        "state": str(state),
        "version": locked.version_no,
        "lots": done.lots,
        "units_blocked": done.units_blocked,
        "orders_held": list(done.orders_held),
        "parcels_put_back": list(blocked.parcels_put_back),
        "holders_told": done.holders,
    }
    before = {"state": locked.state, "written_by": locked.written_by, "confirmed_by": locked.confirmed_by}
    record(session, RecallAction.DECIDED, number, actor=actor, dealer_id=None, before=before, after=after_it)
    return done


def _block(
    session: Session, locked: LockedRecall, lots: Sequence[ResolvedLot], actor: Actor, at: datetime
) -> Blocked:
    if locked.is_drill:
        return Blocked(0, (), ())
    return block_lots(session, lots=[lot.lot_id for lot in lots], document=locked.number, actor=actor, at=at)


def _write(
    session: Session,
    locked: LockedRecall,
    state: RecallState,
    lots: Sequence[ResolvedLot],
    due: Clocks,
    actor: Actor,
    at: datetime,
) -> None:
    lot_columns = {"lots": [lot.lot_id for lot in lots], "whole": [lot.is_whole for lot in lots]}
    session.execute(_LOTS, {"id": locked.id, "version_no": locked.version_no, **lot_columns})
    about = {"id": locked.id, "state": state, "actor": actor.key, "label": actor.label, "at": at}
    session.execute(_DECIDE, {**about, "notices_by": due.notices_by, "report_by": due.report_by})


def _respond(
    session: Session, locked: LockedRecall, lots: Sequence[ResolvedLot], at: datetime
) -> Sequence[Record]:
    """A response of every holder; those that are new, or hold more by a wider scope."""
    whole = [lot.lot_id for lot in lots if lot.is_whole]
    held = units_held(session, recall_id=locked.id, version_no=locked.version_no, whole=whole)
    about: dict[str, Any] = {"id": locked.id, "version_no": locked.version_no, "at": at}
    return session.execute(_RESPOND, {**about, "dealers": list(held), "units": list(held.values())}).all()


def _tell(session: Session, locked: LockedRecall, told: Sequence[Record], due: Clocks) -> None:
    """Every holder is told, its people and its systems; never of another, nor how many there are."""
    for row in told:
        facts = {
            "number": locked.number,
            "title": locked.title,
            "level": locked.level,
            "is_drill": locked.is_drill,
            "held": row.held,
            "by": f"{due.notices_by}",
        }
        path = f"/recalls/{locked.number}"
        announce(session, event=DECIDED, dealer_id=row.dealer_id, path=path, facts=facts)
        outbox.add(session, DECIDED, dealer_id=row.dealer_id, number=locked.number)


_LOTS = text(
    """
    INSERT INTO recall_lot (recall_id, lot_id, version_no, is_whole)
    SELECT :id, lot_id, :version_no, whole
      FROM unnest(CAST(:lots AS bigint[]), CAST(:whole AS boolean[])) AS l(lot_id, whole)
     ORDER BY lot_id
        ON CONFLICT (recall_id, lot_id) DO UPDATE SET is_whole = excluded.is_whole
    """
)
_DECIDE = text(
    """
    UPDATE recall
       SET state = :state, decided_by = :actor, decided_by_label = :label,
           decided_at = coalesce(decided_at, :at), notices_by = coalesce(notices_by, :notices_by),
           report_by = coalesce(report_by, :report_by), revision = revision + 1
     WHERE id = :id
    """
)
# What a holder said stays written; where it has more to answer for now, it is asked once more.
_RESPOND = text(
    """
    INSERT INTO recall_response AS r (dealer_id, recall_id, version_no, held, notified_at)
    SELECT dealer_id, :id, :version_no, units, :at
      FROM unnest(CAST(:dealers AS bigint[]), CAST(:units AS integer[])) AS h(dealer_id, units)
     ORDER BY dealer_id
        ON CONFLICT (dealer_id, recall_id) DO UPDATE
       SET held = excluded.held, version_no = excluded.version_no, state = 'notified', read_at = NULL,
           answered_at = NULL, reminded = 0, notified_at = excluded.notified_at
     WHERE excluded.held > r.held
    RETURNING r.dealer_id, r.held
    """
)
