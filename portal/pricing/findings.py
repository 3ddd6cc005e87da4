"""What is wrong with the rules of a draft among each other, against floors, and against contracts.

Found by whole sets, and bounded: of each kind the first are named and the number of all is told. Rules are
judged as they stand, whether or not a stronger one decides in their place: a rule below the floor is wrong
before the stronger one ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.fragments import on_day, tier_of

NAMED_MAX = 50


class FindingKind(StrEnum):
    """What was found. The first three are refused, the others told."""

    TIE = "tie"
    BELOW_FLOOR = "below_floor"
    TWO_CONTRACTS = "two_contracts"
    LIFTED = "lifted_to_floor"
    CONTRACT_WINS = "contract_wins"

    @property
    def refused(self) -> bool:
        """Whether it forbids submission and publication."""
        return self in (FindingKind.TIE, FindingKind.BELOW_FLOOR, FindingKind.TWO_CONTRACTS)


class Finding(NamedTuple):
    """One of them, with what it is about and for whom. policy: number of the policy or contract it meets.

    min_quantity, price, floor: from how many units a unit costs what, for a floor. total: how many there are
    of this kind.
    """

    kind: str
    policy: str
    sku: str | None
    category_code: str | None
    dealer_code: str | None
    tier: str | None
    region_code: str | None
    min_quantity: int | None
    price: Decimal | None
    floor: Decimal | None
    total: int


def findings(session: Session, *, policy_id: int, at: datetime, starts: datetime | None) -> list[Finding]:
    """Everything found about a draft that is published at `at` and starts then, or when it says itself."""
    parameters = {"id": policy_id, "at": at, "starts": starts, "named": NAMED_MAX}
    return [
        Finding(**row._mapping)
        for statement in (_TIES, _FLOORS, _TWO_CONTRACTS, _CONTRACTS)
        for row in session.execute(statement, parameters)
    ]


def refused(found: Iterable[Finding]) -> list[Finding]:
    """Those that forbid the publication."""
    return [one for one in found if FindingKind(one.kind).refused]


_DRAFT = """
y AS MATERIALIZED (
  SELECT y.*, coalesce(CAST(:starts AS timestamptz),
                       greatest(y.valid_from, CAST(:at AS timestamptz))) AS begins
    FROM price_policy y WHERE y.id = :id
)
"""

# How the columns of a finding follow from a rule `r` of it, or of a contract.
_WHOSE = """
LEFT JOIN dealer d ON d.id = r.dealer_id LEFT JOIN region g ON g.id = r.region_id
LEFT JOIN product p ON p.id = r.product_id
"""

# The dealers as they are when the draft begins.
_DAY = "app_day(y.begins)"

_TIES = text(
    f"""
    WITH {_DRAFT}, twice AS (
      SELECT dealer_id, region_id, tier, product_id, category_code FROM price_rule
       WHERE policy_id = :id GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1
    )
    SELECT 'tie' AS kind, y.number AS policy, p.sku, r.category_code, d.code AS dealer_code, r.tier,
           g.code AS region_code, NULL::int AS min_quantity, NULL::numeric AS price, NULL::numeric AS floor,
           count(*) OVER () AS total
      FROM y, twice r {_WHOSE}
     ORDER BY p.sku, r.category_code, d.code, r.tier, g.code LIMIT :named
    """
)

# A net price without tax is compared with the tax it takes.
_FLOORS = text(
    f"""
    WITH {_DRAFT}, floor AS MATERIALIZED (
      SELECT p.id, p.sku, p.category_code, f.unit_price AS floor,
             (SELECT l.unit_price FROM list_price l
               WHERE l.product_id = p.id AND l.valid_from <= y.begins
               ORDER BY l.valid_from DESC LIMIT 1) AS list_price,
             (SELECT t.rate FROM tax_rate t
               WHERE t.category = p.tax_category AND t.valid_from <= y.begins
               ORDER BY t.valid_from DESC LIMIT 1) AS rate
        FROM y, (SELECT DISTINCT ON (f.product_id) f.product_id, f.unit_price
                   FROM floor_price f, y WHERE f.valid_from <= y.begins
                  ORDER BY f.product_id, f.valid_from DESC) f
        JOIN product p ON p.id = f.product_id AND p.state = 'active' AND f.unit_price > 0
    ), met AS (
      SELECT r.*, f.sku, f.floor, f.list_price, f.rate
        FROM price_rule r JOIN floor f ON f.id = r.product_id WHERE r.policy_id = :id
       UNION ALL
      SELECT r.*, f.sku, f.floor, f.list_price, f.rate
        FROM price_rule r JOIN floor f ON starts_with(f.category_code, coalesce(r.category_code, ''))
       WHERE r.policy_id = :id AND r.product_id IS NULL
    )
    SELECT CASE y.below_floor WHEN 'clamp' THEN 'lifted_to_floor' ELSE 'below_floor' END AS kind,
           y.number AS policy, r.sku, NULL::text AS category_code, d.code AS dealer_code, r.tier,
           g.code AS region_code, w.min_quantity, w.price, r.floor, count(*) OVER () AS total
      FROM y, met r
      CROSS JOIN LATERAL (
        SELECT s.min_quantity, CASE r.kind
                 WHEN 'net' THEN round(s.value * (CASE WHEN r.tax_included THEN 1 ELSE 1 + r.rate END), 2)
                 WHEN 'percent_off' THEN round(r.list_price * (1 - s.value / 100), 2)
                 ELSE greatest(r.list_price - s.value, 0) END AS price
          FROM unnest(r.min_quantities, r."values") AS s(min_quantity, value)
         ORDER BY 2, 1 LIMIT 1) w
      LEFT JOIN dealer d ON d.id = r.dealer_id LEFT JOIN region g ON g.id = r.region_id
     WHERE w.price < r.floor
     ORDER BY w.price / r.floor, r.sku, d.code, r.tier LIMIT :named
    """
)

# Contracts in force at some moment of the draft's term, the draft's own versions aside.
_THEIRS = """
price_policy o ON o.kind = 'contract' AND o.published_at IS NOT NULL AND o.number <> y.number
 AND (y.planned_to IS NULL OR o.valid_from < y.planned_to)
 AND (o.valid_to IS NULL OR (o.valid_to > y.begins AND o.valid_to > o.valid_from))
