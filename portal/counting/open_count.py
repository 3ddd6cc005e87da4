"""Begin a count: what should lie in a warehouse is written down, and nobody who counts is told it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.counting.documents import close, hand_in, lines_of, lock_count
from portal.counting.models import StockCount
from portal.counting.rules import LINES_MAX, OPEN, CountState, require_state, submitted
from portal.counting.vocabulary import CountingAction, CountingRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.numbering import new_number
from portal.stock.warehouses import warehouses_named


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: some products, a category, a bin (or bins that begin so), or everything."""

    skus: Sequence[str] = ()
    category: str = ""
    location: str = ""
    everything: bool = False


def open_count(
    session: Session, *, actor: Actor, warehouse: str, scope: Scope, today: date, at: datetime
) -> str:
    """Write down what lies there by lot and standing; the number of the count. Work goes on meanwhile.

    Raises Invalid with every fault, Conflict when something of it is in another count that is not decided,
    Forbidden.
    """
    actor.require(CountingRight.COUNT)
    (place,) = warehouses_named(session, [(warehouse, "/warehouse")])
    if faults := _faults(session, scope):
        raise Invalid(faults=faults)
    about = {"warehouse_id": place.id, **_sought(scope)}
    if elsewhere := session.execute(_ELSEWHERE, about).scalars().first():
        raise Conflict(
            "counted_elsewhere",
            N_("Some of it is being counted in %(number)s."),
            fix=N_("Finish that count first, or choose other goods."),
            number=elsewhere,
        )
    number = new_number("SC", today)
    count_id = session.execute(
        insert(StockCount)
        .values(
            number=number,
            warehouse_id=place.id,
            scope=asdict(scope),
            opened_by=actor.key,
            opened_by_label=actor.label,
            opened_at=at,
        )
        .returning(StockCount.id)
    ).scalar_one()
    lines = session.execute(_SNAPSHOT, {**about, "count_id": count_id, "limit": LINES_MAX + 1}).scalar_one()
    if not 1 <= lines <= LINES_MAX:
        message = N_("That is %(lines)s lots to count; between 1 and %(max)s can be.")
        fix = N_("Choose other products, another category or another bin.")
        raise Invalid(faults=[Fault("", "scope", message, fix, {"lines": lines, "max": LINES_MAX})])
    after = {"warehouse": warehouse, "lines": lines, **asdict(scope)}
    audit.record(session, CountingAction.OPENED, number, actor=actor, dealer_id=None, after=after)
    return number


def submit_count(session: Session, *, actor: Actor, number: str, at: datetime) -> CountState:
    """Say that everything is counted: to a second look at what differs, or to whoever approves.

    Raises Conflict while something is not counted, NotFound, Forbidden.
    """
    actor.require(CountingRight.COUNT)
    count = lock_count(session, number)
    state = submitted(count.state, [line.counted for line in lines_of(session, count)])
    hand_in(session, count, state, actor, at)
    after = {"state": str(state)}
    audit.record(session, CountingAction.SUBMITTED, number, actor=actor, dealer_id=None, after=after)
    return state


def cancel_count(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Give a count up that nobody has handed in. Raises Conflict, NotFound, Forbidden."""
    actor.require(CountingRight.COUNT)
    count = lock_count(session, number)
    require_state(count.state, *OPEN)
    close(session, count, CountState.CANCELLED, "", actor, at)
    audit.record(session, CountingAction.CANCELLED, number, actor=actor, dealer_id=None)


def _faults(session: Session, scope: Scope) -> list[Fault]:
    chosen = [bool(scope.skus), bool(scope.category), bool(scope.location), scope.everything]
    if sum(chosen) != 1:
        message = N_("Name products, a category, a bin, or everything: one of them.")
        return [Fault("", "scope", message, N_("Say what is to be counted."))]
    known = set(session.execute(_KNOWN, {"skus": list(scope.skus)}).scalars())
    message, fix = N_("There is no product %(sku)s."), N_("Read the SKU again.")
    return [
        Fault(f"/skus/{place}", "unknown_sku", message, fix, {"sku": sku})
        for place, sku in enumerate(scope.skus)
        if sku not in known
    ]


def _sought(scope: Scope) -> dict[str, object]:
    return {
        "skus": list(scope.skus),
        "category": scope.category,
        "location": scope.location,
        "everything": scope.everything,
    }


_KNOWN = text("SELECT sku FROM product WHERE sku = ANY (CAST(:skus AS text[]))")
_WITHIN = """
  FROM lot_stock k
  JOIN product p ON p.id = k.product_id
 CROSS JOIN LATERAL (VALUES ('saleable', k.on_hand), ('inspecting', k.inspecting),
                            ('quarantined', k.quarantined)) AS s(standing, units)
 WHERE k.warehouse_id = :warehouse_id AND s.units > 0
   AND (:everything OR p.sku = ANY (CAST(:skus AS text[]))
        OR :category <> '' AND starts_with(p.category_code, :category)
        OR :location <> '' AND starts_with(k.location, :location))
"""
_ELSEWHERE = text(
    f"""
    SELECT c.number FROM stock_count c
     WHERE c.id = (SELECT l.count_id FROM stock_count_line l
                    WHERE l.is_open AND (l.warehouse_id, l.lot_id, l.standing) IN (
                          SELECT k.warehouse_id, k.lot_id, s.standing {_WITHIN})
                    LIMIT 1)
    """
)
_SNAPSHOT = text(
    f"""
    WITH there AS (
      SELECT k.product_id, k.lot_id, s.standing, s.units {_WITHIN} ORDER BY k.lot_id, s.standing LIMIT :limit
    ), made AS (
      INSERT INTO stock_count_line (count_id, lot_id, standing, product_id, warehouse_id, expected_start,
                                    serials, missing, surplus)
      SELECT :count_id, lot_id, standing, product_id, :warehouse_id, units, '[]', '[]', '[]' FROM there
    )
    SELECT count(*)::int FROM there
    """
)
