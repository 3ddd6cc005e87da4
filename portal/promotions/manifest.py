"""What promotions add to the portal."""

from __future__ import annotations

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry
from portal.kernel.proposal_life import ProposalState
from portal.pricing.vocabulary import PriceRight
from portal.promotions.vocabulary import PromotionAction, PromotionRight
from portal.promotions.waiting import work

_STATES: dict[str, Look] = {
    ProposalState.DRAFT: Look(N_("Draft"), "grey", "file-pencil"),
    ProposalState.SUBMITTED: Look(N_("To be approved"), "amber", "clock"),
    ProposalState.APPROVED: Look(N_("Approved"), "blue", "circle-check"),
    ProposalState.PUBLISHED: Look(N_("Published"), "green", "circle-check"),
    ProposalState.WITHDRAWN: Look(N_("Withdrawn"), "grey", "history"),
}

CAPABILITY = Capability(
    name="promotions",
    models="portal.promotions.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.own_promotions",),
        Audience.STAFF: ("backoffice.blueprints.promotions",),
    },
    resources=("portal.blueprints.api.promotions", "backoffice.api.promotions"),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.ORDERING,
            "own_promotions.index",
            N_("Promotions"),
            "gift",
            (PriceRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.PRICING,
            "promotions.index",
            N_("Promotions"),
            "gift",
            (PromotionRight.PROPOSE, PromotionRight.APPROVE),
        ),
    ),
    rights={
        PromotionRight.PROPOSE: frozenset({Role.CHANNEL_MANAGER}),
        PromotionRight.APPROVE: frozenset({Role.CHANNEL_MANAGER}),
    },
    statuses={
        "promotion document": _STATES,
        # What was published is shown as it stands: to begin, running, over.
        "promotion": {
            **{str(state): look for state, look in _STATES.items() if state is not ProposalState.PUBLISHED},
            "coming": Look(N_("To begin"), "blue", "calendar"),
            "running": Look(N_("Running"), "green", "circle-check"),
            "over": Look(N_("Over"), "grey", "history"),
        },
    },
    actions=PromotionAction,
    help={Audience.STAFF: ("promotions",)},
    work=work,
    lists=("promotions", "promotion-dealers", "promotion-products"),
    refusals={
        "ck_promotion_budget_spent": Conflict(
            "budget_spent", N_("The budget of a promotion has just been spent by other orders.")
        ),
        "ck_promotion_dealer_spent": Conflict(
            "cap_spent", N_("You have just reached your limit in a promotion with another order.")
        ),
        "TL020": Conflict("promotion_published", N_("A published promotion never changes; make a new one.")),
    },
)
