"""What budgets and activities add to the portal."""

from __future__ import annotations

from portal.budgets.decide_activity import DECIDED
from portal.budgets.rules import ActivityState, BudgetState, ProposalState, UseState
from portal.budgets.vocabulary import BudgetAction, BudgetRight
from portal.budgets.waiting import work
from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Event, Job, Look, MenuEntry, Topic
from portal.notifications.rules import ByMail
from portal.rebates.vocabulary import RebateRight

_PROPOSERS = frozenset({Role.CHANNEL_MANAGER, Role.HQ_FINANCE})

CAPABILITY = Capability(
    name="budgets",
    models="portal.budgets.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.activities",),
        Audience.STAFF: ("backoffice.blueprints.activities", "backoffice.blueprints.budgets"),
    },
    resources=("portal.blueprints.api.activities", "backoffice.api.activities", "backoffice.api.budgets"),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.ORDERING,
            "activities.index",
            N_("Activities"),
            "calendar",
            (RebateRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.PRICING,
            "activities_desk.index",
            N_("Activities"),
            "calendar",
            (BudgetRight.DECIDE, BudgetRight.PROPOSE),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.PRICING,
            "budgets.index",
            N_("Budgets"),
            "cash",
            (BudgetRight.PROPOSE, BudgetRight.APPROVE),
        ),
    ),
    rights={
        BudgetRight.PLAN: frozenset({Role.DEALER_BUYER, Role.DEALER_OWNER}),
        BudgetRight.DECIDE: frozenset({Role.CHANNEL_MANAGER}),
        BudgetRight.PROPOSE: _PROPOSERS,
        BudgetRight.APPROVE: _PROPOSERS,
    },
    statuses={
        "activity": {
            ActivityState.DRAFT: Look(N_("Draft"), "grey", "file-pencil"),
            ActivityState.SUBMITTED: Look(N_("To be approved"), "amber", "clock"),
            ActivityState.RETURNED: Look(N_("To be completed"), "amber", "edit"),
            ActivityState.APPROVED: Look(N_("Approved"), "green", "circle-check"),
            ActivityState.REJECTED: Look(N_("Rejected"), "red", "ban"),
            ActivityState.WITHDRAWN: Look(N_("Withdrawn"), "grey", "x"),
            ActivityState.CLOSED: Look(N_("Ended"), "grey", "history"),
        },
        "budget": {
            BudgetState.PROPOSED: Look(N_("To be approved"), "amber", "clock"),
            BudgetState.OPEN: Look(N_("May be drawn on"), "green", "circle-check"),
            BudgetState.REJECTED: Look(N_("Rejected"), "red", "ban"),
        },
        "budget standing": {
            "waits": Look(N_("To be approved"), "amber", "clock"),
            "over": Look(N_("Nearly used up"), "red", "alert-triangle"),
            "under": Look(N_("Hardly used"), "amber", "clock"),
            "even": Look(N_("As planned"), "green", "circle-check"),
            "rejected": Look(N_("Rejected"), "grey", "ban"),
        },
        "budget proposal": {
            ProposalState.WAITING: Look(N_("To be approved"), "amber", "clock"),
            ProposalState.APPROVED: Look(N_("Approved"), "green", "circle-check"),
            ProposalState.REJECTED: Look(N_("Rejected"), "red", "ban"),
        },
        "budget use": {
            UseState.RESERVED: Look(N_("Reserved"), "blue", "clock"),
            UseState.SPENT: Look(N_("Spent"), "green", "circle-check"),
            UseState.RELEASED: Look(N_("Given back"), "grey", "x"),
        },
    },
    actions=BudgetAction,
    tells={
        "activity.submitted": Event(
            N_("Activities to decide on"), Audience.STAFF, frozenset({Role.CHANNEL_MANAGER}), ByMail.DIGEST
        ),
        "activity.decided": Event(N_("Activities decided"), Audience.DEALERS, frozenset({Role.DEALER_BUYER})),
    },
    topics={DECIDED: Topic("jobs.activities.decided")},
    refusals={
        "ck_rebate_budget_within": Conflict(
            "budget_exhausted", N_("No money is left for this."), fix=N_("Talk to your channel manager.")
        ),
        "ck_budget_use_amount": Conflict(
            "budget_exhausted",
            N_("The approved amount of your activity is used up."),
            fix=N_("Claim less, or plan another activity."),
        ),
        "uq_budget_proposal_waiting": Conflict(
            "proposal_waits",
            N_("Another amount waits for a decision already."),
            fix=N_("Decide on that one first."),
        ),
        "uq_rebate_budget_programme_id": Conflict(
            "has_budget", N_("This programme has a budget already."), fix=N_("Change the amount of that one.")
        ),
        "TL051": Conflict("proposal_decided", N_("What was decided about a budget never changes.")),
        "TL052": Conflict("activity_stands", N_("What was submitted stands as it is until it comes back.")),
    },
    owned={"activities": "activity"},
    lists=("activities", "activities-desk", "budgets", "budget-uses"),
    work=work,
    help={Audience.STAFF: ("budgets",), Audience.DEALERS: ("budgets",)},
)
