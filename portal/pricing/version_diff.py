"""Which prices a version of a policy changes against another version: whose, of what, from what to what.

Both prices are those of the engine, with every rule that is in force when the version begins. Who may be
concerned is found by the set: the customers and products of rules that are not the same in both versions, a
page of them a statement. A tier stands for its dealers that no closer rule concerns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of, tier_of
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.money import ZERO
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing
from portal.pricing import stages
from portal.pricing.policies import SAME_PRICE, SAME_SCOPE, policy
from portal.pricing.queries import rule_as_json, rule_from
from portal.pricing.rules import RuleInForce
from portal.pricing.vocabulary import PriceRight

READ_AT_ONCE = 400  # customers and products that are priced by one statement
READ_MAX = 10  # statements a page: where nearly nothing changes it ends early, and goes on from there


class Version(NamedTuple):
    """A version of a policy: its id, and its number among the versions."""

    id: int
    version: int


@dataclass(frozen=True, slots=True)
class ChangedPrice:
    """A price that is another one. quantity: the smallest at which it is; None of the dealer and the region
    is any.
    """

    product_id: int
    sku: str
    product_zh: str
    product_en: str
    dealer_id: int
    dealer_code: str | None
    dealer_zh: str | None
    dealer_en: str | None
    tier: str
    region_id: int
    region_zh: str | None
    region_en: str | None
    list_price: Decimal
    quantity: int
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        """¥ more, or less, for a unit."""
        return self.after - self.before

    @property
    def share(self) -> Decimal | None:
        """The change as a fraction of the price before; None where that is nothing."""
        return self.change / self.before if self.before else None


def changed_prices(
    session: Session,
    *,
    actor: Actor,
    policy_id: int,
    against: int | None,
    at: datetime,
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[ChangedPrice]:
    """Prices that a version changes against another of its policy, by SKU; None: against none at all.

    A page may hold fewer than `limit` and go on. Raises NotFound, Invalid for a foreign cursor.
    """
    actor.require(PriceRight.POLICIES, PriceRight.APPROVE)
    version = policy(session, actor=actor, policy_id=policy_id, at=at)
    starts = max(version.valid_from, at) if version.published_at is None else version.valid_from
    cursors = paging.cursors(session, f"diff {policy_id} {against}", str, int, str, int)
    place = cursors.place_of(cursor)
    from_key = place.key if place else ("", 0, "", 0)
    parameters: dict[str, Any] = {"id": policy_id, "against": against, "at": starts, "q": containing(q)}
    found: list[ChangedPrice] = []
    read: list[Any] = []
    for _ in range(READ_MAX):
        said = dict(zip(("from_sku", "from_dealer", "from_tier", "from_region"), from_key, strict=True))
        read = list(session.execute(_page(bool(q.strip())), parameters | said | {"limit": READ_AT_ONCE}))
        found += _changed(read)
        if len(found) > limit or len(read) < READ_AT_ONCE:
            break
        from_key = _key(read[-1])
    if len(found) > limit or len(read) < READ_AT_ONCE:
        return cursors.page_of(found, limit, _key)
    return Page(tuple(found), cursors.after(_key(read[-1])))


def versions(session: Session, *, policy_id: int) -> list[Version]:
    """The other versions of a policy, the latest first; first of all the one that this one follows."""
    return [Version(**row._mapping) for row in session.execute(_VERSIONS, {"id": policy_id})]


def _key(row: Any) -> tuple[str, int, str, int]:
    return row.sku, row.dealer_id, row.tier, row.region_id


def _changed(rows: Iterable[Any]) -> Iterator[ChangedPrice]:
    for row in rows:
        if row.list_price is None:
            continue  # not for sale
        before = tuple(rule_from(item) for item in row.before or ())
        after = tuple(rule_from(item) for item in row.after or ())
        path = [key for key in (row.region_id, row.area_id) if key]
        for quantity in _quantities((*before, *after)):
            prices = [
                stages.price(row.list_price, rules, quantity, path, row.tax_rate or ZERO).unit_price
                for rules in (before, after)
            ]
            if prices[0] != prices[1]:
                yield value_of(ChangedPrice, row, quantity=quantity, before=prices[0], after=prices[1])
                break


def _quantities(rules: Iterable[RuleInForce]) -> list[int]:
    """Where a price may become another one: at each break, and beyond what a rule prices at most."""
    found = {1}
    for rule in rules:
        found.update(rule.min_quantities)
        if rule.max_quantity is not None:
            found.add(rule.max_quantity + 1)
    return sorted(found)


# `changed`: what rules that are in one version only, or say another price there, are for. `party`: whose: a
# dealer, or a tier in the region that is named. A dealer without a tier or region on that day has no price.
_CHANGED = f"""
WITH y AS (SELECT number FROM price_policy WHERE id = :id), other AS (
  SELECT n.below_floor <> o.below_floor AS floors FROM price_policy n, price_policy o
   WHERE n.id = :id AND o.id = CAST(:against AS bigint)
), changed AS MATERIALIZED (
  SELECT c.dealer_id, c.region_id, c.tier, c.product_id, c.category_code FROM price_rule c
   WHERE c.policy_id = :id
     AND (EXISTS (SELECT FROM other WHERE floors)
          OR NOT EXISTS (SELECT FROM price_rule b
                          WHERE b.policy_id = :against AND {SAME_SCOPE} AND {SAME_PRICE}))
   UNION
  SELECT c.dealer_id, c.region_id, c.tier, c.product_id, c.category_code FROM price_rule c
   WHERE c.policy_id = :against
     AND NOT EXISTS (SELECT FROM price_rule b
                      WHERE b.policy_id = :id AND {SAME_SCOPE} AND {SAME_PRICE})
), party AS MATERIALIZED (
  SELECT DISTINCT d.id AS dealer_id, dt.tier, r.id AS region_id, r.parent_id AS area_id, c.product_id,
         c.category_code
    FROM changed c JOIN dealer d ON d.id = c.dealer_id
    {tier_of("d.id", "app_day(:at)")} {region_of("d.id", "app_day(:at)")}
   UNION
  SELECT 0, t.code, coalesce(c.region_id, 0), g.parent_id, c.product_id, c.category_code
    FROM changed c JOIN tier t ON c.tier IS NULL OR c.tier = t.code LEFT JOIN region g ON g.id = c.region_id
   WHERE c.dealer_id IS NULL
)
"""


def _rules(version: str) -> str:
    """SQL: the rules in force for the product `p` and the party `w` with one version of their policy."""
    return f"""
