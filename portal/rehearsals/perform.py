"""Carry out a rehearsal: read the rules and the past once, price line by line, keep the result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.money import as_text
from portal.pricing.rules import RuleInForce
from portal.rehearsals.rules import (
    PRODUCTS_KEPT,
    DatedRule,
    Effect,
    PastLine,
    Repricer,
    Sums,
    distribution,
    rehearse,
)

ROWS_AT_ONCE = 5_000

Progress = Callable[[int, int], None]
"""Told how many order lines are done, and of how many."""


class Asked(NamedTuple):
    """A rehearsal that was asked for. since: the first moment of its past."""

    policy_id: int
    revision: int
    since: datetime


def perform(session: Session, *, asked: Asked, progress: Progress) -> dict[str, Any]:
    """The result as JSON, in the order in which it is read: the whole, then the greatest change first."""
    repricer = Repricer(
        _rules(session, asked),
        categories=_pairs(session, _CATEGORIES),
        parents=_pairs(session, _PARENTS),
        floors=_pairs(session, _FLOORS),
    )
    effect = rehearse(_lines(session, asked, repricer.moments, progress), repricer)
    return _as_json(session, effect)


def _rules(session: Session, asked: Asked) -> Iterator[DatedRule]:
    rows = session.execute(_RULES, {"policy_id": asked.policy_id, "since": asked.since})
    names = [field.name for field in fields(RuleInForce)]
    for row in rows:
        told = row._mapping
        rule = RuleInForce(
            **{name: told[name] for name in names}
            | {
                "min_quantities": tuple(told["min_quantities"]),
                "values": tuple(told["values"]),
                "floor": told["floor"],
            }
        )
        yield DatedRule(rule, None if row.is_draft else row.valid_from, row.is_draft)


def _lines(
    session: Session, asked: Asked, moments: Sequence[datetime], progress: Progress
) -> Iterator[PastLine]:
    past = {"policy_id": asked.policy_id, "since": asked.since}
    total = session.execute(_COUNT, past).scalar_one()
    progress(0, total)
    done = 0
    found = session.execute(_LINES, {**past, "moments": list(moments)}, execution_options=_STREAM)
    for rows in found.partitions(ROWS_AT_ONCE):
        for row in rows:
            yield PastLine(**row._mapping)
        done += sum(row.lines for row in rows)
        progress(done, total)


_STREAM = {"stream_results": True, "yield_per": ROWS_AT_ONCE}


def _pairs(session: Session, statement: Any) -> Mapping[Any, Any]:
    return {row.key: row.value for row in session.execute(statement)}


def _as_json(session: Session, effect: Effect) -> dict[str, Any]:
    dealers = _named(session, _DEALERS, effect.dealers)
    products = _named(session, _PRODUCTS, effect.products)[:PRODUCTS_KEPT]
    return {
        "order_lines": effect.whole.lines,
        "revenue_then": as_text(effect.whole.then),
        "revenue_under_draft": as_text(effect.whole.under_draft),
        "floor_hits": effect.floor_hits,
        "dealers": dealers,
        "regions": _named(session, _REGIONS, effect.regions),
        "tiers": [_sums(sums) | {"code": tier} for tier, sums in sorted(effect.tiers.items())],
        "products": products,
        "distribution": distribution([(one.then, one.under_draft) for one in effect.dealers.values()]),
    }


def _named(session: Session, statement: Any, sums: Mapping[int, Sums]) -> list[dict[str, Any]]:
    """With code and names; who gains or loses most comes first."""
    rows = session.execute(statement, {"ids": list(sums)})
    found = [
        (sums[row.id], {"code": row.code, "name_zh": row.name_zh, "name_en": row.name_en}) for row in rows
    ]
    found.sort(key=lambda one: (-abs(one[0].change), one[1]["code"]))
    return [_sums(one) | names for one, names in found]


def _sums(sums: Sums) -> dict[str, Any]:
    return {
        "then": as_text(sums.then),
        "under_draft": as_text(sums.under_draft),
        "lines": sums.lines,
    }


def months_before(today: date, months: int) -> datetime:
    """The first moment of the past that counts: the same day so many months ago, or the month's last."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    day = min(today.day, 28)
    return datetime(year, month + 1, day, tzinfo=UTC)


# The draft's rules as if published last; other numbers' as they count in the past that is looked at.
_RULES = text(
    """
    SELECT r.id AS rule_id, y.number AS policy, y.version, y.valid_from,
           CASE WHEN y.id = d.id THEN now() ELSE coalesce(y.ranked_at, y.published_at) END AS published_at,
           CASE WHEN y.id = d.id THEN NULL ELSE y.valid_to END AS valid_to,
           r.dealer_id, r.region_id, r.tier, r.product_id, r.category_code, r.kind, r.min_quantities,
           r."values", y.kind = 'contract' AS contract, r.breaks_are = 'incremental' AS incremental,
           r.max_quantity, r.tax_included, CAST(NULL AS numeric) AS floor, y.id = d.id AS is_draft
      FROM price_policy d
      JOIN price_policy y ON y.id = d.id
        OR (y.number <> d.number AND y.published_at IS NOT NULL
            AND (y.valid_to IS NULL OR y.valid_to > :since))
      JOIN price_rule r ON r.policy_id = y.id
     WHERE d.id = :policy_id
     ORDER BY r.id
    """
)

_COUNT = text(
    """
    SELECT count(*) FROM sales_order o
      JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
      JOIN region g ON g.id = o.region_id
      JOIN price_policy y ON y.id = :policy_id AND (y.region_id IS NULL OR y.region_id IN (g.id, g.parent_id))
     WHERE o.placed_at >= :since AND o.status <> 'cancelled' AND NOT l.gift
    """
)

# Lines that are priced alike are one row: within a stretch no rule comes or goes. A region's policy is
# rehearsed over its region, whose manager reads the result.
_LINES = text(
    """
    SELECT o.dealer_id, o.tier, o.region_id, l.product_id, l.quantity, min(o.placed_at) AS at, l.list_price,
           l.tax_rate, sum(l.amount) AS amount, sum(l.discount) AS discount, count(*) AS lines
      FROM sales_order o JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
      JOIN region g ON g.id = o.region_id
      JOIN price_policy y ON y.id = :policy_id AND (y.region_id IS NULL OR y.region_id IN (g.id, g.parent_id))
     WHERE o.placed_at >= :since AND o.status <> 'cancelled' AND NOT l.gift
     GROUP BY o.dealer_id, o.tier, o.region_id, l.product_id, l.quantity, l.list_price, l.tax_rate,
              width_bucket(o.placed_at, CAST(:moments AS timestamptz[]))
    """
)

_CATEGORIES = text("SELECT id AS key, category_code AS value FROM product")
_PARENTS = text("SELECT id AS key, parent_id AS value FROM region")
_FLOORS = text(
    """
    SELECT DISTINCT ON (product_id) product_id AS key, unit_price AS value
      FROM floor_price WHERE valid_from <= now() ORDER BY product_id, valid_from DESC
    """
)
_DEALERS = text("SELECT id, code, name_zh, name_en FROM dealer WHERE id = ANY (CAST(:ids AS bigint[]))")
_REGIONS = text("SELECT id, code, name_zh, name_en FROM region WHERE id = ANY (CAST(:ids AS bigint[]))")
_PRODUCTS = text(
    "SELECT id, sku AS code, name_zh, name_en FROM product WHERE id = ANY (CAST(:ids AS bigint[]))"
)
