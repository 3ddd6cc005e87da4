"""What company sign-in adds to the portal: providers of both sides, and coming in by them."""

from __future__ import annotations

from portal.identity.vocabulary import IdentityRight
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry, Personal
from portal.providers.vocabulary import SECRET, ProviderAction, ProviderState

CAPABILITY = Capability(
    name="providers",
    models="portal.providers.models",
    at_rest=(SECRET,),
    pages={
        Audience.EVERYBODY: ("portal.blueprints.company_sign_in",),
        Audience.DEALERS: ("portal.blueprints.providers",),
        Audience.STAFF: ("backoffice.blueprints.providers",),
    },
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.OPERATION,
            "providers.index",
            N_("Company sign-in"),
            "login",
            (IdentityRight.PEOPLE,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.OPERATION,
            "hq_providers.index",
            N_("Company sign-in"),
            "login",
            (IdentityRight.ADMINISTER,),
        ),
    ),
    statuses={
        "provider": {
            ProviderState.DRAFT: Look(N_("Being set up"), "amber", "clock"),
            ProviderState.ON: Look(N_("On"), "green", "circle-check"),
            ProviderState.OFF: Look(N_("Off"), "grey", "ban"),
        },
    },
    actions=ProviderAction,
    refusals={
        "pk_provider_domain": Conflict(
            "domain_taken",
            N_("One of these domains belongs to another company sign-in."),
        ),
        "uq_provider_account_user": Conflict(
            "linked_already", N_("This account is linked to a company sign-in already.")
        ),
        "TL106": Conflict("other_side", N_("This account does not belong to this company sign-in.")),
        "TL107": Conflict("other_side", N_("This domain does not belong to this company sign-in.")),
    },
    owned={"company-sign-in": "provider"},
    personal=(
        Personal(
            "provider_account",
            (
                "subject",
                "linked_at",
                "signed_in_at",
            ),
            "user_id",
        ),
        Personal("identity_provider", ("handle",), "rules_by"),
    ),
)
