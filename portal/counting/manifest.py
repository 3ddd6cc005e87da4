"""What counting adds to the portal: what lies in a warehouse is counted, and differences are posted."""

from __future__ import annotations

from portal.counting.rules import CountState, Standing
from portal.counting.vocabulary import CountingAction, CountingRight
from portal.counting.waiting import work
from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry

CAPABILITY = Capability(
    name="counting",
    models="portal.counting.models",
    pages={Audience.STAFF: ("backoffice.blueprints.counting",)},
    resources=("backoffice.api.stock_counts",),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "counting.index",
            N_("Stock counts"),
            "list-check",
            (CountingRight.COUNT, CountingRight.APPROVE),
        ),
    ),
    rights={
        CountingRight.COUNT: frozenset({Role.ORDER_DESK}),
        CountingRight.APPROVE: frozenset({Role.ORDER_DESK}),
    },
    statuses={
        "stock count": {
            CountState.COUNTING: Look(N_("Being counted"), "blue", "clock"),
            CountState.RECOUNTING: Look(N_("Second count"), "violet", "history"),
            CountState.SUBMITTED: Look(N_("To be approved"), "amber", "hourglass"),
            CountState.APPROVED: Look(N_("Approved"), "green", "checks"),
            CountState.REJECTED: Look(N_("Rejected"), "red", "ban"),
            CountState.CANCELLED: Look(N_("Cancelled"), "grey", "ban"),
        },
        "standing": {
            Standing.SALEABLE: Look(N_("For sale"), "green", "check"),
            Standing.INSPECTING: Look(N_("In inspection"), "blue", "clipboard-check"),
            Standing.QUARANTINED: Look(N_("In quarantine"), "amber", "alert-triangle"),
        },
    },
    actions=CountingAction,
    refusals={
        "uq_stock_count_line_open": Conflict(
            "counted_elsewhere",
            N_("Some of it is being counted in another count."),
            fix=N_("Finish that count first, or choose other goods."),
        ),
    },
    lists=("stock-counts",),
    work=work,
    help={Audience.STAFF: ("counting",)},
)
