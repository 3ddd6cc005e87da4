"""Reads of price policies for the people who answer for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.paging import Sort, sort_of
from portal.kernel.search_pattern import product_in
from portal.kernel.searching import search_key


@dataclass(frozen=True, slots=True)
class PolicySummary:
    """A version of a policy. `editable` says whether the reader answers for its region."""

    id: int
    number: str
    version: int
    title_zh: str
    title_en: str
    text: str
    kind: str
    dealer_code: str | None
    dealer_zh: str | None
    dealer_en: str | None
    state: str
    region_code: str | None
    region_zh: str | None
    region_en: str | None
    valid_from: datetime
    valid_to: datetime | None
    planned_to: datetime | None
    below_floor: str
    author: str | None
    created_at: datetime
    written_by: list[str]
    submitted_by: str | None
    submitted_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    returned_reason: str
    published_by: str | None
    published_at: datetime | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    restores: int | None
    revision: int
    rules: int
    editable: bool


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule with the names of what it speaks of; None means any.

    `change`: added, changed, same against the version before.
    """

    id: int
    dealer_code: str | None
    dealer_zh: str | None
    dealer_en: str | None
    region_code: str | None
    region_zh: str | None
    region_en: str | None
    tier: str | None
    sku: str | None
    product_zh: str | None
    product_en: str | None
    list_price: Decimal | None
    category_code: str | None
    category_zh: str | None
    category_en: str | None
    kind: str
    min_quantities: list[int]
    values: list[Decimal]
    breaks_are: str
    max_quantity: int | None
    tax_included: bool
    change: str


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """What of a policy's rules to show; empty text means everything."""

    q: str = ""
    tier: str = ""
    changed_only: bool = False


SORTS = ("number", "valid_from", "rules")
"""What policies are sorted by: there are some hundred, and all are read."""


def policies(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    state: str = "",
    kind: str = "",
    q: str = "",
    sort: str = "",
) -> list[PolicySummary]:
    """Policies as they stand at a moment, what is in the making first, then the latest published; or as
    `sort` says.

    A region's manager sees the nation's and its own.
    """
    rows = session.execute(_POLICIES, {**reach_of(actor), "at": at, "id": None, "state": state, "kind": kind})
    found = [
        PolicySummary(**row._mapping) for row in rows
    ]  # some hundred at most, all of them shown: a key to find them by would not pay
    part = search_key(q.strip()[:100])
    met = [
        policy
        for policy in found
        if part in search_key(f"{policy.number} {policy.title_zh} {policy.title_en}")
    ]
    order_by = sort_of(sort, SORTS, Sort(""))
    if order_by.key:
        met.sort(key=lambda one: (getattr(one, order_by.key), one.id), reverse=order_by.descending)
    return met


def policy(session: Session, *, actor: Actor, policy_id: int, at: datetime) -> PolicySummary:
    """One version. Raises NotFound for another region's."""
    row = session.execute(
        _POLICIES, {**reach_of(actor), "at": at, "id": policy_id, "state": "", "kind": ""}
    ).one_or_none()
    if row is None:
        raise NotFound()
    return PolicySummary(**row._mapping)


def policy_rules(
    session: Session,
    *,
    policy_id: int,
    at: datetime,
    only: RuleFilter = RuleFilter(),
    offset: int = 0,
    limit: int = 100,
) -> list[RuleRow]:
    """Rules of a version in a stable order, each compared with the version it follows.

    One row more than `limit` if there is more.
    """
    parameters = {
        "id": policy_id,
        "at": at,
        "q": search_key(only.q.strip()[:100]),
        "gtin": product_in(only.q),
        "tier": only.tier,
        "changed_only": only.changed_only,
        "limit": limit + 1,
        "offset": offset,
    }
    return [RuleRow(**row._mapping) for row in session.execute(_RULES, parameters)]


def changes(session: Session, policy_id: int) -> dict[str, int]:
    """How many rules were ``added``, ``changed``, ``removed`` against the version before."""
    return dict(session.execute(_CHANGES, {"id": policy_id}).one()._mapping)


def reach_of(actor: Actor) -> dict[str, object]:
    """Parameters for whose policies an actor sees: everybody's, or those of some regions."""
    return {"everywhere": actor.region_ids is None, "region_ids": list(actor.region_ids or ())}


# A version whose end has come is superseded when another has taken over, even if that was published long
# before it began.
_STATE = """CASE WHEN y.state = 'published' AND y.valid_to <= CAST(:at AS timestamptz)
                  AND EXISTS (SELECT FROM price_policy n
                               WHERE n.number = y.number AND n.valid_from >= y.valid_to
                                 AND n.published_at IS NOT NULL)
                 THEN 'superseded' ELSE y.state END"""

