"""What rebates add to the portal."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    Audience,
    Capability,
    Chapter,
    FileOwner,
    Finder,
    Job,
    Look,
    MenuEntry,
    Recurring,
    Topic,
)
from portal.kernel.proposal_life import ProposalState
from portal.rebates.ask_simulation import SIMULATE
from portal.rebates.facts import OWNER_KIND, require_fact_reader
from portal.rebates.find import find_programmes
from portal.rebates.publish_programme import RECKON
from portal.rebates.rules import FactState
from portal.rebates.simulated_past import SimulationState
from portal.rebates.vocabulary import RebateAction, RebateRight
from portal.rebates.waiting import work

CHAPTER = Chapter("rebates", N_("Rebates"))

_STATES: dict[str, Look] = {
    ProposalState.DRAFT: Look(N_("Draft"), "grey", "file-pencil"),
    ProposalState.SUBMITTED: Look(N_("To be approved"), "amber", "clock"),
    ProposalState.APPROVED: Look(N_("Approved"), "blue", "circle-check"),
    ProposalState.PUBLISHED: Look(N_("Published"), "green", "circle-check"),
    ProposalState.WITHDRAWN: Look(N_("Withdrawn"), "grey", "history"),
}

CAPABILITY = Capability(
    name="rebates",
    models="portal.rebates.models",
    pages={
        Audience.DEALERS: (
            "portal.blueprints.own_rebates",
            "portal.blueprints.rebate_what_if",
            "portal.blueprints.cart_rebates",
        ),
        Audience.STAFF: (
            "backoffice.blueprints.rebates",
            "backoffice.blueprints.rebate_accruals",
            "backoffice.blueprints.rebate_simulations",
            "backoffice.blueprints.rebate_amendments",
            "backoffice.blueprints.rebate_facts",
        ),
    },
    resources=(
        "portal.blueprints.api.rebates",
        "backoffice.api.rebates",
        "backoffice.api.rebate_accruals",
        "backoffice.api.rebate_simulations",
        "backoffice.api.rebate_amendments",
        "backoffice.api.rebate_facts",
    ),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.ORDERING,
            "own_rebates.index",
            N_("Rebates"),
            "percentage",
            (RebateRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.PRICING,
            "rebates.index",
            N_("Rebates"),
            "percentage",
            (RebateRight.PROPOSE, RebateRight.APPROVE),
        ),
    ),
    rights={
        RebateRight.READ: frozenset({Role.DEALER_BUYER, Role.DEALER_FINANCE, Role.DEALER_OWNER}),
        RebateRight.PROPOSE: frozenset({Role.CHANNEL_MANAGER}),
        RebateRight.APPROVE: frozenset({Role.CHANNEL_MANAGER, Role.HQ_FINANCE}),
    },
    statuses={
        "rebate programme document": _STATES,
        "rebate simulation": {
            SimulationState.WAITING: Look(N_("Waiting"), "grey", "hourglass"),
            SimulationState.RUNNING: Look(N_("Under way"), "blue", "clock"),
            SimulationState.DONE: Look(N_("Done"), "green", "circle-check"),
            SimulationState.FAILED: Look(N_("Failed"), "red", "alert-circle"),
        },
        "rebate amendment": _STATES,
        "rebate fact": {
            FactState.STATED: Look(N_("To be confirmed"), "amber", "clock"),
            FactState.CONFIRMED: Look(N_("Confirmed"), "green", "circle-check"),
            FactState.REFUSED: Look(N_("Refused"), "red", "ban"),
        },
        "rebate programme": {
            **{str(state): look for state, look in _STATES.items() if state is not ProposalState.PUBLISHED},
            "coming": Look(N_("To begin"), "blue", "calendar"),
            "running": Look(N_("Running"), "green", "circle-check"),
            "over": Look(N_("Over"), "grey", "history"),
            "amending": Look(N_("Being amended"), "amber", "edit"),
        },
    },
    actions=RebateAction,
    topics={RECKON: Topic("jobs.rebates.published"), SIMULATE: Topic("jobs.rebates.simulate")},
    schedule=(Recurring("jobs.rebates.reckon", every=timedelta(minutes=2)),),
    help={Audience.STAFF: ("rebates",), Audience.DEALERS: ("rebates",)},
    work=work,
    finders=(
        Finder(
            Audience.STAFF,
            N_("Rebates"),
            "percentage",
            (RebateRight.PROPOSE, RebateRight.APPROVE),
            find_programmes,
        ),
    ),
    lists=(
        "rebate-programmes",
        "rebate-lines",
        "rebate-dealers",
        "rebate-dealer-lines",
        "simulated-dealers",
        "rebate-facts",
    ),
    file_owners={OWNER_KIND: FileOwner(require_fact_reader)},
    refusals={
        "TL050": Conflict(
            "programme_published", N_("A published programme never changes; withdraw it and make a new one.")
        ),
        "TL055": Conflict(
            "decided", N_("A published amendment or a decided fact never changes; write a new one.")
        ),
        "ix_rebate_amendment_day": Conflict(
            "same_day", N_("Another amendment holds from this day on, or shall.")
        ),
    },
)
