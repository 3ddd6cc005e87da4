"""API clients of the caller's dealer; for headquarters its own and those of every dealer in its regions."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from portal.blueprints.api.schemas.api_clients import (
    ClientBody,
    ClientPage,
    ClientPatch,
    ClientShape,
    ClientsQuery,
    NewClientShape,
    RevokedClient,
    RotationBody,
)
from portal.dealers.queries import dealer_id_of
from portal.identity.change_client import change_client, end_former_secret, revoke_client, rotate_secret
from portal.identity.client_queries import ClientRow, client_of, listed_clients
from portal.identity.create_client import NewClient, Wanted, create_client
from portal.identity.manifest import CHAPTER
from portal.identity.vocabulary import IdentityRight
from portal.kernel import clock
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.web.api.operations import Answer, operation
from portal.web.request import current_actor, current_session, issuing_session
from portal.web.webhook_address import may_be_plain

KEEPERS = (IdentityRight.CLIENTS, IdentityRight.ADMINISTER)


@operation(
    "GET",
    "/api-clients",
    tag=CHAPTER,
    rights=KEEPERS,
    query=ClientsQuery,
    answers=ClientPage,
    summary=N_("API clients"),
    about=N_("With their scopes, networks and last use. Headquarters sees those of dealers too."),
)
def index(query: ClientsQuery) -> dict[str, Any]:
    page = listed_clients(
        current_session(),
        actor=current_actor(),
        dealer=query.dealer,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_client(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/api-clients",
    tag=CHAPTER,
    rights=KEEPERS,
    body=ClientBody,
    answers=NewClientShape,
    status=201,
    located="/api-clients/{id}",
    conflicts=True,
    summary=N_("Create an API client"),
    about=N_(
        "A program gives no scope that it does not have itself. The secret is told in this answer alone, so "
        "no key repeats it: what is made twice is revoked."
    ),
)
def create(body: ClientBody) -> Answer:
    made = create_client(
        issuing_session(),
        actor=current_actor(),
        wanted=Wanted(
            body.name, body.scopes, body.networks, _as_text(body.jwks), body.jwks_uri, may_be_plain()
        ),
        dealer_id=_dealer_id(body.dealer),
        at=clock.now(),
    )
    return Answer(_with_secret(made), 201)


@operation(
    "GET",
    "/api-clients/<client_id>",
    tag=CHAPTER,
    rights=KEEPERS,
    answers=ClientShape,
    summary=N_("One API client"),
    about=N_("Its secret is told nowhere: only a hash of it is kept."),
)
def show(client_id: str) -> dict[str, Any]:
    return _client(client_of(current_session(), actor=current_actor(), client_id=client_id))


@operation(
    "PATCH",
    "/api-clients/<client_id>",
    tag=CHAPTER,
    rights=KEEPERS,
    body=ClientPatch,
    answers=ClientShape,
    conflicts=True,
    summary=N_("Change an API client"),
    about=N_(
        "What is left out stays. Scopes and networks count at once; other keys end the tokens got by the old."
    ),
)
def change(client_id: str, body: ClientPatch) -> dict[str, Any]:
    found = client_of(current_session(), actor=current_actor(), client_id=client_id)
    other_keys = body.jwks is not None or body.jwks_uri is not None
    kept = (_as_text(found.keys), found.keys_url or "")
    keys, keys_url = (_as_text(body.jwks), body.jwks_uri or "") if other_keys else kept
    change_client(
        issuing_session(),
        actor=current_actor(),
        client_id=client_id,
        revision=body.revision,
        wanted=Wanted(
            found.name if body.name is None else body.name,
            found.scopes if body.scopes is None else body.scopes,
            found.networks if body.networks is None else body.networks,
            keys,
            keys_url,
            may_be_plain(),
        ),
    )
    return _client(_now(client_id))


@operation(
    "DELETE",
    "/api-clients/<client_id>",
    tag=CHAPTER,
    rights=KEEPERS,
    answers=RevokedClient,
    summary=N_("Revoke an API client"),
    about=N_("For good. What it holds is refused within seconds."),
)
def revoke(client_id: str) -> dict[str, Any]:
    revoke_client(issuing_session(), actor=current_actor(), client_id=client_id, at=clock.now())
    return {"id": client_id}


@operation(
    "POST",
    "/api-clients/<client_id>/rotation",
    tag=CHAPTER,
    rights=KEEPERS,
    body=RotationBody,
    answers=NewClientShape,
    conflicts=True,
    summary=N_("Change the secret of an API client"),
    about=N_(
        "Both secrets are good for a day, or as long as is said, 30 days at most; tokens end with the secret "
        "by which they were got."
    ),
)
def rotate(client_id: str, body: RotationBody) -> dict[str, Any]:
    at = clock.now()
    overlap = timedelta(hours=body.overlap_hours) if body.former_until is None else body.former_until - at
    made = rotate_secret(
        issuing_session(), actor=current_actor(), client_id=client_id, overlap=overlap, at=at
    )
    return _with_secret(made)


@operation(
    "DELETE",
    "/api-clients/<client_id>/former-secret",
    tag=CHAPTER,
    rights=KEEPERS,
    answers=ClientShape,
    summary=N_("End the secret before the last change"),
    about=N_("At once, and the tokens that were got by it."),
)
def end_former(client_id: str) -> dict[str, Any]:
    end_former_secret(issuing_session(), actor=current_actor(), client_id=client_id)
    return _client(_now(client_id))


def _dealer_id(code: str | None) -> int | None:
    actor = current_actor()
    if not actor.is_staff or code is None:
        return actor.dealer_id
    try:
        return dealer_id_of(current_session(), code)
    except NotFound:
        message = N_("There is no such dealer.")
        raise Invalid(faults=[Fault("/dealer", "unknown_dealer", message)]) from None


def _as_text(keys: dict[str, Any] | None) -> str:
    return "" if keys is None else json.dumps(keys)


def _now(client_id: str) -> ClientRow:
    """As it is after what this request has done."""
    return client_of(issuing_session(), actor=current_actor(), client_id=client_id)


def _with_secret(made: NewClient) -> dict[str, Any]:
    return {**_client(_now(made.client_id)), "client_secret": made.client_secret or None}


def _client(found: ClientRow) -> dict[str, Any]:
    at = clock.now()
    state = found.state(at)
    return {
        "id": found.client_id,
        "client_id": found.client_id,
        "name": found.name,
        "dealer": found.dealer,
        "scopes": sorted(found.scopes),
        "networks": found.networks,
        "method": found.method,
        "key_ids": found.key_ids,
        "jwks_uri": found.keys_url,
        "state": str(state),
        "former_secret_until": found.former_until if found.former_until and found.former_until > at else None,
        "last_used_at": found.last_used_at,
        "last_used_from": found.last_used_from,
        "created_at": found.created_at,
        "created_by": found.created_by_label,
        "revoked_at": found.disabled_at,
        "revision": found.revision,
    }
