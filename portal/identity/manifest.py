"""What identity adds to the portal: signing in, people, the own account, the API's documentation."""

from __future__ import annotations

from portal.identity.client_rules import ClientState
from portal.identity.invite_person import INVITED
from portal.identity.people_rules import InvitationState
from portal.identity.reset_password import ASKED
from portal.identity.rules import Role
from portal.identity.standing_in_rules import Standing
from portal.identity.vocabulary import SECOND_FACTORS, SIGNING_KEYS, IdentityAction, IdentityRight
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Chapter, Job, Look, MenuEntry, Personal, Topic

CHAPTER = Chapter("identity", N_("Identity"))

CAPABILITY = Capability(
    name="identity",
    models="portal.identity.models",
    at_rest=(SIGNING_KEYS, SECOND_FACTORS),
    pages={
        Audience.EVERYBODY: (
            "portal.blueprints.issuer",
            "portal.blueprints.account",
            "portal.blueprints.account_links",
            "portal.blueprints.end_session",
            "portal.blueprints.well_known",
            "portal.blueprints.api.docs",
        ),
        Audience.SIGNED_IN: ("portal.blueprints.security", "portal.blueprints.standing_in"),
        Audience.DEALERS: (
            "portal.blueprints.people",
            "portal.blueprints.custom_roles",
            "portal.blueprints.api_clients",
            "portal.blueprints.consents",
        ),
        Audience.STAFF: (
            "backoffice.blueprints.people",
            "backoffice.blueprints.custom_roles",
            "backoffice.blueprints.api_clients",
        ),
    },
    resources=(
        "portal.blueprints.api.me",
        "portal.blueprints.api.people",
        "backoffice.api.people",
        "portal.blueprints.api.custom_roles",
        "portal.blueprints.api.standing_in",
        "backoffice.api.standing_in",
        "portal.blueprints.api.api_clients",
    ),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS, Job.OPERATION, "people.index", N_("People"), "users", (IdentityRight.PEOPLE,)
        ),
        MenuEntry(
            Audience.DEALERS,
            Job.OPERATION,
            "api_clients.index",
            N_("API clients"),
            "device-desktop",
            (IdentityRight.CLIENTS,),
        ),
        MenuEntry(
            Audience.DEALERS,
            Job.OPERATION,
            "consents.index",
            N_("Acting for us"),
            "users",
            (IdentityRight.PEOPLE,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.OPERATION,
            "hq_people.index",
            N_("People"),
            "users",
            (IdentityRight.ADMINISTER,),
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
        IdentityRight.PEOPLE: frozenset({Role.DEALER_OWNER}),
        IdentityRight.CLIENTS: frozenset({Role.DEALER_OWNER}),
    },
    statuses={
        "person": {
            "active": Look(N_("Active"), "green", "circle-check"),
            "deactivated": Look(N_("Deactivated"), "grey", "ban"),
        },
        "invitation": {
            InvitationState.OPEN: Look(N_("Waiting"), "blue", "mail"),
            InvitationState.EXPIRED: Look(N_("Too old"), "orange", "clock"),
            InvitationState.ACCEPTED: Look(N_("Accepted"), "green", "circle-check"),
            InvitationState.REVOKED: Look(N_("Revoked"), "grey", "ban"),
        },
        "standing in": {
            Standing.COMING: Look(N_("Not begun"), "blue", "calendar-check"),
            Standing.IN_FORCE: Look(N_("In force"), "green", "circle-check"),
            Standing.ENDED: Look(N_("Ended"), "grey", "check"),
            Standing.REVOKED: Look(N_("Revoked"), "grey", "ban"),
        },
        "api client": {
            ClientState.ACTIVE: Look(N_("Active"), "green", "circle-check"),
            ClientState.CHANGING: Look(N_("Two secrets"), "amber", "clock"),
            ClientState.REVOKED: Look(N_("Revoked"), "grey", "ban"),
        },
    },
    actions=IdentityAction,
    topics={
        INVITED: Topic("jobs.people.send_invitation", is_letter=True),
        ASKED: Topic("jobs.people.send_reset", is_letter=True),
    },
    refusals={
        "uq_invitation_open": Conflict(
            "invited_already", N_("This address is invited already. Send that invitation again.")
        ),
        "uq_custom_role_name": Conflict(
            "name_taken", N_("There is a role of this name already."), fix=N_("Choose another name.")
        ),
    },
    owned={
        "people": "person",
        "users": "person",
        "invitations": "invitation",
        "roles": "custom role",
        "api-clients": "api client",
        "settings/acting": "consent",
        "acting/delegations": "delegation",
        "consents": "consent",
    },
    help={Audience.DEALERS: ("api",), Audience.STAFF: ("api",)},
    personal=(
        Personal(
            "user_account",
            (
                "email",
                "display_name",
                "locale",
                "roles",
                "region_ids",
                "all_regions",
                "created_at",
                "disabled_at",
                "has_second_factor",
            ),
            "id",
        ),
        Personal(
            "invitation",
            (
                "email",
                "display_name",
                "locale",
                "roles",
                "invited_by_label",
                "sent_at",
                "accepted_at",
            ),
            "user_id",
        ),
        Personal(
            "user_session",
            (
                "created_at",
                "expires_at",
                "ended_at",
                "device",
                "network",
                "used_at",
            ),
            "user_id",
        ),
        Personal(
            "sign_in",
            (
                "at",
                "device",
                "network",
            ),
            "user_id",
        ),
        Personal(
            "second_factor",
            (
                "kind",
                "label",
                "created_at",
                "confirmed_at",
                "used_at",
            ),
            "user_id",
        ),
        Personal("recovery_code", ("user_id",), "user_id"),
        Personal(
            "factor_attempt",
            (
                "failures",
                "free_at",
            ),
            "user_id",
        ),
        Personal("sign_in_step", ("expires_at",), "user_id"),
        Personal(
            "password_reset",
            (
                "created_at",
                "expires_at",
                "used_at",
            ),
            "user_id",
        ),
        Personal(
            "authorization_code",
            (
                "client_id",
                "scope",
                "auth_time",
            ),
            "user_id",
        ),
        Personal(
            "refresh_token",
            (
                "client_id",
                "scope",
                "expires_at",
                "used_at",
                "revoked_at",
            ),
            "user_id",
        ),
        Personal(
            "staff_region",
            (
                "region_id",
                "valid_from",
                "valid_to",
                "reason",
            ),
            "user_id",
        ),
        Personal(
            "delegation",
            (
                "giver_label",
                "taker_label",
                "roles",
                "first_day",
                "last_day",
                "reason",
            ),
            "giver_id",
        ),
        Personal(
            "delegation",
            (
                "giver_label",
                "taker_label",
                "roles",
                "first_day",
                "last_day",
                "reason",
            ),
            "taker_id",
        ),
        Personal(
            "acting_consent",
            (
                "staff_mail",
                "staff_role",
                "roles",
                "valid_from",
                "valid_to",
                "reason",
            ),
            "given_by",
        ),
        Personal("refused_attempt", ("network",)),
    ),
)
