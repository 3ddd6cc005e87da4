"""Another person agrees to the differences of a count, and they are posted; or does not, and nothing is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.counting.count_serials import lay, lies, post_serials
from portal.counting.documents import LineFound, LockedCount, close, lines_of, lock_count
from portal.counting.in_the_way import in_the_way
from portal.counting.rules import NOTE_MAX, CountState, Standing, require_state
from portal.counting.vocabulary import CountingAction, CountingRight
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.nonconforming.rules import reason_faults
from portal.stock.lots_here import Barred, barred_lots, lock_lots
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind


def approve_count(
    session: Session, *, actor: Actor, number: str, note: str = "", today: date, at: datetime
) -> None:
    """Post the differences of a count that other people opened, counted and handed in.

    Locks the count, the levels, the lots, the serials. Raises Conflict with a fault for each lot whose
    difference is not a count's to post, Invalid for serials that are elsewhere, Forbidden to who counted,
    NotFound.
    """
    actor.require(CountingRight.APPROVE)
    count = _decidable(session, actor, number)
    if len(note) > NOTE_MAX:
        message, about = N_("At most %(max)s characters."), {"max": NOTE_MAX}
        raise Invalid(faults=[Fault("/note", "note_long", message, N_("Shorten it."), about)])
    differing = [line for line in lines_of(session, count) if line.counted.differs]
    lots = sorted({line.lot_id for line in differing})
    lock_lots(session, warehouse_id=count.warehouse_id, lots=lots)
    barred = barred_lots(session, warehouse_id=count.warehouse_id, lots=lots, today=today)
    moves = _moves(differing, barred)
    if faults := in_the_way(session, count, moves, differing, barred.lots):
        raise Conflict(
            "in_the_way",
            N_("The count cannot be posted: units are promised, or have to be decided on elsewhere."),
            faults=faults,
            fix=N_("Do what stands beside each lot; then approve the count again, or reject it."),
        )
    move_lots(
        session,
        warehouse_id=count.warehouse_id,
        moves=moves,
        kind=MovementKind.COUNT,
        document=count.number,
        actor=actor,
        at=at,
    )
    post_serials(session, count, differing, barred)
    close(session, count, CountState.APPROVED, note.strip(), actor, at)
    units = sum(line.counted.difference for line in differing)
    after = {"lines": len(differing), "units": units}
    audit.record(session, CountingAction.APPROVED, number, actor=actor, dealer_id=None, after=after)


def reject_count(session: Session, *, actor: Actor, number: str, note: str, at: datetime) -> None:
    """Refuse a count; nothing is posted. Raises Invalid without a reason, Forbidden, Conflict, NotFound."""
    actor.require(CountingRight.APPROVE)
    if faults := reason_faults("/note", note.strip()):
        raise Invalid(faults=faults)
    count = _decidable(session, actor, number)
    close(session, count, CountState.REJECTED, note.strip(), actor, at)
    audit.record(session, CountingAction.REJECTED, number, actor=actor, dealer_id=None, reason=note.strip())


def _decidable(session: Session, actor: Actor, number: str) -> LockedCount:
    count = lock_count(session, number)
    require_state(count.state, CountState.SUBMITTED)
    counters = session.execute(_COUNTERS, {"id": count.id}).scalars()
    for person in (count.opened_by, count.submitted_by or "", *counters):
        require_other_person(actor, person)
    return count


def _moves(differing: Iterable[LineFound], barred: Barred) -> list[LotMove]:
    """One a lot: units that are gone from where they lay, and those that came to where such lie now."""
    units: dict[int, dict[Standing, int]] = defaultdict(lambda: dict.fromkeys(Standing, 0))
    for line in differing:
        came = len(line.counted.surplus) or max(line.counted.difference, 0)
        units[line.lot_id][lay(line, barred)] += line.counted.difference - came
        units[line.lot_id][lies(line, barred)] += came
    return [
        LotMove(lot_id, of[Standing.SALEABLE], of[Standing.INSPECTING], of[Standing.QUARANTINED])
        for lot_id, of in sorted(units.items())
        if any(of.values())
    ]


_COUNTERS = text("SELECT DISTINCT actor FROM stock_count_entry WHERE count_id = :id")
