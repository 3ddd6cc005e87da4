"""Advise each warehouse what to have of each product, from what was asked of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import Record
from portal.orders.vocabulary import OrderRight
from portal.planning.advice_rules import (
    Position,
    Terms,
    TermsChange,
    cover_days,
    levels,
    merged,
    proposed,
    surplus,
)
from portal.planning.demand import weekly_demand, weekly_totals
from portal.planning.forecast_rules import NOTHING, forecast, trend_of
from portal.stock.available import available
from portal.stock.rules import LevelKey, too_near

LEVELS_MAX = 1000
"""Levels that one transaction advises on at most."""

WEEKS_SHOWN = 26

START: LevelKey = (0, 0)
"""Before every level."""

_EXACT = 3  # places that are kept of an estimate


@dataclass(frozen=True, slots=True)
class Advised:
    """levels: how many were advised on. last: where to go on; None when nothing was left over."""

    levels: int
    last: LevelKey | None


def is_due(session: Session, *, today: date, actor: Actor = SYSTEM) -> bool:
    """Whether any level waits for advice: then the trends are worth reading."""
    actor.require(OrderRight.DESK)
    return session.execute(_DUE, _about(START, today, margin_days=0, limit=1)).first() is not None


def trends(session: Session, *, today: date, actor: Actor = SYSTEM) -> dict[int, float]:
    """Where demand on each warehouse is going, as a factor of its level. Reads two years of orders."""
    actor.require(OrderRight.DESK)
    return {warehouse: trend_of(total) for warehouse, total in weekly_totals(session, today).items()}


def advise(
    session: Session,
    *,
    defaults: Terms,
    trends: Mapping[int, float],
    after: LevelKey = START,
    today: date,
    at: datetime,
    margin_days: int = 1,
    actor: Actor = SYSTEM,
) -> Advised:
    """Write the advice on the next levels that have none of today, or whose terms were set since.

    Locks nothing: it reads whole weeks that are over, and whoever advises twice writes the same. after: the
    level, as warehouse and product, behind which to go on.
    """
    actor.require(OrderRight.DESK)
    due = session.execute(_DUE, _about(after, today, margin_days, LEVELS_MAX)).all()
    if not due:
        return Advised(0, None)
    keys = [(row.warehouse_id, row.product_id) for row in due]
    demand = weekly_demand(session, keys, today)
    rows = [
        _advice(row, demand[key], trends.get(row.warehouse_id, 1.0), defaults)
        for key, row in zip(keys, due, strict=True)
    ]
    session.execute(_WRITE, {"rows": json.dumps(rows), "today": today, "at": at})
    return Advised(len(due), keys[-1] if len(due) == LEVELS_MAX else None)


def _about(after: LevelKey, today: date, margin_days: int, limit: int) -> dict[str, Any]:
    return {
        "after_warehouse": after[0],
        "after_product": after[1],
        "today": today,
        "too_near": too_near(today, margin_days),
        "limit": limit,
    }


def _advice(row: Record, weeks: Sequence[int], trend: float, defaults: Terms) -> dict[str, Any]:
    """A row of the advice; of a product that is not sold any more nothing is needed."""
    weekly = forecast(weeks, trend) if row.is_sold else NOTHING
    terms = merged(defaults, (_change(row, "warehouse"), _change(row, "product")))
    needed = levels(weekly, terms)
    position = Position(max(0, row.free - row.leaving), row.coming, row.waiting)
    return {
        "warehouse_id": row.warehouse_id,
        "product_id": row.product_id,
        "method": str(weekly.method),
        "weeks": list(weeks[-WEEKS_SHOWN:]),
        "weekly": round(weekly.mean, _EXACT),
        "spread": round(weekly.spread, _EXACT),
        "trend": round(trend, _EXACT),
        "lead_days": terms.lead_days,
        "review_days": terms.review_days,
        "service_level": str(terms.service_level),
        "on_hand": row.on_hand,
        "reserved": row.reserved,
        "free": position.free,
        "coming": position.coming,
        "waiting": position.waiting,
        "safety_stock": needed.safety_stock,
        "reorder_point": needed.reorder_point,
        "order_up_to": needed.order_up_to,
        "quantity": proposed(needed, position, row.pack),
        "surplus": surplus(needed, position),
        "cover_days": cover_days(weekly, position),
    }


def _change(row: Record, whose: str) -> TermsChange:
    told = row._mapping
    level: Decimal | None = told[f"{whose}_service_level"]
    return TermsChange(told[f"{whose}_lead_days"], told[f"{whose}_review_days"], level)


# A purchase order of the ERP may be its answer to a request of ours: of the two what is more is coming, not
# both. What a draft of a transfer names is as good as gone, and as good as on its way.
_DUE = text(
    f"""
    WITH bought AS (
      SELECT h.warehouse_id, l.product_id, sum(greatest(l.quantity - l.received, 0)) AS units
        FROM purchase_order h
        JOIN purchase_order_line l ON l.purchase_order_id = h.id
       WHERE h.state <> 'received' GROUP BY h.warehouse_id, l.product_id),
    drafted AS (
      SELECT t.from_warehouse_id, t.to_warehouse_id, l.product_id, sum(l.quantity) AS units
        FROM stock_transfer t
        JOIN stock_transfer_line l ON l.transfer_id = t.id
       WHERE t.state = 'draft' GROUP BY t.from_warehouse_id, t.to_warehouse_id, l.product_id)
    SELECT s.warehouse_id, s.product_id, p.pack_multiple AS pack, p.state = 'active' AS is_sold,
           s.on_hand, s.reserved, s.backordered AS waiting, {available("s")} AS free,
           (s.in_transit + coalesce(i.units, 0) + coalesce(d.units, 0)
            + greatest(coalesce(q.open, 0), coalesce(b.units, 0) - coalesce(q.on_way, 0)))::int AS coming,
           coalesce(g.units, 0)::int AS leaving,
           w.lead_days AS warehouse_lead_days, w.review_days AS warehouse_review_days,
           w.service_level AS warehouse_service_level, n.lead_days AS product_lead_days,
           n.review_days AS product_review_days, n.service_level AS product_service_level
      FROM stock_level s
      JOIN product p ON p.id = s.product_id
      LEFT JOIN replenishment_advice a
        ON a.warehouse_id = s.warehouse_id AND a.product_id = s.product_id
      LEFT JOIN replenishment_terms w ON w.warehouse_id = s.warehouse_id AND w.product_id IS NULL
      LEFT JOIN replenishment_terms n ON n.warehouse_id = s.warehouse_id AND n.product_id = s.product_id
      LEFT JOIN bought b ON b.warehouse_id = s.warehouse_id AND b.product_id = s.product_id
      LEFT JOIN LATERAL (
        SELECT sum(r.quantity) FILTER (WHERE r.state IN ('requested', 'confirmed')) AS open,
               sum(r.quantity) FILTER (WHERE r.state = 'in_transit') AS on_way
          FROM supply_request r
         WHERE r.warehouse_id = s.warehouse_id AND r.product_id = s.product_id) q ON true
      LEFT JOIN LATERAL (
        SELECT sum(k.inspecting) AS units FROM lot_stock k
         WHERE k.warehouse_id = s.warehouse_id AND k.product_id = s.product_id) i ON true
      LEFT JOIN LATERAL (
        SELECT sum(f.units) AS units FROM drafted f
         WHERE f.to_warehouse_id = s.warehouse_id AND f.product_id = s.product_id) d ON true
      LEFT JOIN LATERAL (
        SELECT sum(f.units) AS units FROM drafted f
         WHERE f.from_warehouse_id = s.warehouse_id AND f.product_id = s.product_id) g ON true
     WHERE (s.product_id, s.warehouse_id) > (:after_product, :after_warehouse)
       AND (a.id IS NULL OR a.advised_on < :today OR w.set_at > a.advised_at OR n.set_at > a.advised_at)
     ORDER BY s.product_id, s.warehouse_id LIMIT :limit
    """
)
_WRITE = text(
    """
    INSERT INTO replenishment_advice AS a (
           warehouse_id, product_id, advised_on, advised_at, method, weeks, weekly, spread, trend, lead_days,
           review_days, service_level, on_hand, reserved, free, coming, waiting, safety_stock, reorder_point,
           order_up_to, quantity, surplus, cover_days)
    SELECT r.warehouse_id, r.product_id, :today, :at, r.method, r.weeks, r.weekly, r.spread, r.trend,
           r.lead_days, r.review_days, r.service_level, r.on_hand, r.reserved, r.free, r.coming, r.waiting,
           r.safety_stock, r.reorder_point, r.order_up_to, r.quantity, r.surplus, r.cover_days
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
           warehouse_id bigint, product_id bigint, method text, weeks integer[], weekly numeric,
           spread numeric, trend numeric, lead_days integer, review_days integer, service_level numeric,
           on_hand integer, reserved integer, free integer, coming integer, waiting integer,
           safety_stock integer, reorder_point integer, order_up_to integer, quantity integer,
           surplus integer, cover_days integer)
     ORDER BY r.product_id, r.warehouse_id
    ON CONFLICT (warehouse_id, product_id) DO UPDATE
      SET advised_on = excluded.advised_on, advised_at = excluded.advised_at, method = excluded.method,
          weeks = excluded.weeks, weekly = excluded.weekly, spread = excluded.spread,
          trend = excluded.trend, lead_days = excluded.lead_days, review_days = excluded.review_days,
          service_level = excluded.service_level, on_hand = excluded.on_hand, reserved = excluded.reserved,
          free = excluded.free, coming = excluded.coming, waiting = excluded.waiting,
          safety_stock = excluded.safety_stock, reorder_point = excluded.reorder_point,
          order_up_to = excluded.order_up_to, quantity = excluded.quantity, surplus = excluded.surplus,
          cover_days = excluded.cover_days
    """
)
