"""W5: publish a policy with a rule for every product, in force for every dealer with the commit, against COPY
of its rows.
"""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import psycopg

from bench.stage import Stage
from config import Settings
from portal.dealers.queries import load_dealer
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction
from portal.pricing.decide_policy import approve_policy
from portal.pricing.publish_policy import publish_policy
from portal.pricing.queries import offers
from portal.pricing.submit_policy import submit_policy

GOALS = {"publication": "< 2 × COPY", "in_force": "for every dealer with the commit"}
_TIERS = ("S", "A", "B", "C")
_ASKED = 50  # dealers whose price is asked after the commit

_DRAFT = """
INSERT INTO price_policy (number, version, title_zh, title_en, valid_from, written_by, created_by_label)
VALUES (%s, 1, '基准', 'Benchmark', now(), '{bench}', 'bench') RETURNING id
"""
_COPY = 'COPY twin (policy_id, product_id, tier, kind, min_quantities, "values") FROM STDIN'
_RULES = """
INSERT INTO price_rule (policy_id, product_id, tier, kind, min_quantities, "values")
SELECT %s, product_id, tier, kind, min_quantities, "values" FROM twin
"""
_TWIN = "CREATE TEMPORARY TABLE twin (LIKE price_rule INCLUDING ALL)"
_PRODUCTS = """
SELECT DISTINCT ON (p.id) p.id, l.unit_price FROM product p JOIN list_price l ON l.product_id = p.id
 WHERE p.state = 'active' AND l.valid_from <= now() ORDER BY p.id, l.valid_from DESC
"""


def run(stage: Stage) -> dict:
    """Seconds of COPY, of the review at submission and of the publication; and what dealers pay after it."""
    database = Database(stage.environment["DATABASE_URL"])
    try:
        with stage.connect() as connection:
            rows = _rows(connection)
            limit = _limit(connection, rows)
            policy, drafted = _drafted(connection)
            reviewed, published = _published(database, policy)
            wrong = _wrong_prices(database, connection, policy)
            dealers = connection.execute("SELECT count(*) FROM dealer").fetchone()[0]
    finally:
        database.dispose()
    return {
        "rules": len(rows),
        "products": len(rows) // len(_TIERS),
        "dealers": dealers,
        "copy_seconds": round(limit, 2),
        "draft_seconds": round(drafted, 2),
        "review_seconds": round(reviewed, 2),
        "publish_seconds": round(published, 2),
        "ratio": round(published / limit, 2),
        "dealers_asked": _ASKED,
        "wrong_prices": wrong,
        "goals": GOALS,
    }


def _rows(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    """A net price a tier and product, some per cent below the list."""
    return [
        (product, tier, "net", [1], [max(Decimal("0.01"), (price * share / 100).quantize(Decimal("0.01")))])
        for product, price in connection.execute(_PRODUCTS)
        for tier, share in zip(_TIERS, (80, 85, 90, 95), strict=True)
    ]


def _limit(connection: psycopg.Connection, rows: list[tuple[object, ...]]) -> float:
    """Seconds of COPY into a twin of the rules with the same checks and indexes, that nobody reads."""
    with connection.transaction():
        connection.execute(_TWIN)
        began = time.perf_counter()
        with connection.cursor().copy(_COPY) as copy:
            for row in rows:
                copy.write_row((0, *row))
        return time.perf_counter() - began


def _drafted(connection: psycopg.Connection) -> tuple[int, float]:
    """A draft with the rules of the twin, and seconds: a table with row-level security takes no COPY."""
    number = f"PPBENCH-{time.time_ns()}"
    began = time.perf_counter()
    with connection.transaction():
        policy = connection.execute(_DRAFT, (number,)).fetchone()[0]
        connection.execute(_RULES, (policy,))
    return policy, time.perf_counter() - began


def _published(database: Database, policy: int) -> tuple[float, float]:
    """Seconds of the review, and of the publication, which judges once more."""
    share = Decimal("0.99")
    approver = replace(SYSTEM, label="approver", user_id=None, client_id=1)
    began = time.perf_counter()
    with transaction(database.system_session()) as session:
        revision = submit_policy(
            session, actor=SYSTEM, policy_id=policy, revision=1, fall_share=share, at=clock.now()
        )
    reviewed = time.perf_counter() - began
    with transaction(database.staff_session(approver)) as session:
        revision = approve_policy(
            session, actor=approver, policy_id=policy, revision=revision, at=clock.now()
        )
    began = time.perf_counter()
    with transaction(database.system_session()) as session:
        publish_policy(session, actor=SYSTEM, policy_id=policy, revision=revision, fall_share=share)
    return reviewed, time.perf_counter() - began


def _wrong_prices(database: Database, connection: psycopg.Connection, policy: int) -> int:
    """How many of some dealers' prices are not those of the policy, right after the commit."""
    now, zone = datetime.now(UTC), Settings().timezone
    today = clock.business_date(now, zone)
    expected = {
        (sku, tier): price
        for sku, tier, price in connection.execute(
            'SELECT p.sku, r.tier, r."values"[1] FROM price_rule r JOIN product p ON p.id = r.product_id'
            " WHERE r.policy_id = %s",
            (policy,),
        )
    }
    chosen = "SELECT id FROM dealer ORDER BY random() LIMIT %s"
    dealers = [row[0] for row in connection.execute(chosen, (_ASKED,))]
    skus = random.Random(1).sample(sorted({sku for sku, _ in expected}), k=min(200, len(expected)))
    wrong = 0
    with transaction(database.system_session()) as session:
        for dealer_id in dealers:
            dealer = load_dealer(session, dealer_id, day=today)
            found = offers(session, dealer=dealer, skus=skus, at=datetime.now(UTC), today=today)
            for sku, offer in found.items():
                price = offer.price(1, dealer)
                if any(rule.dealer_id or rule.region_id for rule in offer.rules):
                    continue  # a closer rule decides
                wrong += price.unit_price != expected[sku, dealer.tier]
    return wrong
