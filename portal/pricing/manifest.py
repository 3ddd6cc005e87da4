"""What prices add to the portal: price policies, quotes."""

from __future__ import annotations

from portal.feed.reached import reached_by_policy
from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Emitted,
    Event,
    Finder,
    Job,
    Look,
    MenuEntry,
    Personal,
)
from portal.notifications.rules import ByMail
from portal.pricing.find import find_policies
from portal.pricing.life import PolicyState
from portal.pricing.vocabulary import PriceAction, PriceRight
from portal.pricing.waiting import work

CAPABILITY = Capability(
    name="pricing",
    models="portal.pricing.models",
    pages={
        Audience.STAFF: (
            "backoffice.blueprints.policies",
            "backoffice.blueprints.policy_acts",
            "backoffice.blueprints.price_lookup",
            "backoffice.blueprints.price_lists",
            "backoffice.blueprints.policy_sheet",
            "backoffice.blueprints.floor_prices",
            "backoffice.blueprints.policy_files",
            "backoffice.blueprints.policy_diff",
        )
    },
    resources=(
        "portal.blueprints.api.price_quotes",
        "backoffice.api.policies",
        "backoffice.api.policy_life",
        "backoffice.api.floor_prices",
    ),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.PRICING,
            "policies.index",
            N_("Price policies"),
            "tags",
            (PriceRight.POLICIES, PriceRight.APPROVE),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.PRICING,
            "price_lookup.index",
            N_("Price lookup"),
            "search",
            (PriceRight.POLICIES, PriceRight.APPROVE),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.PRICING,
            "floor_prices.index",
            N_("Floor prices"),
            "lock",
            (PriceRight.POLICIES, PriceRight.APPROVE),
        ),
    ),
    rights={
        PriceRight.READ: frozenset({Role.DEALER_BUYER, Role.DEALER_FINANCE, Role.DEALER_OWNER}),
        PriceRight.POLICIES: frozenset({Role.CHANNEL_MANAGER}),
        PriceRight.APPROVE: frozenset({Role.CHANNEL_MANAGER}),
    },
    statuses={
        "policy": {
            PolicyState.DRAFT: Look(N_("Draft"), "grey", "file-pencil"),
            PolicyState.SUBMITTED: Look(N_("To approve"), "amber", "hourglass"),
            PolicyState.APPROVED: Look(N_("Approved"), "blue", "checks"),
            PolicyState.PUBLISHED: Look(N_("Published"), "green", "circle-check"),
            PolicyState.SUPERSEDED: Look(N_("Superseded"), "grey", "history"),
            PolicyState.WITHDRAWN: Look(N_("Withdrawn"), "red", "ban"),
        },
    },
    tells={
        "policy.submitted": Event(
            N_("Price policies to approve"), Audience.STAFF, frozenset({Role.CHANNEL_MANAGER}), ByMail.DIGEST
        ),
    },
    actions=PriceAction,
    topics={"price_policy.published": TOLD},
    emits={
        "price_policy.published": Emitted(
            N_("A price policy was published"),
            (PriceRight.READ,),
            ("/notices/{notice}", None),
            addressed=reached_by_policy,
        )
    },
    refusals={
        "TL004": Conflict(
            "policy_published", N_("What is submitted or published never changes; make a new version.")
        ),
        "ck_price_rule_values": Conflict("no_price", N_("A rule has to leave a price above ¥0.00.")),
    },
    work=work,
    lists=("policies", "floor-prices", "dealer-prices", "changed-prices"),
    finders=(Finder(Audience.STAFF, N_("Price policies"), "tags", (PriceRight.POLICIES,), find_policies),),
    help={Audience.DEALERS: ("pricing",), Audience.STAFF: ("pricing",)},
    personal=(
        Personal(
            "price_policy",
            (
                "number",
                "version",
                "created_at",
            ),
            "created_by",
        ),
        Personal(
            "price_policy",
            (
                "number",
                "version",
                "published_at",
            ),
            "published_by",
        ),
    ),
)
