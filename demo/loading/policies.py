"""Price policies: every version begins as a draft with its rules and is published as a person would, so
that the database agrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg

from demo.loading.keys import key, region_keys
from demo.loading.rows import fill, put
from demo.scenario import Part, Scenario
from demo.world.policies import POLICIES, Policy, Rule

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
    "created_by",
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

_PUBLICATION = """
CREATE TEMPORARY TABLE publication (policy_id bigint, state text, published_at timestamptz)
"""
_PUBLISH = """
UPDATE price_policy p SET state = n.state, published_at = n.published_at, published_by = p.created_by
  FROM publication n WHERE n.policy_id = p.id
"""
_MANAGERS = """
SELECT CASE WHEN all_regions THEN NULL ELSE region_ids[1] END, id FROM user_account
 WHERE roles = '{channel_manager}'
"""


def load_policies(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Draft all, add the rules, publish those that are published."""
    managers = dict(connection.execute(_MANAGERS).fetchall())
    put(connection, "price_policy", _POLICY, _policies(scenario, managers))
    put(connection, "price_rule", _RULE, _rules(scenario))
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


def _policies(scenario: Scenario, managers: dict[int | None, int]) -> Iterator[tuple[Any, ...]]:
    regions = region_keys()
    latest: dict[str, int] = {}
    for index, policy in enumerate(scenario[POLICIES]):
        region = regions[policy.region] if policy.region else None
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
            managers.get(region, managers[None]),
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


def rules_in_order(scenario: Scenario) -> Iterator[tuple[int, Rule]]:
    """Every rule with the position of its policy, in the order of the rules' keys."""
    for index, policy in enumerate(scenario[POLICIES]):
        for rule in policy.rules:
            yield index, rule


PART = Part("policies", world=POLICIES, load=load_policies, in_bulk=("price_rule",))