JOIN price_rule r ON r.policy_id = o.id
"""

_TWO_CONTRACTS = text(
    f"""
    WITH {_DRAFT}
    SELECT 'two_contracts' AS kind, o.number AS policy, p.sku, r.category_code, d.code AS dealer_code, r.tier,
           g.code AS region_code, NULL::int AS min_quantity, NULL::numeric AS price, NULL::numeric AS floor,
           count(*) OVER () AS total
      FROM y JOIN {_THEIRS} {_WHOSE}
     WHERE y.kind = 'contract' AND EXISTS (SELECT FROM price_rule m
                    WHERE m.policy_id = :id AND m.dealer_id = r.dealer_id
                      AND m.product_id IS NOT DISTINCT FROM r.product_id
                      AND m.category_code IS NOT DISTINCT FROM r.category_code)
     ORDER BY o.number, p.sku, r.category_code LIMIT :named
    """
)

# A rule of the draft and one of a contract meet in a dealer and a product, whichever is the wider.
_CONTRACTS = text(
    f"""
    WITH {_DRAFT}
    SELECT 'contract_wins' AS kind, o.number AS policy, p.sku, r.category_code, d.code AS dealer_code,
           NULL::text AS tier, NULL::text AS region_code, NULL::int AS min_quantity, NULL::numeric AS price,
           NULL::numeric AS floor, count(*) OVER () AS total
      FROM y JOIN {_THEIRS}
      JOIN dealer d ON d.id = r.dealer_id {tier_of("d.id", _DAY)}
      JOIN dealer_region dr ON dr.dealer_id = d.id AND {on_day("dr", _DAY)}
      JOIN region home ON home.id = dr.region_id
      LEFT JOIN product p ON p.id = r.product_id
     WHERE y.kind = 'policy' AND EXISTS (SELECT FROM price_rule m LEFT JOIN product q ON q.id = m.product_id
                    WHERE m.policy_id = :id AND (m.dealer_id IS NULL OR m.dealer_id = r.dealer_id)
                      AND (m.tier IS NULL OR m.tier = dt.tier)
                      AND (m.region_id IS NULL OR m.region_id IN (home.id, home.parent_id))
                      AND CASE WHEN m.product_id IS NOT NULL AND r.product_id IS NOT NULL
                               THEN m.product_id = r.product_id
                               ELSE starts_with(coalesce(p.category_code, r.category_code, ''),
                                                coalesce(q.category_code, m.category_code, ''))
                                 OR (r.product_id IS NULL
                                     AND starts_with(coalesce(q.category_code, m.category_code, ''),
                                                     coalesce(r.category_code, ''))) END)
     ORDER BY o.number, d.code, p.sku LIMIT :named
    """
)
