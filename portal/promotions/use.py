"""What orders take of promotions, and what they give back when units are cancelled.

The budget never goes below what was promised, and never below 0: both are written in the transaction of the
order, behind the locks under which its discounts were computed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.locks import Rank
from portal.kernel.money import ZERO, share_sql
from portal.promotions.engine import Outcome
from portal.promotions.rules import Promotion


class Use(NamedTuple):
    """What a line of an order has of a promotion: columns of `promotion_use`."""

    line_no: int
    promotion_id: int
    quantity: int
    amount: Decimal
    counted: Decimal
    lot_units: int


class LotUse(NamedTuple):
    """Units of a promotion's lot that an order takes."""

    promotion_id: int
    lot_id: int
    units: int


def uses(outcome: Outcome, gift_lines: Mapping[int, int]) -> list[Use]:
    """What the lines of an order have of promotions.

    Lines are numbered from 1. gift_lines: number of the order's line for each of `outcome.gifts`, by place.
    """
    found: dict[tuple[int, int], Use] = {}

    def add(line_no: int, promotion: Promotion, quantity: int, amount: Decimal, counted: Decimal) -> None:
        key = line_no, promotion.id
        before = found.get(key, Use(line_no, promotion.id, quantity, ZERO, ZERO, 0))
        lot_units = _lot_units(promotion, outcome, line_no - 1) if amount else before.lot_units
        found[key] = before._replace(
            amount=before.amount + amount, counted=before.counted + counted, lot_units=lot_units
        )

    for place, (line, discounts) in enumerate(zip(outcome.lines, outcome.discounts, strict=True)):
        for one in discounts:
            add(place + 1, one.promotion, line.quantity, one.amount, ZERO)
    for counted in outcome.counted:
        line = outcome.lines[counted.place]
        add(counted.place + 1, counted.promotion, line.quantity, ZERO, counted.amount)
    for place, line_no in gift_lines.items():
        given = outcome.gifts[place]
        found[line_no, given.promotion.id] = Use(
            line_no, given.promotion.id, given.quantity, given.value, ZERO, 0
        )
    return list(found.values())


def _lot_units(promotion: Promotion, outcome: Outcome, place: int) -> int:
    line = outcome.lines[place]
    offered = sum(lot.available for lot in promotion.condition.lots if lot.sku == line.sku)
    return min(line.quantity, offered) if promotion.condition.lots else 0


def lots_taken(outcome: Outcome, taken: Iterable[Use]) -> list[LotUse]:
    """Which lots the units of a clearance are counted against: what expires first, first."""
    promotions = {one.promotion.id: one.promotion for line in outcome.discounts for one in line}
    found = []
    for use in taken:
        units = use.lot_units
        if not units:
            continue
        sku = outcome.lines[use.line_no - 1].sku
        for lot in promotions[use.promotion_id].condition.lots:
            if lot.sku == sku and units:
                found.append(LotUse(use.promotion_id, lot.id, min(units, lot.available)))
                units -= found[-1].units
    return found


def record_uses(
    session: Session,
    *,
    dealer_id: int,
    order_id: int,
    at: datetime,
    taken: Sequence[Use],
    lots: Sequence[LotUse] = (),
) -> None:
    """Write what an order takes; the promotions are locked, and the dealer's account.

    The database refuses what would overspend a budget, a cap or a lot.
    """
    columns = {name: [getattr(use, name) for use in taken] for name in Use._fields}
    session.execute(
        _RECORD,
        {
            "dealer_id": dealer_id,
            "order_id": order_id,
            "at": at,
            **columns,
            "lot_promotions": [lot.promotion_id for lot in lots],
            "lot_ids": [lot.lot_id for lot in lots],
            "units": [lot.units for lot in lots],
        },
    )


def hold_uses(session: Session, *, dealer_id: int, order_id: int, lines: Collection[int]) -> list[int]:
    """Lock the budgets that some lines of an order have drawn on; whoever locks stock too does this before.

    Returns the promotions. The account is locked, and the order.
    """
    keys = {"dealer_id": dealer_id, "order_id": order_id, "lines": list(lines)}
    touched = list(session.execute(_TOUCHED, keys).scalars())
    if touched:
        locks.take(session, Rank.BUDGET, [(key,) for key in touched])
        session.execute(_LOCK, {"ids": touched})
    return touched


def hold_budgets(session: Session, *, dealer_id: int, order_id: int, promotions: Collection[int]) -> None:
    """Lock the budgets that an order has drawn on and those of other promotions, together and in order."""
    keys = {"dealer_id": dealer_id, "order_id": order_id}
    touched = {*promotions, *session.execute(_OF_ORDER, keys).scalars()}
    if touched:
        locks.take(session, Rank.BUDGET, [(key,) for key in touched])
        session.execute(_LOCK, {"ids": sorted(touched)})


def give_back(session: Session, *, dealer_id: int, order_id: int, cancelled: Mapping[int, int]) -> None:
    """Give back what cancelled units had of promotions. cancelled: units by line number.

    What was taken counts from the front, so the last units give back first; the units of a clearance's lots
    last of all.
    """
    if hold_uses(session, dealer_id=dealer_id, order_id=order_id, lines=cancelled.keys()):
        columns = {"lines": list(cancelled), "units": list(cancelled.values())}
        session.execute(_GIVE_BACK, {"dealer_id": dealer_id, "order_id": order_id, **columns})


