"""What the settlement of rebates adds to the portal."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Emitted,
    Finder,
    Job,
    Look,
    MenuEntry,
    Recurring,
    Topic,
)
from portal.ledger.vocabulary import LedgerRight
from portal.rebates.vocabulary import RebateRight
from portal.settlements.find import find_notes
from portal.settlements.rules import RunState, SettlementKind
from portal.settlements.run import SETTLE
from portal.settlements.vocabulary import SettlementAction, SettlementRight
from portal.settlements.waiting import work

CAPABILITY = Capability(
    name="settlements",
    models="portal.settlements.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.rebate_statement",),
        Audience.STAFF: ("backoffice.blueprints.settlements", "backoffice.blueprints.rebate_notes"),
    },
    resources=("portal.blueprints.api.settlements", "backoffice.api.settlements"),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.MONEY,
            "settlements.index",
            N_("Rebate settlements"),
            "percentage",
            (SettlementRight.SETTLE, RebateRight.PROPOSE),
        ),
    ),
    rights={SettlementRight.SETTLE: frozenset({Role.HQ_FINANCE})},
    statuses={
        "rebate run": {
            RunState.PROPOSED: Look(N_("Waits for approval"), "amber", "hourglass"),
            RunState.APPROVED: Look(N_("Under way"), "blue", "clock"),
            RunState.REJECTED: Look(N_("Rejected"), "grey", "circle-x"),
            RunState.SETTLED: Look(N_("Settled with notes"), "green", "circle-check"),
        },
        "rebate settlement": {
            SettlementKind.PROVISIONAL: Look(N_("Advance"), "amber", "clock"),
            SettlementKind.FINAL: Look(N_("Settlement"), "green", "circle-check"),
            SettlementKind.ADJUSTMENT: Look(N_("Adjustment of a settled period"), "blue", "history"),
        },
    },
    actions=SettlementAction,
    refusals={
        "uq_rebate_run_open": Conflict(
            "run_open", N_("A settlement of this period is under way already."), fix=N_("Wait for its end.")
        ),
        "uq_rebate_settlement_final": Conflict(
            "already_settled", N_("This period is settled already; nothing is paid twice.")
        ),
        "uq_rebate_settlement_source": Conflict(
            "already_settled", N_("This period is settled already; nothing is paid twice.")
        ),
    },
    topics={SETTLE: Topic("jobs.settlements.settle"), "rebate.settled": TOLD},
    emits={
        "rebate.settled": Emitted(
            N_("A rebate was settled"), (RebateRight.READ,), ("/rebates/settlements", "/rebates/settlements")
        )
    },
    schedule=(
        Recurring("jobs.settlements.use_kept", every=timedelta(minutes=2)),
        Recurring("jobs.settlements.resume", every=timedelta(minutes=5)),
        Recurring("jobs.settlements.print_notes", every=timedelta(minutes=1)),
        Recurring("jobs.settlements.liability", every=timedelta(hours=2)),
    ),
    work=work,
    finders=(
        Finder(Audience.DEALERS, N_("Rebate notes"), "percentage", (RebateRight.READ,), find_notes),
        Finder(
            Audience.STAFF,
            N_("Rebate notes"),
            "percentage",
            (SettlementRight.SETTLE, RebateRight.PROPOSE, LedgerRight.READ),
            find_notes,
        ),
    ),
    lists=("rebate-runs", "rebate-run-dealers", "rebate-settlements"),
    owned={"rebate-notes": "rebate note", "notes": "rebate note"},
    help={Audience.STAFF: ("rebates",), Audience.DEALERS: ("rebates",)},
)
