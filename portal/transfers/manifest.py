"""What transfers add to the portal: goods go from one warehouse to another."""

from __future__ import annotations

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry
from portal.transfers.rules import Outcome, TransferState
from portal.transfers.vocabulary import TransferAction, TransferRight
from portal.transfers.waiting import work

CAPABILITY = Capability(
    name="transfers",
    models="portal.transfers.models",
    pages={Audience.STAFF: ("backoffice.blueprints.transfers", "backoffice.blueprints.transfer_draft")},
    resources=("backoffice.api.transfers",),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "transfers.index",
            N_("Transfers"),
            "arrows-exchange",
            (TransferRight.TRANSFER,),
        ),
    ),
    rights={TransferRight.TRANSFER: frozenset({Role.ORDER_DESK})},
    statuses={
        "transfer": {
            TransferState.DRAFT: Look(N_("Draft"), "grey", "file-pencil"),
            TransferState.IN_TRANSIT: Look(N_("In transit"), "teal", "truck"),
            TransferState.DIFFERING: Look(N_("Units missing"), "amber", "alert-triangle"),
            TransferState.RECEIVED: Look(N_("Received"), "green", "checks"),
            TransferState.CANCELLED: Look(N_("Cancelled"), "grey", "ban"),
        },
        "transferred units": {
            Outcome.RECEIVED: Look(N_("Received"), "green", "check"),
            Outcome.DAMAGED: Look(N_("Damaged"), "amber", "alert-triangle"),
            Outcome.FOUND: Look(N_("Found later"), "teal", "search"),
            Outcome.LOST: Look(N_("Lost"), "red", "ban"),
        },
    },
    actions=TransferAction,
    refusals={
        "ck_stock_transfer_line_within_quantity": Conflict(
            "transfer_state", N_("The transfer has just been received by somebody else.")
        ),
    },
    lists=("transfers",),
    work=work,
    help={Audience.STAFF: ("transfers",)},
)
