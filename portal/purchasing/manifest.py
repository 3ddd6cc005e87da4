"""What purchasing adds to the portal: how a dealer's own people and systems come to an order."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import DEALER_ROLES, Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    Audience,
    Capability,
    Event,
    Job,
    Look,
    MenuEntry,
    Personal,
    Recurring,
    Topic,
)
from portal.orders.vocabulary import OrderRight
from portal.purchasing.rules import DraftState, Outcome
from portal.purchasing.vocabulary import PurchasingAction, PurchasingRight
from portal.purchasing.waiting import work

CAPABILITY = Capability(
    name="purchasing",
    models="portal.purchasing.models",
    pages={
        Audience.DEALERS: (
            "portal.blueprints.order_templates",
            "portal.blueprints.order_drafts",
            "portal.blueprints.recurring_orders",
            "portal.blueprints.approval_amounts",
        ),
        Audience.STAFF: ("backoffice.blueprints.on_behalf",),
    },
    resources=("portal.blueprints.api.order_templates", "portal.blueprints.api.order_drafts"),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.ORDERING,
            "order_templates.index",
            N_("Order templates"),
            "list-check",
            (OrderRight.WRITE,),
        ),
        MenuEntry(
            Audience.DEALERS,
            Job.ORDERING,
            "order_drafts.index",
            N_("Drafts and approvals"),
            "file-pencil",
            (OrderRight.WRITE, PurchasingRight.APPROVE),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "on_behalf.index",
            N_("Order for a dealer"),
            "file-pencil",
            (OrderRight.DESK,),
        ),
    ),
    rights={PurchasingRight.APPROVE: frozenset({Role.DEALER_OWNER})},
    statuses={
        "order draft": {
            DraftState.OPEN: Look(N_("Draft"), "grey", "file-pencil"),
            DraftState.WAITING: Look(N_("To be approved"), "amber", "clock"),
            DraftState.PLACED: Look(N_("Order placed"), "green", "circle-check"),
            DraftState.REJECTED: Look(N_("Not approved"), "red", "circle-x"),
            DraftState.TAKEN: Look(N_("Taken over"), "grey", "history"),
            DraftState.DISCARDED: Look(N_("Discarded"), "grey", "ban"),
        },
        "recurring run": {
            Outcome.PLACED: Look(N_("Order placed"), "green", "circle-check"),
            Outcome.WAITING: Look(N_("To be approved"), "amber", "clock"),
            Outcome.DRAFTED: Look(N_("Draft"), "blue", "file-pencil"),
            Outcome.SKIPPED: Look(N_("Skipped"), "red", "alert-circle"),
        },
    },
    actions=PurchasingAction,
    tells={
        "order_draft.waiting": Event(
            N_("Orders to approve"), Audience.DEALERS, frozenset({Role.DEALER_OWNER})
        ),
        "order_draft.rejected": Event(N_("Own orders not approved"), Audience.DEALERS, DEALER_ROLES),
        "recurring_order.run": Event(
            N_("Recurring orders"), Audience.DEALERS, frozenset({Role.DEALER_BUYER})
        ),
    },
    topics={
        "order_draft.waiting": Topic("jobs.purchasing.draft_waiting"),
        "order_draft.rejected": Topic("jobs.purchasing.draft_rejected"),
        "recurring_order.run": Topic("jobs.purchasing.recurring_run"),
    },
    schedule=(Recurring("jobs.purchasing.run_recurring_orders", every=timedelta(minutes=15)),),
    refusals={
        "fk_recurring_order_dealer_id_template_id": Conflict(
            "template_in_use",
            N_("A recurring order is made from this template."),
            fix=N_("Remove the recurring order first."),
        ),
        "uq_order_draft_dealer_id_made_by_request_key": Conflict(
            "asked_meanwhile", N_("The same order has just been sent a second time.")
        ),
    },
    owned={
        "order-templates": "order template",
        "order-drafts": "order draft",
        "recurring-orders": "recurring order",
    },
    work=work,
    help={Audience.DEALERS: ("purchasing",)},
    personal=(
        Personal(
            "recurring_order",
            (
                "number",
                "rhythm",
                "day",
                "made_at",
            ),
            "user_id",
        ),
    ),
)