_RECORD = text(
    """
    WITH use AS (
      SELECT * FROM unnest(
        CAST(:line_no AS int[]), CAST(:promotion_id AS bigint[]), CAST(:quantity AS int[]),
        CAST(:amount AS numeric[]), CAST(:counted AS numeric[]), CAST(:lot_units AS int[])
      ) AS u(line_no, promotion_id, quantity, amount, counted, lot_units)
    ), whole AS (
      SELECT promotion_id, sum(amount) AS amount, sum(counted) AS counted FROM use GROUP BY promotion_id
    ), written AS (
      INSERT INTO promotion_use (dealer_id, order_id, line_no, promotion_id, at, quantity, amount, counted,
                                 lot_units)
      SELECT :dealer_id, :order_id, line_no, promotion_id, :at, quantity, amount, counted, lot_units FROM use
    ), spent AS (
      UPDATE promotion_budget b SET spent = b.spent + w.amount
        FROM whole w WHERE b.promotion_id = w.promotion_id AND w.amount > 0
    ), lots AS (
      UPDATE promotion_lot t SET used = t.used + l.units
        FROM (SELECT * FROM unnest(CAST(:lot_promotions AS bigint[]), CAST(:lot_ids AS bigint[]),
                                   CAST(:units AS int[])) AS l(promotion_id, lot_id, units)) l
       WHERE (t.promotion_id, t.lot_id) = (l.promotion_id, l.lot_id)
    )
    INSERT INTO promotion_dealer AS d (dealer_id, promotion_id, cap, spent, reached)
    SELECT :dealer_id, w.promotion_id, p.per_dealer_cap, w.amount, w.counted
      FROM whole w JOIN promotion p ON p.id = w.promotion_id
    ON CONFLICT (dealer_id, promotion_id) DO UPDATE
      SET spent = d.spent + excluded.spent, reached = d.reached + excluded.reached
    """
)

_TOUCHED = text(
    """
    SELECT DISTINCT promotion_id FROM promotion_use
     WHERE dealer_id = :dealer_id AND order_id = :order_id AND line_no = ANY (CAST(:lines AS int[]))
     ORDER BY promotion_id
    """
)

_OF_ORDER = text(
    "SELECT DISTINCT promotion_id FROM promotion_use WHERE dealer_id = :dealer_id AND order_id = :order_id"
)

_LOCK = text(
    """
    SELECT promotion_id FROM promotion_budget WHERE promotion_id = ANY (CAST(:ids AS bigint[]))
     ORDER BY promotion_id FOR NO KEY UPDATE
    """
)


def _between(column: str) -> str:
    """What the units between `rest` and `kept` of a use had of its `column`, as an expression of SQL."""
    return f"{share_sql(column, 'kept', 'quantity')} - {share_sql(column, 'rest', 'quantity')}"


_GIVE_BACK = text(
    f"""
    WITH gone AS (
      SELECT * FROM unnest(CAST(:lines AS int[]), CAST(:units AS int[])) AS g(line_no, units)
    ), before AS MATERIALIZED (
      SELECT u.line_no, u.promotion_id, u.quantity, u.amount, u.counted, u.lot_units,
             u.quantity - u.cancelled AS kept, u.quantity - u.cancelled - g.units AS rest
        FROM promotion_use u JOIN gone g ON g.line_no = u.line_no
       WHERE u.dealer_id = :dealer_id AND u.order_id = :order_id
    ), written AS (
      UPDATE promotion_use u SET cancelled = u.cancelled + g.units
        FROM gone g WHERE u.dealer_id = :dealer_id AND u.order_id = :order_id AND u.line_no = g.line_no
    ), back AS MATERIALIZED (
      SELECT promotion_id,
             sum({_between("amount")}) AS amount, sum({_between("counted")}) AS counted,
             sum(least(lot_units, kept) - least(lot_units, rest)) AS units
        FROM before GROUP BY promotion_id
    ), spent AS (
      UPDATE promotion_budget b SET spent = b.spent - back.amount
        FROM back WHERE b.promotion_id = back.promotion_id
    ), used AS (
      SELECT t.promotion_id, t.lot_id, t.used, back.units,
             sum(t.used) OVER (PARTITION BY t.promotion_id ORDER BY t.lot_id DESC) - t.used AS later
        FROM promotion_lot t JOIN back ON back.promotion_id = t.promotion_id WHERE back.units > 0
    ), lots AS (
      UPDATE promotion_lot t SET used = t.used - least(t.used, greatest(0, u.units - u.later))
        FROM used u WHERE (t.promotion_id, t.lot_id) = (u.promotion_id, u.lot_id)
    )
    UPDATE promotion_dealer d SET spent = d.spent - back.amount, reached = d.reached - back.counted
      FROM back WHERE d.dealer_id = :dealer_id AND d.promotion_id = back.promotion_id
    """
)
