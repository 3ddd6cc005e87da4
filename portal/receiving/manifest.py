"""What receiving adds to the portal: purchase orders, goods receipts, acceptance."""

from __future__ import annotations

from portal.identity.rules import Role
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry, Personal
from portal.receiving.rules import PurchaseState, ReceiptState
from portal.receiving.vocabulary import ReceivingAction, ReceivingRight
from portal.receiving.waiting import work

CAPABILITY = Capability(
    name="receiving",
    models="portal.receiving.models",
    pages={
        Audience.STAFF: (
            "backoffice.blueprints.receipts",
            "backoffice.blueprints.purchases",
            "backoffice.blueprints.acceptance",
        )
    },
    resources=("backoffice.api.receiving", "backoffice.api.purchases"),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "receipts.index",
            N_("Goods receipts"),
            "package",
            (ReceivingRight.RECEIVE, ReceivingRight.ACCEPT),
        ),
    ),
    rights={
        ReceivingRight.RECEIVE: frozenset({Role.ORDER_DESK}),
        ReceivingRight.ACCEPT: frozenset({Role.ORDER_DESK, Role.QUALITY}),
    },
    statuses={
        "goods receipt": {
            ReceiptState.INSPECTING: Look(N_("In inspection"), "amber", "clock"),
            ReceiptState.ACCEPTED: Look(N_("Passed acceptance"), "green", "circle-check"),
            ReceiptState.PARTLY_REFUSED: Look(N_("Partly refused"), "violet", "alert-triangle"),
            ReceiptState.REFUSED: Look(N_("Goods refused"), "red", "ban"),
        },
        "purchase order": {
            PurchaseState.OPEN: Look(N_("Open"), "blue", "clock"),
            PurchaseState.PARTLY_RECEIVED: Look(N_("Partly received"), "amber", "truck"),
            PurchaseState.RECEIVED: Look(N_("Received"), "green", "checks"),
        },
    },
    actions=ReceivingAction,
    lists=("goods-receipts", "purchase-orders", "acceptance-records"),
    help={Audience.STAFF: ("receiving",)},
    work=work,
    personal=(
        Personal("acceptance_record", ("supplier_contact",)),
        Personal("supplier", ("contact",)),
    ),
)
