"""What dealers add to the portal: who they are, and what their rights rest on."""

from __future__ import annotations

from portal.dealers.find import find_dealers
from portal.dealers.rules import DealerState, TierChangeState
from portal.dealers.vocabulary import DealerAction, DealerRight
from portal.dealers.waiting import work
from portal.identity.rules import STAFF_ROLES, Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Finder, Job, Look, MenuEntry, Personal

CAPABILITY = Capability(
    name="dealers",
    models="portal.dealers.models",
    pages={Audience.STAFF: ("backoffice.blueprints.dealers", "backoffice.blueprints.tier_changes")},
    resources=("backoffice.api.tier_changes",),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.PARTNERS,
            "dealers.index",
            N_("Dealers"),
            "building-store",
            (DealerRight.HEADQUARTERS,),
        ),
    ),
    rights={
        DealerRight.HEADQUARTERS: STAFF_ROLES,
        DealerRight.TIERS: frozenset({Role.CHANNEL_MANAGER}),
        DealerRight.CONTACTS: frozenset(
            {Role.CHANNEL_MANAGER, Role.ORDER_DESK, Role.SERVICE_DESK, Role.TECHNICIAN}
        ),
    },
    actions=DealerAction,
    refusals={
        "TL112": Conflict("not_agreed", N_("Tiers change only as two people agreed.")),
        "TL113": Conflict("decided", N_("Somebody has decided on this meanwhile.")),
        "uq_dealer_tier_change_waiting": Conflict(
            "waits_already", N_("Another tier of this dealer waits for a decision.")
        ),
    },
    statuses={
        "tier change": {
            TierChangeState.WAITING: Look(N_("To be approved"), "amber", "hourglass"),
            TierChangeState.APPROVED: Look(N_("Approved"), "green", "circle-check"),
            TierChangeState.REJECTED: Look(N_("Rejected"), "grey", "circle-x"),
            TierChangeState.WITHDRAWN: Look(N_("Withdrawn"), "grey", "x"),
        },
        "dealer": {
            DealerState.ACTIVE: Look(N_("Active"), "green", "circle-check"),
            DealerState.SUSPENDED: Look(N_("Suspended"), "red", "ban"),
            DealerState.CLOSED: Look(N_("Account closed"), "red", "circle-x"),
        },
    },
    owned={"dealers": "dealer", "tier-changes": "tier change"},
    work=work,
    lists=("dealers",),
    finders=(
        Finder(Audience.STAFF, N_("Dealers"), "building-store", (DealerRight.HEADQUARTERS,), find_dealers),
    ),
    personal=(
        Personal(
            "dealer",
            (
                "address",
                "contact_name",
                "contact_phone",
            ),
        ),
        Personal(
            "dealer_address",
            (
                "contact_name",
                "contact_phone",
            ),
        ),
    ),
)
