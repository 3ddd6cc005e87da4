"""Users and API clients with fresh passwords and secrets, which only the returned credentials hold."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg

from demo.loading.keys import key, region_keys
from demo.loading.rows import put
from demo.scenario import Part, Scenario
from demo.world.network import FULLY_STAFFED, HEADQUARTERS, Person
from portal.identity.credentials import hash_password, hash_secret, new_secret
from portal.identity.rules import scopes_allowed
from portal.kernel.registry import registry

ERP, CONTROLLER = "erp", "controller"  # one asks, the other approves
ACCOUNTS_SINCE = timedelta(
    days=480
)  # before the demonstration's moment: everybody was there before the first order
# A slow hash is made only for people somebody may sign in as; the others have not set a password yet.
NO_PASSWORD = "!"

_USER = (
    "id",
    "email",
    "password_hash",
    "display_name",
    "locale",
    "roles",
    "dealer_id",
    "region_ids",
    "all_regions",
    "created_at",
)
_CLIENT = ("id", "client_id", "secret_hash", "name", "scopes", "dealer_id", "created_at")


def load_people(connection: psycopg.Connection, scenario: Scenario) -> list[dict[str, Any]]:
    """Everybody of the scenario. Returns who can sign in: the first dealers' people and headquarters'."""
    listed: list[dict[str, Any]] = []
    put(connection, "user_account", _USER, _users(scenario, listed))
    return listed


def _users(scenario: Scenario, listed: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    number, since = 0, scenario.now - ACCOUNTS_SINCE
    for dealer in scenario.dealers:
        for person in dealer.users:
            number += 1
            stored = NO_PASSWORD
            if dealer.index < FULLY_STAFFED:
                stored = _listed(person, listed, dealer.code)
            yield (
                number,
                person.email,
                stored,
                person.name,
                "zh",
                [person.role],
                key(dealer.index),
                [],
                False,
                since,
            )
    regions = region_keys()
    for person in HEADQUARTERS:
        number += 1
        areas = [regions[code] for code in person.areas]
        stored = _listed(person, listed, None)
        yield number, person.email, stored, person.name, "zh", [person.role], None, areas, not areas, since


def _listed(person: Person, listed: list[dict[str, Any]], dealer: str | None) -> str:
    """Give a person a password, remember it for the credentials, return its hash."""
    password = secrets.token_urlsafe(12)
    regions = [] if dealer else list(person.areas) or ["*"]
    listed.append(
        {
            "email": person.email,
            "password": password,
            "role": person.role,
            "dealer": dealer,
            "regions": regions,
        }
    )
    return hash_password(password)


def load_clients(connection: psycopg.Connection, scenario: Scenario) -> list[dict[str, Any]]:
    """An API client for every dealer in the database and two for headquarters.

    Returns them with their secrets.
    """
    dealers = connection.execute("SELECT id, code, name_zh FROM dealer ORDER BY id").fetchall()
    rights = registry().every_right
    listed = [_client(code.lower(), code, scopes_allowed(rights, of_dealer=True)) for _, code, _ in dealers]
    own = [
        (_client(client_id, None, scopes_allowed(rights, of_dealer=False)), name)
        for client_id, name in ((ERP, "总部 ERP"), (CONTROLLER, "总部财务复核"))
    ]
    since = scenario.now - ACCOUNTS_SINCE
    rows = [
        (
            dealer_id,
            client["client_id"],
            hash_secret(client["client_secret"]),
            f"{name} ERP",
            client["scopes"],
            dealer_id,
            since,
        )
        for (dealer_id, _, name), client in zip(dealers, listed, strict=True)
    ]
    rows += [
        (
            number,
            client["client_id"],
            hash_secret(client["client_secret"]),
            name,
            client["scopes"],
            None,
            since,
        )
        for number, (client, name) in enumerate(own, start=len(rows) + 1)
    ]
    put(connection, "api_client", _CLIENT, rows)
    return [*listed, *(client for client, _ in own)]


def _client(client_id: str, dealer: str | None, scopes: frozenset[str]) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "client_secret": new_secret(),
        "dealer": dealer,
        "scopes": sorted(map(str, scopes)),
    }


def _load_everybody(connection: psycopg.Connection, scenario: Scenario) -> dict[str, Any]:
    return {"users": load_people(connection, scenario), "clients": load_clients(connection, scenario)}


PART = Part("people", load=_load_everybody)
