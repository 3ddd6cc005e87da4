"""The people of the caller's dealer."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.people import (
    DeactivationBody,
    InvitationShape,
    InviteBody,
    PeopleQuery,
    PersonPage,
    PersonShape,
    RolesBody,
)
from portal.identity import people
from portal.identity.invite_person import Wanted, invite_person
from portal.identity.manage_person import change_roles, deactivate_person
from portal.identity.manifest import CHAPTER
from portal.identity.people import InvitationRow, PersonRow
from portal.identity.vocabulary import IdentityRight
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.web.api.operations import Answer, operation
from portal.web.request import current_actor, issuing_session, portal

MINE = (IdentityRight.PEOPLE,)


@operation(
    "GET",
    "/users",
    tag=CHAPTER,
    rights=MINE,
    query=PeopleQuery,
    answers=PersonPage,
    summary=N_("People of the dealer"),
    about=N_("By name, those who are deactivated too."),
)
def index(query: PeopleQuery) -> dict[str, Any]:
    return people_page(query)


@operation(
    "POST",
    "/users",
    tag=CHAPTER,
    rights=MINE,
    body=InviteBody,
    answers=InvitationShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Invite somebody"),
    about=N_("A letter with a link is sent; the account begins when it is used. The link is good once."),
)
def create(body: InviteBody) -> Answer:
    wanted = Wanted(body.email, body.name, body.roles, current_actor().dealer_id, locale=body.locale)
    return invited(wanted)


@operation(
    "POST",
    "/users/<person>/roles",
    tag=CHAPTER,
    rights=MINE,
    body=RolesBody,
    answers=PersonShape,
    conflicts=True,
    summary=N_("Give and take roles"),
    about=N_("It counts from the next request on. The last owner stays one."),
)
def roles(person: str, body: RolesBody) -> dict[str, Any]:
    session = issuing_session()
    user_id = people.opened_person(session, person)
    change_roles(session, actor=current_actor(), user_id=user_id, roles=body.roles)
    return found(user_id)


@operation(
    "POST",
    "/users/<person>/deactivation",
    tag=CHAPTER,
    rights=MINE,
    body=DeactivationBody,
    answers=PersonShape,
    conflicts=True,
    summary=N_("Deactivate somebody"),
    about=N_("Every session and token of the person ends. The last owner stays."),
)
def deactivation(person: str, body: DeactivationBody) -> dict[str, Any]:
    return deactivated(person, body)


def people_page(query: PeopleQuery, side: str = "") -> dict[str, Any]:
    """A page of the people whom the caller manages."""
    page = people.people(
        issuing_session(),
        actor=current_actor(),
        q=(query.q or "").strip(),
        side=side,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_person(row) for row in page.items], "next_cursor": page.next_cursor}


def invited(wanted: Wanted, known_regions: list[int] | None = None) -> Answer:
    """Invite somebody, and what the invitation is."""
    session, actor, at = issuing_session(), current_actor(), clock.now()
    portal().limits.spend(portal().settings.invitation_rate, "invitations", actor.key)
    number = invite_person(
        session,
        actor=actor,
        wanted=wanted,
        known_regions=known_regions or (),
        hours=portal().settings.invitation_hours,
        at=at,
    )
    return Answer(_invitation(people.invitation_row(session, actor=actor, invitation_id=number, at=at)), 201)


def deactivated(person: str, body: DeactivationBody) -> dict[str, Any]:
    """Deactivate somebody, and what they are then."""
    session = issuing_session()
    user_id = people.opened_person(session, person)
    deactivate_person(
        session,
        actor=current_actor(),
        user_id=user_id,
        reason=body.reason,
        successor_id=people.opened_person(session, body.successor) if body.successor else None,
        at=clock.now(),
    )
    return found(user_id)


def found(user_id: int) -> dict[str, Any]:
    """One of the people whom the caller manages."""
    return _person(people.person_row(issuing_session(), actor=current_actor(), user_id=user_id))


def _person(row: PersonRow) -> dict[str, Any]:
    return {
        "id": row.key,
        "email": row.email,
        "name": row.name,
        "roles": list(row.roles),
        "dealer": row.dealer_code or None,
        "state": row.state,
        "signed_in_at": row.signed_in_at,
        "created_at": row.created_at,
    }


def _invitation(row: InvitationRow) -> dict[str, Any]:
    return {
        "id": row.key,
        "email": row.email,
        "name": row.name,
        "roles": list(row.roles),
        "dealer": row.dealer_code or None,
        "state": row.state,
        "expires_at": row.expires_at,
    }
