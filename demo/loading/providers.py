"""The company sign-in of the third dealer, whose provider is a process of the demonstration.

Where that stands is said at each start; its people get their accounts when they come for the first time.
"""

from __future__ import annotations

from datetime import timedelta

import orjson
import psycopg

from demo.scenario import Part, Scenario
from portal.providers.claim_rules import ClaimRule
from portal.providers.vocabulary import ProviderState

HANDLE, DEALER = "ip-d0003-demo", "D0003"
CLIENT_ID = "tonglu-demo"  # by which the process finds its row

_RULES = (
    ClaimRule("groups", "is", "sales", ("dealer_buyer",), makes=True),
    ClaimRule("groups", "is", "accounts", ("dealer_finance",)),
)
_PROVIDER = """
INSERT INTO identity_provider (handle, dealer_id, name, issuer, client_id, secret_sealed, state, rules,
                               rules_by, connection, tried_connection, tried_at, tried_claims, created_at,
                               created_by_label, revision)
SELECT %(handle)s, d.id, 'D0003 企业账号', 'http://127.0.0.1', %(client_id)s, '', %(state)s, %(rules)s::jsonb,
       u.id, 1, 1, %(tried)s, %(claims)s::jsonb, %(made)s, u.display_name, 4
  FROM dealer d JOIN user_account u ON u.dealer_id = d.id AND u.roles = '{dealer_owner}'
 WHERE d.code = %(dealer)s
"""
_DOMAIN = """
INSERT INTO provider_domain (domain, provider_id, dealer_id)
SELECT 'd0003.example', id, dealer_id FROM identity_provider WHERE handle = %(handle)s
"""


def company_sign_in(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Set up three weeks ago, tried by the owner, and on."""
    made = scenario.now - timedelta(days=21)
    claims = {"sub": "liu", "email": "liu@d0003.example", "email_verified": True, "groups": ["sales"]}
    about = {
        "handle": HANDLE,
        "dealer": DEALER,
        "client_id": CLIENT_ID,
        "state": str(ProviderState.ON),
        "rules": orjson.dumps([rule.as_kept() for rule in _RULES]).decode(),
        "claims": orjson.dumps(claims).decode(),
        "made": made,
        "tried": made + timedelta(minutes=12),
    }
    connection.execute(_PROVIDER, about)
    connection.execute(_DOMAIN, about)


PART = Part("providers", act=company_sign_in)
