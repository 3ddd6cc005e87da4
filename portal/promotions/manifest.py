"""What promotions add to the portal."""

from __future__ import annotations

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Capability, Look
from portal.promotions.vocabulary import PromotionAction, PromotionRight

CAPABILITY = Capability(
    name="promotions",
    models="portal.promotions.models",
    resources=("portal.blueprints.api.promotions", "backoffice.api.promotions"),
    rights={
        PromotionRight.PROPOSE: frozenset({Role.CHANNEL_MANAGER}),
        PromotionRight.APPROVE: frozenset({Role.CHANNEL_MANAGER}),
    },
    statuses={
        "promotion": {
            "draft": Look(N_("Draft"), "grey", "file-pencil"),
            "submitted": Look(N_("To be approved"), "amber", "clock"),
            "approved": Look(N_("Approved"), "blue", "circle-check"),
            "published": Look(N_("Published"), "green", "circle-check"),
            "coming": Look(N_("To begin"), "blue", "calendar-time"),
            "running": Look(N_("Running"), "green", "circle-check"),
            "over": Look(N_("Over"), "grey", "history"),
            "withdrawn": Look(N_("Withdrawn"), "grey", "history"),
        },
    },
    actions=PromotionAction,
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
