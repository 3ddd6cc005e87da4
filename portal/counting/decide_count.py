"""Another person agrees to the differences of a count, and they are posted; or does not, and nothing is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.counting.count_serials import post_serials
from portal.counting.documents import LineFound, LockedCount, close, lines_of, lock_count
from portal.counting.rules import NOTE_MAX, CountState, Standing, require_state
from portal.counting.vocabulary import CountingAction, CountingRight
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.nonconforming.documents import reported_units
from portal.stock.lots_here import barred_lots, lock_lots
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind

ORDERS_SHOWN = 5
"""Orders that hold what is missing and are named, the earliest ones."""


def approve_count(session: Session, *, actor: Actor, number: str, note: str = "", at: datetime) -> None:
    """Post the differences of a count that other people opened, counted and handed in.

    Locks the count, the levels, the lots, the serials. Raises Conflict with a fault for each lot whose
    missing units are promised to orders, Invalid for serials that are elsewhere, Forbidden to who counted,
    NotFound.
    """
    actor.require(CountingRight.APPROVE)
    count = _decidable(session, actor, number)
    if len(note) > NOTE_MAX:
        raise Invalid(faults=[_long()])
    differing = [line for line in lines_of(session, count) if line.counted.differs]
    lots = sorted({line.lot_id for line in differing})
    lock_lots(session, warehouse_id=count.warehouse_id, lots=lots)
    barred = barred_lots(session, warehouse_id=count.warehouse_id, lots=lots)
    moves = _moves(differing, barred)
    if faults := _promised(session, count, moves, differing):
        raise Conflict(
            "promised",
            N_("Units that are missing are promised, or decided on elsewhere: the count cannot be posted."),
            faults=faults,
            fix=N_("Cancel or change what holds them, then approve the count again."),
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
    if not note.strip():
        fault = Fault("/note", "reason_missing", N_("A reason is needed."), N_("Say why in a few words."))
        raise Invalid(faults=[fault])
    if len(note) > NOTE_MAX:
        raise Invalid(faults=[_long()])
    count = _decidable(session, actor, number)
    close(session, count, CountState.REJECTED, note.strip(), actor, at)
    audit.record(session, CountingAction.REJECTED, number, actor=actor, dealer_id=None, reason=note.strip())


def _long() -> Fault:
    message = N_("At most %(max)s characters.")
    return Fault("/note", "note_long", message, N_("Shorten it."), {"max": NOTE_MAX})


def _decidable(session: Session, actor: Actor, number: str) -> LockedCount:
    count = lock_count(session, number)
    require_state(count.state, CountState.SUBMITTED)
    counters = session.execute(_COUNTERS, {"id": count.id}).scalars()
    for person in (count.opened_by, count.submitted_by or "", *counters):
        require_other_person(actor, person)
    return count


def _moves(differing: Iterable[LineFound], barred: Iterable[int]) -> list[LotMove]:
    """One a lot. What was counted as saleable of a lot that has expired since lies in quarantine now."""
    units: dict[int, dict[Standing, int]] = defaultdict(lambda: dict.fromkeys(Standing, 0))
    for line in differing:
        apart = line.standing is Standing.SALEABLE and line.lot_id in barred
        standing = Standing.QUARANTINED if apart else line.standing
        units[line.lot_id][standing] += line.counted.difference
    return [
        LotMove(lot_id, of[Standing.SALEABLE], of[Standing.INSPECTING], of[Standing.QUARANTINED])
        for lot_id, of in sorted(units.items())
        if any(of.values())
    ]


def _promised(
    session: Session, count: LockedCount, moves: Sequence[LotMove], differing: Sequence[LineFound]
) -> list[Fault]:
    """A fault for each lot of which more is missing than nobody has a claim to."""
    lines = {line.lot_id: line for line in differing}
    place, lots = count.warehouse_id, [move.lot_id for move in moves]
    rows = session.execute(_THERE, {"warehouse_id": place, "lots": lots})
    there = {row.lot_id: row for row in rows}
    reported = reported_units(session, warehouse_id=place, lots=lots)
    by_product: dict[int, int] = defaultdict(int)
    for move in moves:
        by_product[lines[move.lot_id].product_id] += move.on_hand
    faults = []
    for move in moves:
        line, row = lines[move.lot_id], there.get(move.lot_id)
        if row is None:
            continue
        short = row.level + by_product[line.product_id] < row.reserved
        if move.on_hand < 0 and (short or row.on_hand + move.on_hand < row.allocated):
            faults.append(_held(session, count, line))
        if row.inspecting + move.inspecting < 0 or (
            move.quarantined < 0 and row.quarantined + move.quarantined < reported.get(move.lot_id, 0)
        ):
            faults.append(_decided(line))
    return faults


def _held(session: Session, count: LockedCount, line: LineFound) -> Fault:
    about = {"warehouse_id": count.warehouse_id, "product_id": line.product_id, "limit": ORDERS_SHOWN}
    orders = session.execute(_ORDERS, about).scalars().all()
    return Fault(
        "",
        "promised",
        N_("%(sku)s, lot %(lot)s: the missing units are promised to %(orders)s."),
        N_("Cancel or change those orders, or return their shipments to stock; then approve again."),
        {"sku": line.sku, "lot": line.lot_no, "orders": ", ".join(orders) or "–"},
    )


def _decided(line: LineFound) -> Fault:
    return Fault(
        "",
        "set_apart",
        N_("%(sku)s, lot %(lot)s: the missing units are reported as non-conforming, or inspected already."),
        N_("Have the report decided on first; then approve again."),
        {"sku": line.sku, "lot": line.lot_no},
    )


_COUNTERS = text("SELECT DISTINCT actor FROM stock_count_entry WHERE count_id = :id")
_THERE = text(
    """
    SELECT k.lot_id, k.on_hand, k.allocated, k.inspecting, k.quarantined, s.on_hand AS level, s.reserved
      FROM lot_stock k
      JOIN stock_level s ON (s.warehouse_id, s.product_id) = (k.warehouse_id, k.product_id)
     WHERE k.warehouse_id = :warehouse_id AND k.lot_id = ANY (CAST(:lots AS bigint[]))
    """
)
_ORDERS = text(
    """
    SELECT o.number FROM (
      SELECT DISTINCT l.dealer_id, l.order_id
        FROM order_line l
        JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
        LEFT JOIN order_line_source x
          ON (x.dealer_id, x.order_id, x.line_no) = (l.dealer_id, l.order_id, l.line_no)
       WHERE l.product_id = :product_id AND l.reserved > 0
         AND :warehouse_id IN (o.warehouse_id, coalesce(x.warehouse_id, o.warehouse_id))) held
      JOIN sales_order o ON (o.dealer_id, o.id) = (held.dealer_id, held.order_id)
     ORDER BY o.placed_at, o.id LIMIT :limit
    """
)