_POLICIES = text(
    f"""
    SELECT y.id, y.number, y.version, y.title_zh, y.title_en, y.text, y.kind, d.code AS dealer_code,
           d.name_zh AS dealer_zh, d.name_en AS dealer_en, {_STATE} AS state, r.code AS region_code,
           r.name_zh AS region_zh, r.name_en AS region_en, y.valid_from, y.valid_to, y.planned_to,
           y.below_floor, coalesce(nullif(y.created_by_label, ''), u.display_name) AS author, y.created_at,
           y.written_by, y.submitted_by_label AS submitted_by, y.submitted_at,
           y.approved_by_label AS approved_by, y.approved_at, y.returned_reason,
           y.published_by_label AS published_by, y.published_at, y.withdrawn_by_label AS withdrawn_by,
           y.withdrawn_at, y.withdrawn_reason, o.version AS restores, y.revision,
           (SELECT count(*) FROM price_rule c WHERE c.policy_id = y.id) AS rules,
           :everywhere OR coalesce(y.region_id = ANY (CAST(:region_ids AS bigint[])), false) AS editable
      FROM price_policy y LEFT JOIN region r ON r.id = y.region_id
      LEFT JOIN user_account u ON u.id = y.created_by LEFT JOIN dealer d ON d.id = y.dealer_id
      LEFT JOIN price_policy o ON o.id = y.restores_id
     WHERE (:everywhere OR y.region_id IS NULL OR y.region_id = ANY (CAST(:region_ids AS bigint[])))
       AND (CAST(:id AS bigint) IS NULL OR y.id = :id) AND (:state = '' OR {_STATE} = :state)
       AND (:kind = '' OR y.kind = :kind)
     ORDER BY y.published_at IS NOT NULL, y.published_at DESC NULLS FIRST, y.id DESC
    """
)

SAME_SCOPE = """
b.dealer_id IS NOT DISTINCT FROM c.dealer_id AND b.region_id IS NOT DISTINCT FROM c.region_id
AND b.tier IS NOT DISTINCT FROM c.tier AND b.product_id IS NOT DISTINCT FROM c.product_id
AND b.category_code IS NOT DISTINCT FROM c.category_code
"""
"""SQL: the rules `b` and `c` are for the same customers and products."""
SAME_PRICE = """
b.kind = c.kind AND b.min_quantities = c.min_quantities AND b."values" = c."values"
AND b.breaks_are = c.breaks_are AND b.max_quantity IS NOT DISTINCT FROM c.max_quantity
AND b.tax_included = c.tax_included
"""
"""SQL: the rules `b` and `c` say the same of the price."""

_RULES = text(
    f"""
    SELECT * FROM (
      SELECT c.id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
             r.code AS region_code, r.name_zh AS region_zh, r.name_en AS region_en, c.tier, p.sku,
             p.name_zh AS product_zh, p.name_en AS product_en,
             (SELECT l.unit_price FROM list_price l
               WHERE l.product_id = p.id AND l.valid_from <= :at
               ORDER BY l.valid_from DESC LIMIT 1) AS list_price,
             g.code AS category_code, g.name_zh AS category_zh, g.name_en AS category_en, c.kind,
             c.min_quantities, c."values", c.breaks_are, c.max_quantity, c.tax_included,
             CASE WHEN b.id IS NULL THEN 'added' WHEN {SAME_PRICE} THEN 'same' ELSE 'changed' END AS change
        FROM price_rule c
        JOIN price_policy y ON y.id = c.policy_id
        LEFT JOIN price_rule b ON b.policy_id = y.supersedes_id AND {SAME_SCOPE}
        LEFT JOIN dealer d ON d.id = c.dealer_id
        LEFT JOIN region r ON r.id = c.region_id
        LEFT JOIN product p ON p.id = c.product_id
        LEFT JOIN category g ON g.code = c.category_code
       WHERE c.policy_id = :id AND (:tier = '' OR c.tier = :tier)
         AND (:q = '' OR p.udi_di = :gtin
              OR strpos(concat_ws(' ', p.search_key, g.search_key, d.search_key), :q) > 0)) shown
     WHERE (NOT :changed_only OR change <> 'same')
     ORDER BY dealer_code NULLS FIRST, tier NULLS FIRST, region_code NULLS FIRST, category_code NULLS FIRST,
           sku NULLS FIRST, id
     LIMIT :limit OFFSET :offset
    """
)

_CHANGES = text(
    f"""
    WITH y AS (SELECT id, supersedes_id FROM price_policy WHERE id = :id)
    SELECT (SELECT count(*) FROM price_rule c, y WHERE c.policy_id = y.id
              AND NOT EXISTS (SELECT FROM price_rule b
                               WHERE b.policy_id = y.supersedes_id AND {SAME_SCOPE})) AS added,
           (SELECT count(*) FROM y JOIN price_rule c ON c.policy_id = y.id
              JOIN price_rule b ON b.policy_id = y.supersedes_id AND {SAME_SCOPE}
             WHERE NOT ({SAME_PRICE})) AS changed,
           (SELECT count(*) FROM price_rule b, y WHERE b.policy_id = y.supersedes_id
              AND NOT EXISTS (SELECT FROM price_rule c WHERE c.policy_id = y.id AND {SAME_SCOPE})) AS removed
    """
)
