"""What the people of the first dealers were told of late: shipments, and what the feed has for them.

Older than five days is read, but for every seventh; so bell, inbox and digest have something to show.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import psycopg

from demo.loading.rows import put
from demo.scenario import Part, Scenario
from demo.world.network import DEALERS
from portal.feed import fragments
from portal.notifications import texts

_COLUMNS = (
    "user_id",
    "source",
    "event",
    "path",
    "said",
    "in_inbox",
    "mail",
    "sms",
    "created_at",
    "read_at",
    "mailed_at",
)
_SHIPMENTS = """
SELECT u.id, o.number, o.purchase_order_no, s.carrier, s.tracking_no, s.shipped_at
  FROM shipment s JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
  JOIN user_account u ON u.dealer_id = s.dealer_id AND 'dealer_buyer' = ANY (u.roles)
 WHERE s.dealer_id <= %(dealers)s AND s.shipped_at BETWEEN %(since)s AND %(now)s
 ORDER BY s.shipped_at, o.number, u.id
"""
_NOTICES = f"""
SELECT u.id, e.number, e.kind, e.title_zh, e.title_en, e.must_acknowledge, e.shown_from,
       (SELECT min(g.read_at) FROM feed_reading g WHERE g.dealer_id = u.dealer_id AND g.entry_id = e.id
           AND g.reader = 'user:' || u.id)
  FROM feed_entry e
  JOIN LATERAL (SELECT DISTINCT d.id FROM feed_address a, {fragments.DEALERS}
                 WHERE a.entry_id = e.id AND a.party = ANY ({fragments.PARTIES})) d ON true
  JOIN user_account u ON u.dealer_id = d.id AND u.dealer_id <= %(dealers)s
 WHERE e.shown_from BETWEEN %(since)s AND %(now)s
 ORDER BY e.shown_from, e.number, u.id
"""


def write_notifications(connection: psycopg.Connection, scenario: Scenario) -> None:
    """As the portal would have written them: nobody else sees these rows."""
    connection.execute("SELECT set_config('app.actor_id', 'system', false)")
    about = {"dealers": DEALERS, "since": scenario.now - timedelta(days=30), "now": scenario.now}
    shipments = connection.execute(_SHIPMENTS, about).fetchall()
    notices = connection.execute(_NOTICES, about).fetchall()
    put(connection, "notification", _COLUMNS, _shipped(shipments, scenario))
    put(connection, "notification", _COLUMNS, _shown(notices))
    connection.execute("SELECT set_config('app.actor_id', '', false)")


def _shipped(rows: list[tuple[Any, ...]], scenario: Scenario) -> Iterator[tuple[Any, ...]]:
    for place, (user, number, purchase_order_no, carrier, tracking_no, at) in enumerate(rows):
        facts = {
            "number": number,
            "purchase_order_no": purchase_order_no,
            "carrier": carrier,
            "tracking_no": tracking_no,
        }
        is_read = at < scenario.now - timedelta(days=5) and place % 7
        read_at = at + timedelta(hours=3 + place % 20) if is_read else None
        event = "order.shipped"
        yield (
            user,
            f"demo:shipped:{number}:{place}",
            event,
            f"/orders/{number}",
            _said(event, facts),
            True,
            "at_once",
            False,
            at,
            read_at,
            at,
        )


def _shown(rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for user, number, kind, title_zh, title_en, demanded, at, read_at in rows:
        event = "notice.demanded" if demanded else f"notice.{kind}"
        facts = {"number": number, "title_zh": title_zh, "title_en": title_en}
        said, mail = _said(event, facts), "at_once" if demanded else "digest"
        source = f"demo:shown:{number}"
        yield user, source, event, f"/feed/{number}", said, True, mail, False, at, read_at, at


def _said(event: str, facts: dict[str, Any]) -> str:
    return orjson.dumps(texts.in_every_language(event, facts)).decode()


PART = Part("notifications", write=write_notifications)
