"""New passwords and secrets for a demonstration that is loaded already, when the old ones are lost: only
hashes of them are kept.
"""

from __future__ import annotations

import secrets
from typing import Any

import psycopg

from demo.loading.people import NO_PASSWORD
from demo.loading.rows import connect
from portal.identity.credentials import hash_password, hash_secret, new_secret

_PEOPLE = """
SELECT u.id, u.email, u.roles[1], d.code, u.all_regions,
       ARRAY(SELECT r.code FROM region r WHERE r.id = ANY (u.region_ids)
              ORDER BY array_position(u.region_ids, r.id))
  FROM user_account u LEFT JOIN dealer d ON d.id = u.dealer_id
 WHERE u.password_hash <> %s ORDER BY u.id
"""
_CLIENTS = (
    "SELECT c.id, c.client_id, c.scopes, d.code FROM api_client c LEFT JOIN dealer d ON d.id = c.dealer_id"
    " WHERE c.created_by_label IS NULL ORDER BY c.id"
)


def renew(owner_url: str) -> dict[str, Any]:
    """Give everybody who has a password a new one, and every API client that was listed a new secret; all
    else stays as it is.

    Returns users and clients as `demo.load.load` does.
    """
    with connect(owner_url) as connection:
        return {"users": _renew_people(connection), "clients": _renew_clients(connection)}


def _renew_people(connection: psycopg.Connection) -> list[dict[str, Any]]:
    listed, changes = [], []
    for key, email, role, dealer, everywhere, regions in connection.execute(
        _PEOPLE, [NO_PASSWORD]
    ).fetchall():
        password = secrets.token_urlsafe(12)
        changes.append((hash_password(password), key))
        listed.append(
            {
                "email": email,
                "password": password,
                "role": role,
                "dealer": dealer,
                "regions": ["*"] if everywhere else regions,
            }
        )
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE user_account SET password_hash = %s WHERE id = %s", changes)
    return listed


def _renew_clients(connection: psycopg.Connection) -> list[dict[str, Any]]:
    listed, changes = [], []
    for key, client_id, scopes, dealer in connection.execute(_CLIENTS).fetchall():
        secret = new_secret()
        changes.append((hash_secret(secret), key))
        listed.append(
            {"client_id": client_id, "client_secret": secret, "dealer": dealer, "scopes": sorted(scopes)}
        )
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE api_client SET secret_hash = %s WHERE id = %s", changes)
    return listed
