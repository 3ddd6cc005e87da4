"""Ask the ERP for what orders wait for and nobody brings yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.numbering import new_number
from portal.orders.vocabulary import OrderRight
from portal.replenishment.models import SupplyRequest
from portal.replenishment.vocabulary import SupplyAction
from portal.stock.available import available
from portal.stock.backorders import lock_levels
from portal.stock.rules import LevelKey, too_near

LEVELS_MAX = 500
"""Levels that one transaction asks for at most; the next run takes up the others."""

UNBOOKED = timedelta(days=3)
"""How long goods that were received are awaited in the books of stock before they are asked for again."""

REFUSED = timedelta(days=7)
"""How long what was rejected is not asked for again."""


@dataclass(frozen=True, slots=True)
class Requested:
    """Numbers of the new requests. is_all: nothing that waits was left over."""

    numbers: tuple[str, ...]
    is_all: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    warehouse_id: int
    product_id: int
    warehouse: str
    sku: str
    units: int


def request_supply(
    session: Session, *, today: date, at: datetime, margin_days: int = 1, actor: Actor = SYSTEM
) -> Requested:
    """A request for the units of each level that wait and that no stock, request or transport covers.

    To run it again is harmless: what was asked for is covered. Locks the levels.
    """
    actor.require(OrderRight.DESK)
    about = {
        "too_near": too_near(today, margin_days),
        "unbooked": at - UNBOOKED,
        "refused": at - REFUSED,
        "limit": LEVELS_MAX,
    }
    keys = [(one.warehouse_id, one.product_id) for one in _uncovered(session, about, None)]
    lock_levels(session, keys)
    numbers = [_ask(session, wanted, actor, today, at) for wanted in _uncovered(session, about, keys)]
    return Requested(tuple(numbers), len(keys) < LEVELS_MAX)


def _uncovered(
    session: Session, about: Mapping[str, Any], keys: Collection[LevelKey] | None
) -> list[_Wanted]:
    """Levels with what they lack: all of them, or as they are after `keys` have been locked."""
    parameters = {
        **about,
        "everywhere": keys is None,
        "warehouses": [warehouse_id for warehouse_id, _ in keys or ()],
        "products": [product_id for _, product_id in keys or ()],
    }
    return [_Wanted(**row._mapping) for row in session.execute(_UNCOVERED, parameters)]


def _ask(session: Session, wanted: _Wanted, actor: Actor, today: date, at: datetime) -> str:
    number = new_number("SR", today)
    session.execute(
        insert(SupplyRequest).values(
            number=number,
            warehouse_id=wanted.warehouse_id,
            product_id=wanted.product_id,
            requested=wanted.units,
            quantity=wanted.units,
            requested_at=at,
            changed_at=at,
        )
    )
    said = {"warehouse": wanted.warehouse, "sku": wanted.sku, "quantity": wanted.units}
    audit.record(session, SupplyAction.REQUESTED, number, actor=actor, dealer_id=None, after=said)
    outbox.add(session, "supply.requested", dealer_id=None, number=number, **said)
    return number


# What is there is given out soon. Goods that the ERP says it received and that the books of stock do not show
# yet still cover what waits for them, for a while; a receipt since then ends that. What is in inspection has
# come.
_UNCOVERED = text(
    f"""
    SELECT s.warehouse_id, s.product_id, w.code AS warehouse, p.sku,
           s.backordered - c.units AS units
      FROM stock_level s
      JOIN warehouse w ON w.id = s.warehouse_id
      JOIN product p ON p.id = s.product_id
      LEFT JOIN LATERAL (
        SELECT sum(q.quantity) AS units FROM supply_request q
         WHERE q.warehouse_id = s.warehouse_id AND q.product_id = s.product_id
           AND (q.state IN ('requested', 'confirmed')
                OR q.state = 'rejected' AND q.changed_at > :refused
                OR q.state = 'received' AND q.changed_at > :unbooked
                   AND NOT EXISTS (SELECT FROM stock_movement m
                                    WHERE m.warehouse_id = s.warehouse_id AND m.product_id = s.product_id
                                      AND m.kind = 'receipt' AND m.at >= q.changed_at))) r ON true
      LEFT JOIN LATERAL (
        SELECT sum(k.inspecting) AS units FROM lot_stock k
         WHERE k.warehouse_id = s.warehouse_id AND k.product_id = s.product_id) i ON true
     CROSS JOIN LATERAL (
        SELECT s.in_transit + {available("s")} + coalesce(r.units, 0)::int + coalesce(i.units, 0)::int
               AS units) c
     WHERE s.backordered > c.units
       AND (:everywhere OR (s.warehouse_id, s.product_id) IN (
             SELECT * FROM unnest(CAST(:warehouses AS bigint[]), CAST(:products AS bigint[]))))
     ORDER BY s.warehouse_id, s.product_id LIMIT :limit
    """
)
