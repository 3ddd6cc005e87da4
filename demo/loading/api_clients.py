"""Further systems of the first dealers, beside those of the credentials: one whose secret was just changed,
and one that signs. Their secrets and their private key are nobody's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import psycopg
from joserfc.jwk import ECKey

from demo.scenario import Part, Scenario
from portal.identity.credentials import hash_secret, new_secret
from portal.orders.vocabulary import OrderRight
from portal.stock.vocabulary import StockRight

_USED = """
UPDATE api_client SET last_used_at = %(now)s - interval '7 minutes' * id, last_used_from = '203.0.113.' || id
 WHERE dealer_id <= 8
"""
_FURTHER = """
INSERT INTO api_client (client_id, secret_hash, name, scopes, dealer_id, created_at, method, keys, networks,
                        generation, former_secret_hash, former_secret_until, secret_made_at, last_used_at,
                        last_used_from, created_by_label, revision)
SELECT %(client_id)s, %(secret)s, %(name)s, %(scopes)s, d.id, %(made)s, %(method)s, %(keys)s::jsonb,
       %(networks)s, %(generation)s, %(former)s, %(until)s, %(changed)s, %(used)s, %(used_from)s,
       u.display_name, %(generation)s
  FROM dealer d JOIN user_account u ON u.dealer_id = d.id AND u.roles = '{dealer_owner}'
 WHERE d.code = %(dealer)s
"""


def further_clients(connection: psycopg.Connection, scenario: Scenario) -> None:
    """When the first dealers' systems came in last, and two more of them."""
    now = scenario.now
    connection.execute(_USED, {"now": now})
    common = {"made": now - timedelta(days=90), "used_from": "203.0.113.20"}
    for client in (_changing(scenario), _signing(scenario)):
        connection.execute(_FURTHER, common | client)


def _changing(scenario: Scenario) -> dict[str, Any]:
    """A warehouse's system; until the day after tomorrow its former secret is good too."""
    now = scenario.now
    return {
        "client_id": "ac-d0001-wms",
        "dealer": "D0001",
        "name": "WMS 仓储系统",
        "method": "secret",
        "secret": hash_secret(new_secret()),
        "former": hash_secret(new_secret()),
        "until": now + timedelta(days=2),
        "changed": now - timedelta(days=5),
        "scopes": [str(OrderRight.READ), str(StockRight.READ)],
        "keys": None,
        "networks": ["203.0.113.0/24"],
        "generation": 2,
        "used": now - timedelta(hours=3),
    }


def _signing(scenario: Scenario) -> dict[str, Any]:
    """A purchasing system that signs with its key."""
    key = ECKey.generate_key("P-256", {"kid": "2026-07", "use": "sig"})
    return {
        "client_id": "ac-d0002-srm",
        "dealer": "D0002",
        "name": "SRM 采购系统",
        "method": "private_key",
        "secret": None,
        "former": None,
        "until": None,
        "changed": None,
        "scopes": [str(OrderRight.READ), str(OrderRight.WRITE)],
        "keys": orjson.dumps({"keys": [key.as_dict(private=False)]}).decode(),
        "networks": [],
        "generation": 1,
        "used": scenario.now - timedelta(minutes=40),
    }


PART = Part("api_clients", act=further_clients)
