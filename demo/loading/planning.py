"""What each warehouse should have: the terms of some, and the advice as the night's job would write it."""

from __future__ import annotations

from datetime import datetime

import psycopg

from demo.scenario import Part, Scenario
from demo.world.business_days import local_date
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction
from portal.planning.advice_rules import default_terms
from portal.planning.advise import START, advise, trends
from portal.stock.rules import LevelKey

# The first warehouse is near the factory; of what sells most there nothing may ever be missing.
_TERMS = """
INSERT INTO replenishment_terms (warehouse_id, product_id, lead_days, review_days, service_level, set_by,
                                 set_by_label, set_at)
SELECT t.warehouse_id, t.product_id, t.lead_days, t.review_days, t.service_level, 'user:' || u.id,
       u.display_name, %(now)s - interval '20 days'
  FROM (SELECT * FROM user_account WHERE email LIKE 'orders@%%' ORDER BY id LIMIT 1) u
 CROSS JOIN (
       (SELECT id AS warehouse_id, NULL::bigint AS product_id, 14 AS lead_days, NULL::int AS review_days,
               NULL::numeric AS service_level FROM warehouse ORDER BY id LIMIT 1)
        UNION ALL
       (SELECT min(o.warehouse_id), l.product_id, NULL, NULL, 0.99
          FROM order_line l
          JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
         WHERE o.warehouse_id = (SELECT min(id) FROM warehouse)
         GROUP BY l.product_id ORDER BY count(*) DESC, l.product_id LIMIT 5)) t
"""


def write_terms(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Terms of a warehouse and of five products in it."""
    connection.execute(_TERMS, {"now": scenario.now})


def advise_warehouses(app_url: str, now: datetime) -> None:
    """Advise on every level, as the role that serves."""
    database, today = Database(app_url), local_date(now)
    try:
        with transaction(database.system_session()) as session:
            whither = trends(session, today=today, actor=SYSTEM)
        last: LevelKey | None = START
        while last is not None:
            with transaction(database.system_session()) as session:
                last = advise(
                    session,
                    defaults=default_terms(30),
                    trends=whither,
                    after=last,
                    today=today,
                    at=now,
                ).last
    finally:
        database.dispose()


PART = Part("planning", write=write_terms)
