"""Which rules decide about which products before and after a publication.

Set-based, for every tier, region and touched contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of, tier_of
from portal.pricing.rules import Ladder

SMALL = Decimal(
    "1.00"
)  # from this list price on, rounding to the fen moves a price by half a per cent at most


class Decision(NamedTuple):
    """Products for which the same rules decide, for these tiers or this dealer.

    Before and after; None: the list price.

    They have one list price, or None where both rules are percentages: then they are judged alike whatever
    they cost.
    """

    before: int | None
    after: int | None
    dealer_id: int | None
    tiers: Sequence[str]
    list_price: Decimal | None
    products: Sequence[int]


class DecidingRule(NamedTuple):
    """A rule that decides before or after. `own`: it is the draft's."""

    id: int
    own: bool
    kind: str
    min_quantities: Sequence[int]
    values: Sequence[Decimal]
    dealer_code: str | None
    dealer_zh: str | None
    dealer_en: str | None
    region_code: str | None
    region_zh: str | None
    region_en: str | None

    @property
    def ladder(self) -> Ladder:
        """What it makes of a list price."""
        return Ladder(self.kind, tuple(self.min_quantities), tuple(self.values))


def decisions(
    session: Session, *, policy_id: int, at: datetime, starts: datetime | None = None
) -> list[Decision]:
    """Where a publication at `at` brings or takes the rule that decides, when it starts."""
    parameters = {"id": policy_id, "at": at, "starts": starts, "small": SMALL}
    return [Decision(**row._mapping) for row in session.execute(_DECISIONS, parameters)]


def deciding_rules(session: Session, *, policy_id: int, found: Iterable[Decision]) -> dict[int, DecidingRule]:
    """The rules that decide, by id."""
    ids = {key for decision in found for key in (decision.before, decision.after) if key is not None}
    rows = session.execute(_DECIDING, {"id": policy_id, "ids": list(ids)})
    return {row.id: DecidingRule(**row._mapping) for row in rows}


def products_named(
    session: Session, *, policy_id: int, at: datetime, ids: Sequence[int], starts: datetime | None = None
) -> dict[int, Any]:
    """SKU, names and list price at the start of the draft, by id."""
    rows = session.execute(_NAMES, {"id": policy_id, "at": at, "starts": starts, "ids": list(ids)})
    return {row.id: row for row in rows}


def own_rules(session: Session, *, policy_id: int) -> Iterable[Any]:
    """Every rule of a version: kind, min_quantities, prices, subject."""
    return session.execute(_OWN, {"id": policy_id})


# `every`: the draft's rules, and those in force at its start with and without it; what ends just then is in
# force without it. `touched`: rules that come or go with the publication. `party`: who shares all rules: a
# tier in the regions that rules name, or a dealer whose contract is touched. `key`: the precedence of
# `portal.pricing.rules`, the rule's id last, so that the greatest key decides. Products that no rule names
# are judged by category, in `plain`; the others one by one, in `special`.
_FIRST_DAY = "(SELECT app_day(starts) FROM y)"
STARTS = "coalesce(CAST(:starts AS timestamptz), greatest(y.valid_from, CAST(:at AS timestamptz)))"
"""SQL: when the draft `y` begins if it is published at ``:at``, with a start or without (NULL)."""

