"""Roles that the caller's dealer, or headquarters, composes itself."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.custom_roles import DeletedRole, RoleBody, RoleChange, RoleList, RoleShape
from portal.identity.custom_role_queries import OwnRole, own_role, own_roles
from portal.identity.custom_roles import change_role, compose_role, delete_role
from portal.identity.manifest import CHAPTER
from portal.identity.vocabulary import IdentityRight
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.web.api.operations import Answer, operation
from portal.web.request import current_actor, issuing_session

COMPOSERS = (IdentityRight.PEOPLE, IdentityRight.ADMINISTER)


@operation(
    "GET",
    "/roles",
    tag=CHAPTER,
    rights=COMPOSERS,
    answers=RoleList,
    summary=N_("Roles that the side composed"),
    about=N_("Built-in roles are not among them."),
)
def index() -> dict[str, Any]:
    return {"items": [_role(one) for one in own_roles(issuing_session(), actor=current_actor())]}


@operation(
    "POST",
    "/roles",
    tag=CHAPTER,
    rights=COMPOSERS,
    body=RoleBody,
    answers=RoleShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Compose a role"),
    about=N_("Out of rights of the own side that the caller has. It is given as built-in roles are."),
)
def create(body: RoleBody) -> Answer:
    code = compose_role(
        issuing_session(),
        actor=current_actor(),
        name=body.name,
        rights=body.rights,
        told_as=body.told_as,
        at=clock.now(),
    )
    return Answer(_found(code), 201)


@operation(
    "POST",
    "/roles/<role_code>",
    tag=CHAPTER,
    rights=COMPOSERS,
    body=RoleChange,
    answers=RoleShape,
    conflicts=True,
    summary=N_("Change a role that the side composed"),
    about=N_("It counts for everybody who has it, from their next request on."),
)
def change(role_code: str, body: RoleChange) -> dict[str, Any]:
    change_role(
        issuing_session(),
        actor=current_actor(),
        code=role_code,
        name=body.name,
        rights=body.rights,
        told_as=body.told_as,
        revision=body.revision,
    )
    return _found(role_code)


@operation(
    "DELETE",
    "/roles/<role_code>",
    tag=CHAPTER,
    rights=COMPOSERS,
    answers=DeletedRole,
    conflicts=True,
    summary=N_("Delete a role that the side composed"),
    about=N_("Refused while somebody has it or is invited to it."),
)
def delete(role_code: str) -> dict[str, Any]:
    delete_role(issuing_session(), actor=current_actor(), code=role_code)
    return {"code": role_code}


def _found(code: str) -> dict[str, Any]:
    return _role(own_role(issuing_session(), actor=current_actor(), code=code))


def _role(found: OwnRole) -> dict[str, Any]:
    return {
        "code": found.code,
        "name": found.name,
        "rights": list(found.rights),
        "told_as": list(found.told_as),
        "people": found.people,
        "revision": found.revision,
        "created_at": found.created_at,
        "created_by": found.created_by_label,
    }
