"""Give a system access to the API."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.client_keys import read_keys
from portal.identity.client_rules import OF_ONE_OWNER_MAX, Method, read_networks, scope_faults
from portal.identity.credentials import hash_secret, new_secret
from portal.identity.models import ApiClient
from portal.identity.oauth_client import PORTAL
from portal.identity.rules import name_faults, plain_name, scopes_allowed
from portal.identity.vocabulary import IdentityAction, IdentityRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid
from portal.kernel.numbering import ALPHABET
from portal.kernel.out_addresses import REFUSALS, AddressRefused, destination
from portal.kernel.registry import registry

_IDENTIFIER = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,62}[a-z0-9])")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody says of a client. It proves itself by a secret where there are neither keys nor their
    address. keys: public ones, as text. plain: whether the address may begin with http.
    """

    name: str
    scopes: Sequence[str]
    networks: Sequence[str] = ()
    keys: str = ""
    keys_url: str = ""
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """The same as it is kept, and what is wrong with it. columns: without its proof. proof: its keys."""

    columns: dict[str, Any]
    proof: dict[str, Any]
    faults: list[Fault]

    @property
    def has_keys(self) -> bool:
        """Whether it proves itself by a key."""
        return str(self.proof["method"]) == Method.PRIVATE_KEY


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client with its secret, which is kept nowhere else; empty for one with a key of its own."""

    id: int
    client_id: str
    client_secret: str = field(repr=False)


def create_client(
    session: Session,
    *,
    actor: Actor,
    wanted: Wanted,
    at: datetime,
    dealer_id: int | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
) -> NewClient:
    """Create the client; identifier and secret are random where none are given.

    Needs a session of the role that signs people in, with the scope of the actor. Raises Invalid with every
    fault, Forbidden, Conflict ``duplicate`` for an identifier that is taken, ``too_many_clients``.
    """
    require_keeper(actor)
    client_id = client_id or new_identifier()
    read = read_wanted(wanted, actor, dealer_id)
    if not actor.is_staff and actor.dealer_id != dealer_id:
        raise Forbidden()
    faults = [*_identifier_faults(client_id), *read.faults]
    if faults:
        raise Invalid(faults=faults)
    _require_room(session, dealer_id)
    secret = "" if read.has_keys else client_secret or new_secret()
    number = session.execute(
        insert(ApiClient)
        .values(
            client_id=client_id,
            secret_hash=hash_secret(secret) if secret else None,
            dealer_id=dealer_id,
            created_at=at,
            created_by_label=actor.label,
            **read.columns,
            **read.proof,
        )
        .returning(ApiClient.id)
    ).scalar_one()
    record(
        session,
        IdentityAction.CLIENT_CREATED,
        f"client:{number}",
        actor=actor,
        dealer_id=dealer_id,
        after={"client": client_id, **told(read.columns, read.proof)},
    )
    return NewClient(number, client_id, secret)


def require_keeper(actor: Actor) -> None:
    """Raise Forbidden for who looks after no clients: of a dealer its own, of headquarters all in sight."""
    actor.require(IdentityRight.ADMINISTER if actor.is_staff else IdentityRight.CLIENTS)


def read_wanted(wanted: Wanted, actor: Actor, dealer_id: int | None) -> Read:
    """What somebody says, read."""
    name, networks = plain_name(wanted.name), read_networks(wanted.networks)
    scopes = list(dict.fromkeys(wanted.scopes))
    faults = [
        *name_faults("/name", name),
        *scope_faults(
            scopes,
            allowed=scopes_allowed(registry().every_right, of_dealer=dealer_id is not None),
            held=None if actor.client_id is None else actor.rights,
        ),
        *networks.faults,
    ]
    keys_text, keys_url = wanted.keys.strip(), wanted.keys_url.strip()
    keys = None
    if keys_text and keys_url:
        message = N_("Enter the keys or their address, not both.")
        faults.append(Fault("/jwks_uri", "both", message))
    elif keys_text:
        keys, wrong = read_keys("/jwks", keys_text)
        faults += wrong
    elif keys_url:
        faults += _address_faults(keys_url, plain=wanted.plain)
    columns = {"name": name, "scopes": scopes, "networks": list(networks.networks)}
    method = Method.PRIVATE_KEY if keys_text or keys_url else Method.SECRET
    return Read(columns, {"method": str(method), "keys": keys, "keys_url": keys_url or None}, faults)


def told(columns: dict[str, Any], proof: dict[str, Any]) -> dict[str, Any]:
    """As the audit tells it: a query of the address may hold a password, and of a key its name will do."""
    keys, url = proof["keys"], proof["keys_url"]
    named = {"keys": [key["kid"] for key in keys["keys"]]} if keys else {}
    address = {"keys_url": url.partition("?")[0]} if url else {}
    return {**columns, "method": proof["method"], **named, **address}


def new_identifier() -> str:
    """An identifier that tells nothing: 60 bits in small letters and digits."""
    return "ac-" + "".join(secrets.choice(ALPHABET) for _ in range(12)).lower()


def _require_room(session: Session, dealer_id: int | None) -> None:
    there = select(func.count()).where(
        ApiClient.dealer_id.is_not_distinct_from(dealer_id), ApiClient.disabled_at.is_(None)
    )
    if session.execute(there).scalar_one() >= OF_ONE_OWNER_MAX:
        raise Conflict(
            "too_many_clients",
            N_("There are %(max)s API clients already."),
            fix=N_("Revoke one that is not used any more."),
            max=OF_ONE_OWNER_MAX,
        )


def _identifier_faults(client_id: str) -> list[Fault]:
    if _IDENTIFIER.fullmatch(client_id) and client_id != PORTAL:
        return []
    message = N_("An identifier has 3 to 64 lower-case letters, digits, dots, dashes or underscores.")
    return [Fault("/client_id", "client_id", message)]


def _address_faults(url: str, *, plain: bool) -> list[Fault]:
    """What can be told of an address before it is asked."""
    fix = N_("Enter the complete address, such as https://erp.example.com/jwks.json.")
    try:
        to = destination(url)
    except AddressRefused as refused:
        return [Fault("/jwks_uri", str(refused.refusal), REFUSALS[refused.refusal], fix)]
    if to.scheme != "https" and not plain:
        return [
            Fault("/jwks_uri", "not_https", N_("Only addresses that begin with https:// are allowed."), fix)
        ]
    return []
