"""Price policies: every version begins as a draft with its rules and is published as a person would, so
that the database agrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from demo.loading.keys import key, region_keys
from demo.loading.rows import fill, put
from demo.scenario import Part, Scenario
from demo.world.policies import POLICIES, Policy, Rule
from portal.kernel.money import to_fen

_POLICY = (
    "id",
    "number",
    "version",
    "title_zh",
    "title_en",
    "text",
    "region_id",
    "valid_from",
    "valid_to",
    "planned_to",
    "created_by",
    "created_by_label",
    "written_by",
    "created_at",
    "supersedes_id",
)
_RULE = (
    "id",
    "policy_id",
    "dealer_id",
    "region_id",
    "tier",
    "product_id",
    "category_code",
    "kind",
    "min_quantities",
    "values",
)

_FLOOR = ("product_id", "valid_from", "unit_price", "set_by", "set_by_label")
FLOOR_SHARE, RAISED_SHARE = Decimal("0.40"), Decimal("0.42")  # of the list price, below what anybody pays
FLOORS, RAISED = 60, 5  # products with a floor, and of these with a higher one to come

_PUBLICATION = """
CREATE TEMPORARY TABLE publication (policy_id bigint, state text, published_at timestamptz)
"""
_PUBLISH = """
UPDATE price_policy p
   SET state = n.state, published_at = n.published_at, published_by = p.created_by,
       published_by_label = p.created_by_label, submitted_by = 'user:' || p.created_by,
       submitted_by_label = p.created_by_label, submitted_at = p.created_at + interval '1 day',
       approved_by = 'user:' || a.id, approved_by_label = a.display_name,
       approved_at = p.created_at + interval '2 days'
  FROM publication n,
       (SELECT id, display_name FROM user_account
         WHERE roles = '{channel_manager}' AND all_regions ORDER BY id DESC LIMIT 1) a
 WHERE n.policy_id = p.id
"""
_MANAGERS = """
SELECT CASE WHEN all_regions THEN NULL ELSE region_ids[1] END AS region, id, display_name FROM user_account
 WHERE roles = '{channel_manager}' ORDER BY id
"""


def load_policies(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Draft all, add the rules, have another person approve what is published, and publish it."""
    managers = _managers(connection)
    put(connection, "price_policy", _POLICY, _policies(scenario, managers))
    put(connection, "price_rule", _RULE, _rules(scenario))
    put(connection, "floor_price", _FLOOR, _floors(scenario, managers[None]))
    publish(
        connection,
        (
            (key(index), policy.state, policy.published_at)
            for index, policy in enumerate(scenario[POLICIES])
            if policy.published_at
        ),
    )


def publish(connection: psycopg.Connection, publications: Iterable[tuple[int, str, datetime]]) -> None:
    """Publish drafts: (policy, state, moment)."""
    connection.execute(_PUBLICATION)
    fill(connection, "publication", ("policy_id", "state", "published_at"), publications)
    connection.execute(_PUBLISH)
    connection.execute("DROP TABLE publication")


def _managers(connection: psycopg.Connection) -> dict[int | None, tuple[int, str]]:
    """Who writes the policies of a region, None for the whole country: id and name."""
    authors: dict[int | None, tuple[int, str]] = {}
    for region, number, name in connection.execute(_MANAGERS).fetchall():
        authors.setdefault(region, (number, name))
    return authors


def _policies(scenario: Scenario, managers: dict[int | None, tuple[int, str]]) -> Iterator[tuple[Any, ...]]:
    regions = region_keys()
    latest: dict[str, int] = {}
    for index, policy in enumerate(scenario[POLICIES]):
        region = regions[policy.region] if policy.region else None
        author, name = managers.get(region, managers[None])
        yield (
            key(index),
            policy.number,
            policy.version,
            policy.title_zh,
            policy.title_en,
            policy.text,
            region,
            policy.valid_from,
            policy.valid_to,
            None if policy.state == "superseded" else policy.valid_to,
            author,
            name,
            [f"user:{author}"],
            _drafted_at(policy, scenario),
            latest.get(policy.number),
        )
        latest[policy.number] = key(index)


def _drafted_at(policy: Policy, scenario: Scenario) -> datetime:
    return (policy.published_at or scenario.now) - timedelta(days=3, hours=5)


def _rules(scenario: Scenario) -> Iterator[tuple[Any, ...]]:
    products = {device.sku: key(index) for index, device in enumerate(scenario.devices)}
    regions = region_keys()
    for number, (index, rule) in enumerate(rules_in_order(scenario), start=1):
        yield (
            number,
            key(index),
            None if rule.dealer is None else key(rule.dealer),
            regions[rule.region] if rule.region else None,
            rule.tier,
            products[rule.sku] if rule.sku else None,
            rule.category,
            rule.kind,
            [minimum for minimum, _ in rule.breaks],
            [value for _, value in rule.breaks],
        )


def _floors(scenario: Scenario, manager: tuple[int, str]) -> Iterator[tuple[Any, ...]]:
    """Floors of products that policies name."""
    named = {rule.sku for _, rule in rules_in_order(scenario) if rule.sku}
    floored = [(key(index), one) for index, one in enumerate(scenario.devices) if one.sku in named][:FLOORS]
    author, name = manager
    for place, (product, device) in enumerate(floored):
        steps = [(scenario.now - timedelta(days=45), FLOOR_SHARE)]
        if place < RAISED:
            steps.append((scenario.now + timedelta(days=30), RAISED_SHARE))
        for since, share in steps:
            yield product, since, to_fen(device.list_price * share), f"user:{author}", name


def rules_in_order(scenario: Scenario) -> Iterator[tuple[int, Rule]]:
    """Every rule with the position of its policy, in the order of the rules' keys."""
    for index, policy in enumerate(scenario[POLICIES]):
        for rule in policy.rules:
            yield index, rule


PART = Part("policies", world=POLICIES, load=load_policies, in_bulk=("price_rule",))