_DECISIONS = text(
    f"""
    WITH y AS MATERIALIZED (
      SELECT id, number, {STARTS} AS starts
        FROM price_policy y WHERE id = :id
    ), every AS MATERIALIZED (
      SELECT r.id, r.dealer_id, r.region_id, r.tier, r.product_id, r.category_code, r.kind,
             p.number = y.number AS touched, p.id <> y.id AS before,
             p.id = y.id OR (p.number <> y.number AND (p.valid_to IS NULL OR p.valid_to > y.starts)) AS after,
             CASE WHEN p.id = y.id THEN 9e18
                  ELSE extract(epoch FROM coalesce(p.ranked_at, p.published_at)) * 1000000
              END::bigint AS published
        FROM y JOIN price_policy p ON p.id = y.id
          OR (p.published_at <= :at AND p.valid_from <= y.starts
              AND (p.valid_to IS NULL OR (p.valid_to >= y.starts AND p.valid_to > p.valid_from)))
        JOIN price_rule r ON r.policy_id = p.id
    ), mentioned AS MATERIALIZED (
      SELECT DISTINCT region_id FROM every WHERE region_id IS NOT NULL
    ), ground AS (
      SELECT DISTINCT a.region_id AS area, b.region_id AS province
        FROM region r LEFT JOIN mentioned a ON a.region_id = coalesce(r.parent_id, r.id)
        LEFT JOIN mentioned b ON b.region_id = r.id AND r.parent_id IS NOT NULL
    ), party AS MATERIALIZED (
      SELECT row_number() OVER () AS no, x.*
        FROM (SELECT CAST(NULL AS bigint) AS dealer_id, t.code AS tier, area, province
                FROM ground, tier t
               UNION ALL
              SELECT d.id, dt.tier, coalesce(r.parent_id, r.id), r.id
                FROM dealer d {tier_of("d.id", _FIRST_DAY)} {region_of("d.id", _FIRST_DAY)}
               WHERE d.id IN (SELECT dealer_id FROM every WHERE touched)) x
       WHERE x.dealer_id IS NOT NULL
          OR EXISTS (SELECT FROM every e
                      WHERE e.touched AND e.dealer_id IS NULL AND (e.tier IS NULL OR e.tier = x.tier)
                        AND (e.region_id IS NULL OR e.region_id IN (x.area, x.province)))
    ), fitting AS MATERIALIZED (
      SELECT q.no, e.product_id, e.category_code, e.before, e.after,
             ARRAY[CASE WHEN e.dealer_id IS NOT NULL THEN 4
                        WHEN e.region_id IS NOT NULL AND e.tier IS NOT NULL THEN 3
                        WHEN e.tier IS NOT NULL THEN 2 WHEN e.region_id IS NOT NULL THEN 1 ELSE 0 END,
                   CASE e.region_id WHEN q.province THEN 1 WHEN q.area THEN 0 ELSE -1 END,
                   CASE WHEN e.product_id IS NOT NULL THEN 1000
                        ELSE length(coalesce(e.category_code, '')) END,
                   e.published, e.id, e.touched::int, (e.kind = 'percent_off')::int]::bigint[] AS key
        FROM party q JOIN every e ON e.dealer_id = q.dealer_id
          OR (e.dealer_id IS NULL AND (e.tier IS NULL OR e.tier = q.tier)
              AND (e.region_id IS NULL OR e.region_id IN (q.area, q.province)))
    ), kind AS MATERIALIZED (
      SELECT DISTINCT category_code FROM product WHERE state = 'active'
    ), broad AS MATERIALIZED (
      SELECT f.no, k.category_code,
             max(f.key) FILTER (WHERE f.before) AS before,
             max(f.key) FILTER (WHERE f.after) AS after
        FROM fitting f JOIN kind k ON starts_with(k.category_code, coalesce(f.category_code, ''))
       WHERE f.product_id IS NULL GROUP BY 1, 2
    ), named AS MATERIALIZED (
      SELECT f.no, f.product_id,
             max(f.key) FILTER (WHERE f.before) AS before,
             max(f.key) FILTER (WHERE f.after) AS after
        FROM fitting f WHERE f.product_id IS NOT NULL GROUP BY 1, 2
    ), special AS MATERIALIZED (
      SELECT DISTINCT product_id AS id FROM named
    ), plain AS (
      SELECT c.*, p.id AS product_id
        FROM (SELECT b.category_code, b.before, b.after, q.dealer_id,
                     array_agg(DISTINCT q.tier ORDER BY q.tier) AS tiers
                FROM broad b JOIN party q ON q.no = b.no
               WHERE b.before[6] = 1 OR b.after[6] = 1 GROUP BY 1, 2, 3, 4) c
        JOIN product p ON p.category_code = c.category_code AND p.state = 'active'
         AND p.id NOT IN (SELECT id FROM special)
    ), single AS (
      SELECT w.before, w.after, q.dealer_id, array_agg(DISTINCT q.tier ORDER BY q.tier) AS tiers, w.product_id
        FROM (SELECT q.no, p.id AS product_id, greatest(b.before, n.before) AS before,
                     greatest(b.after, n.after) AS after
                FROM special s JOIN product p ON p.id = s.id AND p.state = 'active' CROSS JOIN party q
                LEFT JOIN broad b ON b.no = q.no AND b.category_code = p.category_code
                LEFT JOIN named n ON n.no = q.no AND n.product_id = p.id) w
        JOIN party q ON q.no = w.no
       WHERE w.before[6] = 1 OR w.after[6] = 1 GROUP BY 1, 2, 3, 5
    ), price AS MATERIALIZED (
      SELECT DISTINCT ON (l.product_id) l.product_id, l.unit_price
        FROM list_price l, y
       WHERE l.valid_from <= y.starts
       ORDER BY l.product_id, l.valid_from DESC
    )
    SELECT j.before[5] AS before, j.after[5] AS after, j.dealer_id, j.tiers,
           CASE WHEN l.unit_price < :small OR coalesce(j.before[7], 1) + coalesce(j.after[7], 1) < 2
                THEN l.unit_price END AS list_price,
           array_agg(j.product_id) AS products
      FROM (SELECT before, after, dealer_id, tiers, product_id FROM plain
             UNION ALL SELECT before, after, dealer_id, tiers, product_id FROM single) j
      JOIN price l ON l.product_id = j.product_id
     WHERE j.dealer_id IS NULL OR (j.before[1] = 4 AND j.before[6] = 1) OR (j.after[1] = 4 AND j.after[6] = 1)
     GROUP BY 1, 2, 3, 4, 5
    """
)

_DECIDING = text(
    """
    SELECT r.id, r.policy_id = :id AS own, r.kind, r.min_quantities, r."values", d.code AS dealer_code,
           d.name_zh AS dealer_zh, d.name_en AS dealer_en, g.code AS region_code, g.name_zh AS region_zh,
           g.name_en AS region_en
      FROM price_rule r LEFT JOIN dealer d ON d.id = r.dealer_id LEFT JOIN region g ON g.id = r.region_id
     WHERE r.id = ANY (CAST(:ids AS bigint[]))
    """
)

_OWN = text(
    """
    SELECT r.kind, r.min_quantities, r."values" AS prices, coalesce(p.sku, r.category_code, '*') AS subject
      FROM price_rule r LEFT JOIN product p ON p.id = r.product_id WHERE r.policy_id = :id ORDER BY r.id
    """
)

_NAMES = text(
    f"""
    SELECT p.id, p.sku, p.name_zh, p.name_en,
           (SELECT l.unit_price FROM list_price l
             WHERE l.product_id = p.id AND l.valid_from <= {STARTS}
             ORDER BY l.valid_from DESC LIMIT 1) AS list_price
      FROM product p, price_policy y WHERE y.id = :id AND p.id = ANY (CAST(:ids AS bigint[]))
    """
)
