"""Give a system access to the API."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.credentials import hash_secret, new_secret
from portal.identity.models import ApiClient
from portal.identity.oauth_client import PORTAL
from portal.identity.rules import name_faults, plain_name, scopes_allowed
from portal.identity.vocabulary import IdentityAction, IdentityRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.registry import registry

_IDENTIFIER = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,62}[a-z0-9])")


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client with its secret, which is kept nowhere else."""

    id: int
    client_id: str
    client_secret: str = field(repr=False)


def create_client(
    session: Session,
    *,
    actor: Actor,
    client_id: str,
    name: str,
    scopes: Sequence[str],
    dealer_id: int | None = None,
    client_secret: str | None = None,
) -> NewClient:
    """Create the client; without `client_secret` it gets a random one.

    Raises Invalid with every fault, Conflict ``duplicate`` for an identifier that is taken.
    """
    actor.require(IdentityRight.ADMINISTER)
    name = plain_name(name)
    faults = _faults(client_id, name, scopes, dealer_id)
    if faults:
        raise Invalid(faults=faults)
    secret = client_secret or new_secret()
    number = session.execute(
        insert(ApiClient)
        .values(
            client_id=client_id,
            secret_hash=hash_secret(secret),
            name=name,
            scopes=list(scopes),
            dealer_id=dealer_id,
        )
        .returning(ApiClient.id)
    ).scalar_one()
    record(
        session,
        IdentityAction.CLIENT_CREATED,
        f"client:{number}",
        actor=actor,
        dealer_id=dealer_id,
        after={"scopes": list(scopes)},
    )
    return NewClient(number, client_id, secret)


def _faults(client_id: str, name: str, scopes: Sequence[str], dealer_id: int | None) -> list[Fault]:
    faults = []
    if not _IDENTIFIER.fullmatch(client_id) or client_id == PORTAL:
        faults.append(
            Fault(
                "/client_id",
                "client_id",
                N_("An identifier has 3 to 64 lower-case letters, digits, dots, dashes or underscores."),
            )
        )
    faults += name_faults("/name", name)
    if not scopes or not scopes_allowed(registry().every_right, of_dealer=dealer_id is not None).issuperset(
        scopes
    ):
        faults.append(
            Fault(
                "/scopes",
                "scopes",
                N_("These scopes do not fit: clients of a dealer and of headquarters have different ones."),
            )
        )
    return faults
