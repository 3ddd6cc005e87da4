"""What identity adds to the portal: signing in, the own account, the API's documentation."""

from __future__ import annotations

from portal.identity.client_rules import ClientState
from portal.identity.rules import Role
from portal.identity.vocabulary import IdentityAction, IdentityRight
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Chapter, Job, Look, MenuEntry

CHAPTER = Chapter("identity", N_("Identity"))

CAPABILITY = Capability(
    name="identity",
    models="portal.identity.models",
    pages={
        Audience.EVERYBODY: (
            "portal.blueprints.issuer",
            "portal.blueprints.account",
            "portal.blueprints.end_session",
            "portal.blueprints.well_known",
            "portal.blueprints.api.docs",
        ),
        Audience.DEALERS: ("portal.blueprints.api_clients",),
        Audience.STAFF: ("backoffice.blueprints.api_clients",),
    },
    resources=("portal.blueprints.api.me", "portal.blueprints.api.api_clients"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.OPERATION,
            "api_clients.index",
            N_("API clients"),
            "device-desktop",
            (IdentityRight.CLIENTS,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.OPERATION,
            "api_clients_desk.index",
            N_("API clients"),
            "device-desktop",
            (IdentityRight.ADMINISTER,),
        ),
    ),
    rights={
        IdentityRight.ADMINISTER: frozenset({Role.ADMINISTRATOR}),
        IdentityRight.CLIENTS: frozenset({Role.DEALER_OWNER}),
    },
    statuses={
        "api client": {
            ClientState.ACTIVE: Look(N_("Active"), "green", "circle-check"),
            ClientState.CHANGING: Look(N_("Two secrets"), "amber", "clock"),
            ClientState.REVOKED: Look(N_("Revoked"), "grey", "ban"),
        }
    },
    actions=IdentityAction,
    owned={"api-clients": "api client"},
    help={Audience.DEALERS: ("api",), Audience.STAFF: ("api",)},
)
