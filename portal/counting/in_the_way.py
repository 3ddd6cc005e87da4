"""What speaks against the posting of a count: differences that orders, reports or inspections decide on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.counting.documents import LineFound, LockedCount
from portal.counting.rules import Standing, made_saleable
from portal.kernel.errors import N_, Fault
from portal.nonconforming.documents import reported_units
from portal.stock.move_lots import LotMove

DOCUMENTS_SHOWN = 5
"""Documents that hold what is missing and are named, the earliest ones."""


def in_the_way(
    session: Session,
    count: LockedCount,
    moves: Sequence[LotMove],
    differing: Sequence[LineFound],
    barred: Collection[int],
) -> list[Fault]:
    """A fault for each lot whose difference may not be posted, its row locked.

    Missing units may be promised to orders or be in a report. What lies in inspection is decided by the
    inspection, and nothing gets for sale out of quarantine by having been found there.
    """
    return [
        *_promised(session, count, moves, differing),
        *_inspecting(session, count, differing),
        *_judged_by_nobody(differing, barred),
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
        if move.quarantined < 0 and row.quarantined + move.quarantined < reported.get(move.lot_id, 0):
            faults.append(_reported(line))
    return faults


def _held(session: Session, count: LockedCount, line: LineFound) -> Fault:
    about = {"warehouse_id": count.warehouse_id, "product_id": line.product_id, "limit": DOCUMENTS_SHOWN}
    orders = session.execute(_ORDERS, about).scalars().all()
    return _fault(
        line,
        "promised",
        N_("%(sku)s, lot %(lot)s: the missing units are promised to %(orders)s."),
        N_("Cancel or change those orders, or return their shipments to stock; then approve again."),
        orders=", ".join(orders) or "–",
    )


def _reported(line: LineFound) -> Fault:
    return _fault(
        line,
        "set_apart",
        N_("%(sku)s, lot %(lot)s: the missing units are reported as non-conforming."),
        N_("Have the report decided on first; then approve again."),
    )


def _inspecting(session: Session, count: LockedCount, differing: Sequence[LineFound]) -> list[Fault]:
    """What differs in inspection: documents tell how many units wait there, and a count that changed the
    stock alone would leave some that nobody can decide on.
    """
    lines = [line for line in differing if line.standing is Standing.INSPECTING]
    about = {"warehouse_id": count.warehouse_id, "lots": [line.lot_id for line in lines]}
    waiting: dict[int, list[str]] = defaultdict(list)
    for row in session.execute(_WAITING, about) if lines else ():
        waiting[row.lot_id].append(row.number)
    return [_not_inspected(line, waiting[line.lot_id][:DOCUMENTS_SHOWN]) for line in lines]


def _not_inspected(line: LineFound, documents: Sequence[str]) -> Fault:
    if line.counted.difference > 0:
        return _fault(
            line,
            "not_received",
            N_("%(sku)s, lot %(lot)s: more units lie in inspection than were received."),
            N_("Receive them, then reject this count and count the lot again."),
        )
    return _fault(
        line,
        "inspection_waits",
        N_("%(sku)s, lot %(lot)s: units of %(documents)s wait for inspection, or did until now."),
        N_("Inspect them and refuse what is missing with that reason; reject this count and count again."),
        documents=", ".join(documents) or "–",
    )


def _judged_by_nobody(differing: Iterable[LineFound], barred: Collection[int]) -> list[Fault]:
    by_lot: dict[int, dict[Standing, LineFound]] = defaultdict(dict)
    for line in differing:
        if line.lot_id not in barred:
            by_lot[line.lot_id][line.standing] = line
    return [
        _fault(
            next(iter(lines.values())),
            "not_released",
            N_("%(sku)s, lot %(lot)s: units that lay in quarantine were found among those for sale."),
            N_(
                "Put them back, or have quality release them; then reject this count and count the lot again."
            ),
        )
        for lines in by_lot.values()
        if made_saleable({standing: line.counted for standing, line in lines.items()})
    ]


def _fault(line: LineFound, code: str, message: str, fix: str, **params: str) -> Fault:
    return Fault("", code, message, fix, {"sku": line.sku, "lot": line.lot_no, **params})


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
_WAITING = text(
    """
    SELECT lot_id, number FROM (
      SELECT l.lot_id, g.number, g.received_at AS at
        FROM goods_receipt g JOIN goods_receipt_line l ON l.receipt_id = g.id
       WHERE g.state = 'inspecting' AND g.warehouse_id = :warehouse_id AND l.inspecting > 0
         AND l.lot_id = ANY (CAST(:lots AS bigint[]))
      UNION ALL
      SELECT l.lot_id, r.number, r.received_at
        FROM return_request r
        JOIN return_line l ON (l.dealer_id, l.return_id) = (r.dealer_id, r.id)
       WHERE r.state = 'received' AND r.warehouse_id = :warehouse_id AND l.received > 0
         AND l.lot_id = ANY (CAST(:lots AS bigint[]))) waiting
     GROUP BY lot_id, number ORDER BY lot_id, min(at), number
    """
)
