"""The people of headquarters and of every dealer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.blueprints.api import people as calls
from portal.blueprints.api.schemas.people import (
    DeactivationBody,
    HqInviteBody,
    HqPeopleQuery,
    HqRegionBody,
    HqRegionEndBody,
    HqRolesBody,
    InvitationShape,
    PersonPage,
    PersonShape,
)
from portal.dealers.queries import dealer_id_of, regions_in_scope
from portal.identity import people
from portal.identity.invite_person import Wanted
from portal.identity.manage_person import change_roles
from portal.identity.staff_regions import end_region, give_region
from portal.identity.vocabulary import IdentityRight
from portal.kernel.errors import N_
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, issuing_session

OURS = (IdentityRight.ADMINISTER,)
_NO_REGION = -1


@operation(
    "GET",
    "/hq/users",
    tag=HEADQUARTERS,
    rights=OURS,
    query=HqPeopleQuery,
    answers=PersonPage,
    summary=N_("People of headquarters and of dealers"),
    about=N_("By name, those who are deactivated too."),
)
def index(query: HqPeopleQuery) -> dict[str, Any]:
    return calls.people_page(query, query.side or "")


@operation(
    "POST",
    "/hq/users",
    tag=HEADQUARTERS,
    rights=OURS,
    body=HqInviteBody,
    answers=InvitationShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Invite somebody to headquarters or to a dealer"),
    about=N_("As POST /users."),
)
def create(body: HqInviteBody) -> Answer:
    dealer_id = None if body.dealer is None else dealer_id_of(current_session(), body.dealer)
    known = _regions()
    chosen = _ids(body.regions, known)
    wanted = Wanted(body.email, body.name, body.roles, dealer_id, chosen, body.all_regions, body.locale)
    return calls.invited(wanted, list(known.values()))


@operation(
    "POST",
    "/hq/users/<person>/roles",
    tag=HEADQUARTERS,
    rights=OURS,
    body=HqRolesBody,
    answers=PersonShape,
    conflicts=True,
    summary=N_("Give and take roles of anybody"),
    about=N_("It counts from the next request on. The last administrator stays one."),
)
def roles(person: str, body: HqRolesBody) -> dict[str, Any]:
    session, known = issuing_session(), _regions()
    user_id = people.opened_person(session, person)
    change_roles(
        session,
        actor=current_actor(),
        user_id=user_id,
        roles=body.roles,
        region_ids=_ids(body.regions, known),
        all_regions=body.all_regions,
        known_regions=known.values(),
    )
    return calls.found(user_id)


@operation(
    "POST",
    "/hq/users/<person>/regions",
    tag=HEADQUARTERS,
    rights=OURS,
    body=HqRegionBody,
    answers=PersonShape,
    conflicts=True,
    summary=N_("Let somebody answer for a region from a day on"),
    about=N_("With everything in it; until before another day, if one is said."),
)
def give(person: str, body: HqRegionBody) -> dict[str, Any]:
    session, (at, today) = issuing_session(), now_and_today()
    user_id = people.opened_person(session, person)
    give_region(
        session,
        actor=current_actor(),
        user_id=user_id,
        region=body.region,
        valid_from=body.valid_from or today,
        valid_to=body.valid_to,
        reason=body.reason,
        today=today,
        at=at,
    )
    return calls.found(user_id)


@operation(
    "POST",
    "/hq/users/<person>/regions/end",
    tag=HEADQUARTERS,
    rights=OURS,
    body=HqRegionEndBody,
    answers=PersonShape,
    conflicts=True,
    summary=N_("Let somebody answer for a region no more from a day on"),
    about=N_("Today at the earliest; a region without dates is given this end."),
)
def end(person: str, body: HqRegionEndBody) -> dict[str, Any]:
    session, (at, today) = issuing_session(), now_and_today()
    user_id = people.opened_person(session, person)
    end_region(
        session,
        actor=current_actor(),
        user_id=user_id,
        region=body.region,
        valid_to=body.valid_to or today,
        reason=body.reason,
        today=today,
        at=at,
    )
    return calls.found(user_id)


@operation(
    "POST",
    "/hq/users/<person>/deactivation",
    tag=HEADQUARTERS,
    rights=OURS,
    body=DeactivationBody,
    answers=PersonShape,
    conflicts=True,
    summary=N_("Deactivate anybody"),
    about=N_("As POST /users/{person}/deactivation. The last administrator stays."),
)
def deactivation(person: str, body: DeactivationBody) -> dict[str, Any]:
    return calls.deactivated(person, body)


def _regions() -> dict[str, int]:
    return {region.code: region.id for region in regions_in_scope(current_session(), current_actor())}


def _ids(codes: Sequence[str], known: dict[str, int]) -> tuple[int, ...]:
    return tuple(known.get(code, _NO_REGION) for code in codes)