(SELECT json_agg({rule_as_json(published_at="coalesce(y.ranked_at, y.published_at, now())")})
   FROM (SELECT * FROM price_rule c
          WHERE c.dealer_id = w.dealer_id
            AND (c.product_id = p.id
                 OR (c.product_id IS NULL
                     AND (c.category_code IS NULL OR starts_with(p.category_code, c.category_code))))
         UNION ALL
         SELECT * FROM price_rule c
          WHERE c.product_id = p.id AND c.dealer_id IS NULL
            AND (c.tier IS NULL OR c.tier = w.tier)
            AND (c.region_id IS NULL OR c.region_id IN (w.region_id, w.area_id))
         UNION ALL
         SELECT * FROM price_rule c
          WHERE c.product_id IS NULL AND c.dealer_id IS NULL
            AND (c.category_code IS NULL OR starts_with(p.category_code, c.category_code))
            AND (c.tier IS NULL OR c.tier = w.tier)
            AND (c.region_id IS NULL OR c.region_id IN (w.region_id, w.area_id))) r
  CROSS JOIN LATERAL (SELECT * FROM price_policy v
          WHERE v.id = r.policy_id
            AND (v.id = {version}
                 OR (v.number <> w.number AND v.published_at <= :at AND v.valid_from <= :at
                     AND (v.valid_to IS NULL OR :at < v.valid_to))) OFFSET 0) y)
"""


_VERSIONS = text(
    """
    SELECT v.id, v.version FROM price_policy y JOIN price_policy v ON v.number = y.number AND v.id <> y.id
     WHERE y.id = :id ORDER BY v.id = y.supersedes_id DESC NULLS LAST, v.version DESC
    """
)


@cache
def _page(with_q: bool) -> TextClause:
    wanted = "p.search_key LIKE :q" if with_q else "true"
    of_product, of_line = (
        f"""
        SELECT p.id, p.sku, x.dealer_id, x.tier, x.region_id, x.area_id
          FROM party x JOIN product p ON {subject} AND p.state = 'active' AND {wanted}
         WHERE p.sku >= :from_sku AND (p.sku, x.dealer_id, x.tier, x.region_id)
               > (:from_sku, CAST(:from_dealer AS bigint), :from_tier, CAST(:from_region AS bigint))
        """
        for subject in (
            "p.id = x.product_id",
            "x.product_id IS NULL AND (x.category_code IS NULL"
            " OR starts_with(p.category_code, x.category_code))",
        )
    )
    return text(
        f"""
        {_CHANGED}, w AS MATERIALIZED (
          SELECT u.*, y.number FROM ({of_product} UNION {of_line}) u, y
           ORDER BY u.sku, u.dealer_id, u.tier, u.region_id LIMIT :limit
        )
        SELECT p.id AS product_id, p.sku, p.name_zh AS product_zh, p.name_en AS product_en, w.dealer_id,
               d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, w.tier, w.region_id,
               w.area_id, g.name_zh AS region_zh, g.name_en AS region_en, l.unit_price AS list_price,
               (SELECT t.rate FROM tax_rate t
                 WHERE t.category = p.tax_category AND t.valid_from <= app_day(:at)
                 ORDER BY t.valid_from DESC LIMIT 1) AS tax_rate,
               {_rules(":against")} AS before, {_rules(":id")} AS after
          FROM w JOIN product p ON p.id = w.id
          LEFT JOIN dealer d ON d.id = w.dealer_id LEFT JOIN region g ON g.id = w.region_id
          LEFT JOIN LATERAL (SELECT unit_price FROM list_price x
                         WHERE x.product_id = p.id AND x.valid_from <= :at
                         ORDER BY x.valid_from DESC LIMIT 1) l ON true
         ORDER BY w.sku, w.dealer_id, w.tier, w.region_id
        """
    )
