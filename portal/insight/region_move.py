"""What moves with a province that goes to another sales area, before it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.colleagues import Colleague, colleagues
from portal.kernel.db import value_of
from portal.kernel.errors import N_

SCOPED_MAX = 100
"""Policies, promotions and programmes that are listed."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What stands in the province on the day. unauthorised: dealers, wherever, who may sell in the province
    because they may sell in its area, and may not any more afterwards.
    """

    dealers: int
    open_orders: int
    open_amount: Decimal
    warehouses_here: int
    unauthorised: int


@dataclass(frozen=True, slots=True)
class Serving:
    """A warehouse that serves the province; it goes on doing so."""

    code: str
    name_zh: str
    name_en: str
    rank: int


@dataclass(frozen=True, slots=True)
class Scoped:
    """A document for one of the two areas. kind: as `KINDS` names it. is_gained: of the new area, so that it
    begins to apply to the province; of the other it stops to.
    """

    kind: str
    number: str
    title_zh: str
    title_en: str
    valid_to: date | None
    is_gained: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """All of it. gaining, losing: who answers for the province afterwards and not before, and the reverse."""

    counts: Counts
    serving: tuple[Serving, ...]
    gaining: tuple[Colleague, ...]
    losing: tuple[Colleague, ...]
    scoped: tuple[Scoped, ...]


KINDS = {
    "price policy": N_("Price policy"),
    "promotion": N_("Promotion"),
    "rebate programme": N_("Rebate programme"),
    "notice": N_("Notice"),
}


def preview_move(session: Session, *, region_id: int, from_id: int, area_id: int, day: date) -> Preview:
    """What a move would carry from one area to another on a day, in the scope of the session."""
    about = {"region_id": region_id, "from_id": from_id, "area_id": area_id, "day": day}
    counts = session.execute(_COUNTS, about).one()
    serving = session.execute(_SERVING, about)
    scoped = session.execute(_SCOPED, about | {"most": SCOPED_MAX})
    gaining, losing = _managers(session, region_id, from_id, area_id)
    return Preview(
        counts=Counts(**counts._mapping),
        serving=tuple(Serving(**row._mapping) for row in serving),
        gaining=gaining,
        losing=losing,
        scoped=tuple(value_of(Scoped, row) for row in scoped),
    )


def _managers(
    session: Session, region_id: int, from_id: int, area_id: int
) -> tuple[tuple[Colleague, ...], tuple[Colleague, ...]]:
    """By the regions they hold now: who holds the area holds what lies in it."""
    gaining, losing = [], []
    for one in colleagues(session):
        if one.region_ids is None or region_id in one.held:
            continue
        if area_id in one.held and from_id not in one.held:
            gaining.append(one)
        elif from_id in one.held and area_id not in one.held:
            losing.append(one)
    return tuple(gaining), tuple(losing)


_COUNTS = text(
    """
    WITH moving AS MATERIALIZED (
      SELECT m.dealer_id FROM dealer_region m
       WHERE m.region_id = :region_id AND m.valid_from <= CAST(:day AS date)
         AND (m.valid_to IS NULL OR m.valid_to > CAST(:day AS date))
    ), open_orders AS MATERIALIZED (
      SELECT count(*) AS orders, coalesce(sum(o.total), 0) AS amount
        FROM sales_order o JOIN moving ON moving.dealer_id = o.dealer_id
       WHERE o.status IN ('confirmed', 'backordered', 'on_hold', 'picking', 'partially_shipped')
    )
    SELECT (SELECT count(*) FROM moving) AS dealers, o.orders AS open_orders, o.amount AS open_amount,
           (SELECT count(*) FROM warehouse w WHERE w.region_id = :region_id) AS warehouses_here,
           (SELECT count(DISTINCT u.dealer_id) FROM dealer_authorisation u
             WHERE u.region_id = :from_id AND (u.valid_to IS NULL OR u.valid_to > CAST(:day AS date))
               AND NOT EXISTS (SELECT FROM dealer_authorisation v
                                WHERE v.dealer_id = u.dealer_id AND v.region_id IN (:region_id, :area_id)
                                  AND v.valid_from <= CAST(:day AS date)
                                  AND (v.valid_to IS NULL OR v.valid_to > CAST(:day AS date))))
             AS unauthorised
      FROM open_orders o
    """
)
_SERVING = text(
    """
    SELECT w.code, w.name_zh, w.name_en, s.rank FROM warehouse_service s
      JOIN warehouse w ON w.id = s.warehouse_id WHERE s.region_id = :region_id ORDER BY s.rank
    """
)
# Of what is in force on the day or later; a rule for both areas changes nothing.
_SCOPED = text(
    """
    WITH codes AS MATERIALIZED (
      SELECT a.id, a.code FROM region_node a WHERE a.id IN (:from_id, :area_id)
    ), scoped AS (
      SELECT 'price policy' AS kind, p.number, p.title_zh, p.title_en, app_day(p.valid_to) AS valid_to,
             (SELECT array_agg(DISTINCT r.region_id) FROM price_rule r
               WHERE r.policy_id = p.id AND r.region_id IN (:from_id, :area_id)) AS areas
        FROM price_policy p
       WHERE p.state = 'published' AND (p.valid_to IS NULL OR app_day(p.valid_to) >= CAST(:day AS date))
      UNION ALL
      SELECT 'promotion', p.number, p.title_zh, p.title_en, app_day(p.valid_to),
             ARRAY(SELECT c.id FROM codes c WHERE c.id = ANY (p.region_ids))
        FROM promotion p WHERE p.state = 'published' AND app_day(p.valid_to) >= CAST(:day AS date)
      UNION ALL
      SELECT 'rebate programme', p.number, p.title_zh, p.title_en, p.valid_to,
             ARRAY(SELECT c.id FROM codes c WHERE p.terms->'regions' ? c.code)
        FROM rebate_programme p WHERE p.state = 'published' AND p.valid_to >= CAST(:day AS date)
      UNION ALL
      SELECT 'notice', e.number, e.title_zh, e.title_en, CAST(NULL AS date),
             (SELECT array_agg(DISTINCT a.region_id) FROM feed_address a
               WHERE a.entry_id = e.id AND a.region_id IN (:from_id, :area_id))
        FROM feed_entry e
       WHERE e.state = 'published'
         AND (e.valid_until IS NULL OR app_day(e.valid_until) > CAST(:day AS date))
    )
    SELECT kind, number, title_zh, title_en, valid_to, areas[1] = :area_id AS is_gained
      FROM scoped WHERE cardinality(areas) = 1
     ORDER BY is_gained DESC, kind, number LIMIT :most
    """
)
