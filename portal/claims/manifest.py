"""What rebate claims add to the portal: what dealers ask for, and how headquarters decides on it."""

from __future__ import annotations

from datetime import timedelta

from portal.claims.decide_claim import DECIDED
from portal.claims.evidence import OWNER_KIND
from portal.claims.find import find_claims
from portal.claims.life import ClaimState
from portal.claims.read_files import READERS, require_reader
from portal.claims.remind import REMINDER
from portal.claims.rules import ChangeState
from portal.claims.vocabulary import ClaimAction, ClaimRight
from portal.claims.waiting import work
from portal.identity.rules import STAFF_ROLES, Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    Audience,
    Capability,
    Chapter,
    Emitted,
    Event,
    FileOwner,
    Finder,
    Job,
    Look,
    MenuEntry,
    Personal,
    Recurring,
    Topic,
)
from portal.notifications.rules import ByMail
from portal.rebates.vocabulary import RebateRight

CHAPTER = Chapter("claims", N_("Rebate claims"))

CAPABILITY = Capability(
    name="claims",
    models="portal.claims.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.own_claims",),
        Audience.STAFF: ("backoffice.blueprints.claims", "backoffice.blueprints.claim_signing"),
    },
    resources=("portal.blueprints.api.claims", "backoffice.api.claims", "backoffice.api.claim_chains"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(Audience.DEALERS, Job.ORDERING, "own_claims.index", N_("Rebate claims"), "cash", READERS),
        MenuEntry(
            Audience.STAFF,
            Job.PRICING,
            "claims_desk.index",
            N_("Rebate claims"),
            "clipboard-check",
            (ClaimRight.MANAGE, ClaimRight.FINANCE),
        ),
    ),
    rights={
        ClaimRight.WRITE: frozenset({Role.DEALER_FINANCE, Role.DEALER_OWNER}),
        ClaimRight.MANAGE: frozenset({Role.CHANNEL_MANAGER}),
        ClaimRight.FINANCE: frozenset({Role.HQ_FINANCE}),
    },
    statuses={
        "rebate claim": {
            ClaimState.DRAFT: Look(N_("Draft"), "grey", "file-pencil"),
            ClaimState.SUBMITTED: Look(N_("Submitted"), "amber", "clock"),
            ClaimState.IN_APPROVAL: Look(N_("In approval"), "blue", "clock"),
            ClaimState.RETURNED: Look(N_("To be completed"), "violet", "edit"),
            ClaimState.APPROVED: Look(N_("Approved"), "green", "circle-check"),
            ClaimState.PAID: Look(N_("Paid"), "green", "checks"),
            ClaimState.REJECTED: Look(N_("Rejected"), "red", "ban"),
            ClaimState.WITHDRAWN: Look(N_("Withdrawn"), "grey", "x"),
        },
        "claim chain change": {
            ChangeState.WAITING: Look(N_("To be approved"), "amber", "clock"),
            ChangeState.APPROVED: Look(N_("Approved"), "green", "circle-check"),
            ChangeState.REJECTED: Look(N_("Rejected"), "red", "ban"),
        },
    },
    actions=ClaimAction,
    tells={
        "claim.submitted": Event(
            N_("Rebate claims handed in"), Audience.STAFF, frozenset({Role.CHANNEL_MANAGER}), ByMail.DIGEST
        ),
        "claim.decided": Event(
            N_("Rebate claims decided"), Audience.DEALERS, frozenset({Role.DEALER_FINANCE})
        ),
        "claim.waiting": Event(N_("Rebate claims to sign"), Audience.STAFF, STAFF_ROLES),
    },
    topics={
        DECIDED: Topic("jobs.claims.decided"),
        REMINDER: Topic("jobs.claims.reminder"),
    },
    emits={
        DECIDED: Emitted(
            N_("A rebate claim was approved, returned or rejected"),
            (RebateRight.READ, ClaimRight.WRITE),
            ("/rebates/claims/{number}", "/rebates/claims/{number}"),
        )
    },
    schedule=(Recurring("jobs.claims.announce_reminders", every=timedelta(hours=1)),),
    refusals={
        "uq_rebate_claim_period": Conflict(
            "already_claimed", N_("This period is claimed already."), fix=N_("Open that claim instead.")
        ),
        "uq_rebate_claim_step_place": Conflict("not_waiting", N_("This claim does not wait for a decision.")),
        "uq_claim_chain_change_waiting": Conflict(
            "proposal_waits", N_("Other steps wait for a decision already."), fix=N_("Decide on those first.")
        ),
        "TL063": Conflict("decided", N_("A decided change of a chain never changes; propose another.")),
        "TL053": Conflict("claim_decided", N_("A claim that is decided never changes.")),
        "TL054": Conflict("claim_submitted", N_("What a submitted claim rests on stays as it is.")),
    },
    owned={"claims": "rebate claim"},
    lists=("rebate-claims", "claims-desk"),
    work=work,
    finders=(
        Finder(Audience.DEALERS, N_("Rebate claims"), "cash", READERS, find_claims),
        Finder(
            Audience.STAFF,
            N_("Rebate claims"),
            "clipboard-check",
            (ClaimRight.MANAGE, ClaimRight.FINANCE),
            find_claims,
        ),
    ),
    file_owners={OWNER_KIND: FileOwner(require_reader)},
    help={Audience.STAFF: ("claims",), Audience.DEALERS: ("claims",)},
    personal=(
        Personal(
            "claim_delegation",
            (
                "from_label",
                "to_label",
                "from_day",
                "to_day",
                "reason",
            ),
            "from_user_id",
        ),
        Personal(
            "claim_delegation",
            (
                "from_label",
                "to_label",
                "from_day",
                "to_day",
                "reason",
            ),
            "to_user_id",
        ),
    ),
)
